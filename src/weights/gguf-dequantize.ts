import { halfReader, int8 } from './block-reading.js';

/**
 * The block formats of ggml (ggml-common.h, ggml-quants.c). Each decoder reads whole blocks from `bytes` and writes their
 * values to `out`; every product and sum is rounded to single precision as the reference does, so results are bit-equal.
 * d is a block's scale, m its minimum; the low nibbles of a run of bytes come before its high nibbles.
 */
export type BlockDecoder = (bytes: Uint8Array, out: Float32Array) => void;

const { fround } = Math;

/** 32 values in 18 bytes: d, 16 bytes of nibbles. x = d · (q − 8) */
export function decodeQ4_0(bytes: Uint8Array, out: Float32Array): void {
  const half = halfReader(bytes);
  for (let at = 0, o = 0; at < bytes.length; at += 18, o += 32) {
    const d = half(at);
    for (let j = 0; j < 16; j++) {
      const q = bytes[at + 2 + j]!;
      out[o + j] = d * ((q & 15) - 8);
      out[o + 16 + j] = d * ((q >> 4) - 8);
    }
  }
}

/** 32 values in 20 bytes: d, m, 16 bytes of nibbles. x = d · q + m */
export function decodeQ4_1(bytes: Uint8Array, out: Float32Array): void {
  const half = halfReader(bytes);
  for (let at = 0, o = 0; at < bytes.length; at += 20, o += 32) {
    const d = half(at);
    const m = half(at + 2);
    for (let j = 0; j < 16; j++) {
      const q = bytes[at + 4 + j]!;
      out[o + j] = fround(d * (q & 15)) + m;
      out[o + 16 + j] = fround(d * (q >> 4)) + m;
    }
  }
}

/** 32 values in 22 bytes: d, 32 fifth bits, 16 bytes of nibbles. x = d · (q − 16) */
export function decodeQ5_0(bytes: Uint8Array, out: Float32Array): void {
  const half = halfReader(bytes);
  for (let at = 0, o = 0; at < bytes.length; at += 22, o += 32) {
    const d = half(at);
    const high = uint32(bytes, at + 2);
    for (let j = 0; j < 16; j++) {
      const q = bytes[at + 6 + j]!;
      out[o + j] = d * (((q & 15) | (((high >>> j) & 1) << 4)) - 16);
      out[o + 16 + j] = d * (((q >> 4) | (((high >>> (16 + j)) & 1) << 4)) - 16);
    }
  }
}

/** 32 values in 24 bytes: d, m, 32 fifth bits, 16 bytes of nibbles. x = d · q + m */
export function decodeQ5_1(bytes: Uint8Array, out: Float32Array): void {
  const half = halfReader(bytes);
  for (let at = 0, o = 0; at < bytes.length; at += 24, o += 32) {
    const d = half(at);
    const m = half(at + 2);
    const high = uint32(bytes, at + 4);
    for (let j = 0; j < 16; j++) {
      const q = bytes[at + 8 + j]!;
      out[o + j] = fround(d * ((q & 15) | (((high >>> j) & 1) << 4))) + m;
      out[o + 16 + j] = fround(d * ((q >> 4) | (((high >>> (16 + j)) & 1) << 4))) + m;
    }
  }
}

/** 32 values in 34 bytes: d, 32 signed bytes. x = d · q */
export function decodeQ8_0(bytes: Uint8Array, out: Float32Array): void {
  const half = halfReader(bytes);
  for (let at = 0, o = 0; at < bytes.length; at += 34, o += 32) {
    const d = half(at);
    for (let j = 0; j < 32; j++) out[o + j] = d * int8(bytes[at + 2 + j]!);
  }
}

function uint32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}
