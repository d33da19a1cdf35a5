import { SoftpromptError } from '../errors.js';
import { type OpenFile, readExactlySync } from '../files/read-bytes.js';

/** A metadata value. 64-bit integers beyond 2^53 are rounded. */
export type GgufValue = number | boolean | string | readonly GgufValue[];

const WINDOW_BYTES = 1 << 20;
const MAX_HEAD_BYTES = 100_000_000;
const MAX_ARRAY_VALUES = 1 << 23;
const MAX_ARRAY_DEPTH = 4;

/** Fixed-size metadata types, by ggml's number (`enum gguf_type`): size in bytes and how to read it. */
const SCALARS: ReadonlyMap<number, readonly [number, (view: DataView, at: number) => number | boolean]> = new Map([
  [0, [1, (view, at) => view.getUint8(at)]],
  [1, [1, (view, at) => view.getInt8(at)]],
  [2, [2, (view, at) => view.getUint16(at, true)]],
  [3, [2, (view, at) => view.getInt16(at, true)]],
  [4, [4, (view, at) => view.getUint32(at, true)]],
  [5, [4, (view, at) => view.getInt32(at, true)]],
  [6, [4, (view, at) => view.getFloat32(at, true)]],
  [7, [1, (view, at) => view.getUint8(at) !== 0]],
  [10, [8, (view, at) => Number(view.getBigUint64(at, true))]],
  [11, [8, (view, at) => Number(view.getBigInt64(at, true))]],
  [12, [8, (view, at) => view.getFloat64(at, true)]],
]);
const STRING = 8;
const ARRAY = 9;

/** Reads the head of a GGUF file from front to end, a window at a time; every length is checked before it is believed. */
export class GgufCursor {
  /** In bytes from the file's start. */
  position = 0;
  private readonly end: number;
  private window = new DataView(new ArrayBuffer(0));
  private windowStart = 0;
  private arrayValues = 0;
  // Vocabularies hold pieces of characters, so text need not be valid UTF-8.
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  constructor(private readonly file: OpenFile) {
    this.end = Math.min(file.size, MAX_HEAD_BYTES);
  }

  uint32(): number {
    const at = this.take(4);
    return this.window.getUint32(at, true);
  }

  uint64(): bigint {
    const at = this.take(8);
    return this.window.getBigUint64(at, true);
  }

  /** A number of things that need at least `bytesEach` bytes each, so that no more can be claimed than the file has. */
  count(things: string, bytesEach: number): number {
    const claimed = this.uint64();
    const possible = Math.floor((this.end - this.position) / bytesEach);
    if (claimed > BigInt(possible)) {
      throw ggufInvalid(this.file.path, `it claims ${claimed} ${things}`, `at most ${possible}, which its size allows`);
    }
    return Number(claimed);
  }

  string(): string {
    const length = this.count('bytes of text', 1);
    const at = this.take(length);
    return this.decoder.decode(new Uint8Array(this.window.buffer, at, length));
  }

  /** A typed metadata value; `key` serves error messages. */
  value(key: string): GgufValue {
    return this.valueOfType(this.uint32(), key, 0);
  }

  private valueOfType(type: number, key: string, depth: number): GgufValue {
    if (type === STRING) return this.string();
    if (type === ARRAY) return this.array(key, depth);
    const [size, read] = this.scalar(type, key);
    const at = this.take(size);
    return read(this.window, at);
  }

  private array(key: string, depth: number): readonly GgufValue[] {
    if (depth === MAX_ARRAY_DEPTH) throw ggufInvalid(this.file.path, `'${key}' nests arrays too deep`, 'plain lists');
    const type = this.uint32();
    // A string takes at least its 8 bytes of length; an array also the 4 of its type.
    const bytesEach = type === STRING ? 8 : type === ARRAY ? 12 : this.scalar(type, key)[0];
    const count = this.count(`values of '${key}'`, bytesEach);
    this.arrayValues += count;
    if (this.arrayValues > MAX_ARRAY_VALUES) {
      throw ggufInvalid(this.file.path, `its metadata lists grow to ${this.arrayValues} values`, `${MAX_ARRAY_VALUES}`);
    }
    const values: GgufValue[] = [];
    for (let i = 0; i < count; i++) values.push(this.valueOfType(type, key, depth + 1));
    return values;
  }

  private scalar(type: number, key: string): readonly [number, (view: DataView, at: number) => number | boolean] {
    const scalar = SCALARS.get(type);
    if (scalar === undefined) throw ggufInvalid(this.file.path, `'${key}' has the type ${type}`, 'a type from 0 to 12');
    return scalar;
  }

  /** Moves past `length` bytes; they begin at the returned place in the window. */
  private take(length: number): number {
    const at = this.position - this.windowStart;
    if (this.position + length > this.end) {
      const reason =
        this.end < this.file.size ? `its head is longer than ${this.end} bytes` : 'it ends within its head';
      throw ggufInvalid(this.file.path, reason, 'metadata and tensor list, complete');
    }
    if (at + length <= this.window.byteLength) {
      this.position += length;
      return at;
    }
    const bytes = Math.min(Math.max(length, WINDOW_BYTES), this.end - this.position);
    this.window = new DataView(readExactlySync(this.file, this.position, bytes).buffer);
    this.windowStart = this.position;
    this.position += length;
    return 0;
  }
}

/** The error for a GGUF file whose content contradicts itself or the format. */
export function ggufInvalid(path: string, found: string, expected: string): SoftpromptError {
  return new SoftpromptError('GGUF_INVALID', {
    found: `${path} is not a valid GGUF file: ${found}`,
    expected,
    fix: 'Download or convert the file again.',
  });
}
