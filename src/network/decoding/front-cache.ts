import { createHash } from 'node:crypto';
import type { Checkpoint } from '../checkpoint/checkpoint.js';
import type { Trainable } from '../trainable.js';

/** What all requests of a prompt begin with: keys and values [rows, width] of what it puts in front. */
export interface Front {
  readonly rows: number;
  readonly keyValues: Float32Array;
}

const MOST_BYTES = 256 * 2 ** 20;

/** Fronts by a hash of all that they depend on; each is computed once, whoever asks for it. */
export class FrontCache {
  private readonly fronts = new Map<string, Promise<Front>>();
  private readonly bytes = new Map<string, number>();

  /** @param most bytes that are kept; beyond, the front that was used longest ago is forgotten */
  constructor(private readonly most = MOST_BYTES) {}

  /** Bytes that are kept now. */
  get size(): number {
    let sum = 0;
    for (const size of this.bytes.values()) sum += size;
    return sum;
  }

  has(key: string): boolean {
    return this.fronts.has(key);
  }

  async get(key: string, compute: () => Promise<Front>): Promise<Front> {
    const known = this.fronts.get(key);
    if (known !== undefined) {
      // the last one used comes last
      this.fronts.delete(key);
      this.fronts.set(key, known);
      return known;
    }
    const front = compute();
    this.fronts.set(key, front);
    try {
      this.bytes.set(key, (await front).keyValues.byteLength);
    } catch (error) {
      this.fronts.delete(key);
      throw error;
    }
    this.forget(key);
    return front;
  }

  private forget(kept: string): void {
    let sum = this.size;
    for (const key of this.fronts.keys()) {
      if (sum <= this.most || key === kept) return;
      sum -= this.bytes.get(key) ?? 0;
      this.fronts.delete(key);
      this.bytes.delete(key);
    }
  }
}

/**
 * A hash of all that a front depends on, whatever it is called.
 * @param front the ids that all contexts begin with @param identity tells apart what changes layers, whose numbers alone do
 * not say how
 */
export function frontKey(
  { hash }: Pick<Checkpoint, 'hash'>,
  { trainable, learned }: { readonly trainable: Trainable; readonly learned: Float32Array },
  front: Int32Array,
  identity = 0,
): string {
  const { arrays, rows, leadingRows } = trainable;
  const bytes = (array: Float32Array | Int32Array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  return createHash('sha256')
    .update(JSON.stringify({ hash, arrays, rows, leadingRows, identity, front: front.length }))
    .update(bytes(front))
    .update(bytes(learned))
    .digest('hex');
}
