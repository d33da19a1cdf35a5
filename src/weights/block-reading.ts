import { halfToFloatBits } from './half-float.js';

/** Reads half-precision numbers of bytes, by where they begin. */
export function halfReader(bytes: Uint8Array): (at: number) => number {
  const bits = halfToFloatBits();
  const values = new Float32Array(bits.buffer, bits.byteOffset, bits.length);
  return (at) => values[bytes[at]! | (bytes[at + 1]! << 8)]!;
}

/** A byte as a signed number. */
export function int8(byte: number): number {
  return (byte << 24) >> 24;
}
