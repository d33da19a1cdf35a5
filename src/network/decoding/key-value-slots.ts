import type { ModelConfig } from '../checkpoint/config.js';

/** The shape of keys and values, of any model. */
type KeyValueShape = Pick<ModelConfig, 'layers' | 'keyValueHeads' | 'headSize'>;

/** Slots grow by so many rows at a time: what is not filled is computed with, too. */
const GROWTH = 64;

/** Numbers of one row: its keys and values of every layer, the keys of layer i at 2i, the values at 2i + 1. */
export function keyValueWidth({ layers, keyValueHeads, headSize }: KeyValueShape): number {
  return layers * 2 * keyValueHeads * headSize;
}

/**
 * The keys and values of several streams, each in a slot: one array a layer for keys and one for values, [slots, KV,
 * capacity, s], so that the first B slots are a batch as they lie.
 */
export class KeyValueSlots {
  /** Rows that a slot has room for. */
  capacity = 0;
  private slots = 0;
  private readonly lengths: number[] = [];
  private arrays: Float32Array[];

  /** @param source of an encoder-decoder: the keys and values of each slot's text, which the decoder looks into */
  constructor(
    private readonly shape: KeyValueShape,
    readonly source?: KeyValueSlots | undefined,
  ) {
    this.arrays = Array.from({ length: 2 * shape.layers }, () => new Float32Array(0));
  }

  length(slot: number): number {
    return this.lengths[slot] ?? 0;
  }

  /** Empties a slot, and makes room for it where there is none. */
  clear(slot: number): void {
    this.reserve(slot + 1, 1);
    this.lengths[slot] = 0;
    this.source?.clear(slot);
  }

  /** Forgets all rows of a slot from `length` on. */
  truncate(slot: number, length: number): void {
    this.lengths[slot] = Math.min(length, this.length(slot));
  }

  /** Adds rows [rows, width] to a slot. @param from the first row of `values` to add */
  append(slot: number, values: Float32Array, rows: number, from = 0): void {
    const { keyValueHeads: KV, headSize: s } = this.shape;
    const start = this.length(slot);
    this.reserve(slot + 1, start + rows);
    const width = keyValueWidth(this.shape);
    for (let row = 0; row < rows; row++) {
      let at = (from + row) * width;
      for (const array of this.arrays) {
        for (let head = 0; head < KV; head++) {
          const place = ((slot * KV + head) * this.capacity + start + row) * s;
          for (let i = 0; i < s; i++) array[place + i] = values[at + i]!;
          at += s;
        }
      }
    }
    this.lengths[slot] = start + rows;
  }

  /** Makes slot `to` what slot `from` is; rows below `same` are so already. */
  copy(from: number, to: number, same = 0): void {
    const { keyValueHeads: KV, headSize: s } = this.shape;
    const length = this.length(from);
    this.source?.copy(from, to);
    this.reserve(to + 1, length);
    for (const array of this.arrays) {
      for (let head = 0; head < KV; head++) {
        const source = (from * KV + head) * this.capacity;
        array.copyWithin(((to * KV + head) * this.capacity + same) * s, (source + same) * s, (source + length) * s);
      }
    }
    this.lengths[to] = length;
  }

  /** Exchanges slots of one text: slot i becomes what slot `parents[i]` was. Rows below `same` are equal in all of them. */
  reorder(parents: readonly number[], same: number): void {
    const before = parents.map((parent) => this.length(parent));
    const moved = parents.map((parent, slot) => (parent === slot ? undefined : this.rowsOf(parent, same)));
    moved.forEach((rows, slot) => {
      if (rows === undefined) return;
      this.truncate(slot, same);
      this.append(slot, rows, before[slot]! - same);
    });
  }

  /** Rows [length − from, width] of a slot. */
  rowsOf(slot: number, from = 0): Float32Array {
    const { keyValueHeads: KV, headSize: s } = this.shape;
    const width = keyValueWidth(this.shape);
    const rows = Math.max(0, this.length(slot) - from);
    const values = new Float32Array(rows * width);
    this.arrays.forEach((array, part) => {
      for (let head = 0; head < KV; head++) {
        for (let row = 0; row < rows; row++) {
          const place = ((slot * KV + head) * this.capacity + from + row) * s;
          values.set(array.subarray(place, place + s), row * width + (part * KV + head) * s);
        }
      }
    });
    return values;
  }

  /** Keys (even parts) and values (odd ones) of slots, [slots, KV, capacity, s]. */
  views(first: number, slots: number): readonly Float32Array[] {
    const size = this.shape.keyValueHeads * this.capacity * this.shape.headSize;
    return this.arrays.map((array) => array.subarray(first * size, (first + slots) * size));
  }

  private reserve(slots: number, rows: number): void {
    if (slots <= this.slots && rows <= this.capacity) return;
    const { keyValueHeads: KV, headSize: s } = this.shape;
    const capacity = rows <= this.capacity ? this.capacity : Math.ceil(rows / GROWTH) * GROWTH;
    const wanted = slots <= this.slots ? this.slots : Math.max(slots, Math.ceil(this.slots * 1.5));
    this.arrays = this.arrays.map((old) => {
      const array = new Float32Array(wanted * KV * capacity * s);
      for (let block = 0; block < this.slots * KV; block++) {
        const length = this.length(Math.floor(block / KV)) * s;
        const from = block * this.capacity * s;
        array.set(old.subarray(from, from + length), block * capacity * s);
      }
      return array;
    });
    this.slots = wanted;
    this.capacity = capacity;
  }
}
