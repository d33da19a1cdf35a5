import { halfToFloatBits } from './half-float.js';

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

/**
 * 256 values in 144 bytes: d, dmin, 12 bytes with a 6-bit scale and a 6-bit minimum for each of 8 groups of 32, 128 bytes
 * of nibbles. x = (d · scale) · q − (dmin · minimum)
 */
export function decodeQ4_K(bytes: Uint8Array, out: Float32Array): void {
  const half = halfReader(bytes);
  for (let at = 0, o = 0; at < bytes.length; at += 144, o += 256) {
    const d = half(at);
    const dmin = half(at + 2);
    for (let group = 0; group < 8; group++) {
      const [scale, minimum] = sixBitPair(bytes, at + 4, group);
      const groupScale = fround(d * scale);
      const groupMinimum = fround(dmin * minimum);
      const quants = at + 16 + 32 * (group >> 1);
      const shift = 4 * (group & 1);
      for (let j = 0; j < 32; j++) {
        out[o + 32 * group + j] = fround(groupScale * ((bytes[quants + j]! >> shift) & 15)) - groupMinimum;
      }
    }
  }
}

/**
 * 256 values in 210 bytes: 128 bytes of low nibbles, 64 bytes of high bit pairs, 16 signed scales (one for 16 values), d.
 * x = (d · scale) · (q − 32)
 */
export function decodeQ6_K(bytes: Uint8Array, out: Float32Array): void {
  const half = halfReader(bytes);
  for (let at = 0, o = 0; at < bytes.length; at += 210, o += 256) {
    const d = half(at + 208);
    for (let i = 0; i < 256; i++) {
      const part = i >> 7;
      const low = bytes[at + 64 * part + (i & 63)]! >> (4 * ((i >> 6) & 1));
      const high = bytes[at + 128 + 32 * part + (i & 31)]! >> (2 * ((i >> 5) & 3));
      const q = ((low & 15) | ((high & 3) << 4)) - 32;
      out[o + i] = fround(d * int8(bytes[at + 192 + (i >> 4)]!)) * q;
    }
  }
}

/** Scale and minimum of one group of Q4_K: groups 4 to 7 keep their upper two bits with groups 0 to 3. */
function sixBitPair(bytes: Uint8Array, at: number, group: number): readonly [number, number] {
  if (group < 4) return [bytes[at + group]! & 63, bytes[at + 4 + group]! & 63];
  const low = bytes[at + 4 + group]!;
  return [(low & 15) | ((bytes[at + group - 4]! >> 6) << 4), (low >> 4) | ((bytes[at + group]! >> 6) << 4)];
}

function halfReader(bytes: Uint8Array): (at: number) => number {
  const bits = halfToFloatBits();
  const values = new Float32Array(bits.buffer, bits.byteOffset, bits.length);
  return (at) => values[bytes[at]! | (bytes[at + 1]! << 8)]!;
}

function uint32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

function int8(byte: number): number {
  return (byte << 24) >> 24;
}
