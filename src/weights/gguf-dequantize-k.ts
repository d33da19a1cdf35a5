import { halfReader, int8 } from './block-reading.js';

/**
 * ggml's formats of 256 values a block (ggml-quants.c), each block in groups with scales of their own, and IQ4_NL, whose
 * sixteen values are not evenly spaced. See `gguf-dequantize.ts` for what all decoders keep to.
 */

const { fround } = Math;

/**
 * 84 bytes: 16 groups' scales (low nibble) and minima (high nibble), 64 bytes of bit pairs, d, dmin.
 * x = (d · scale) · q − (dmin · minimum)
 */
export function decodeQ2_K(bytes: Uint8Array, out: Float32Array): void {
  const half = halfReader(bytes);
  for (let at = 0, o = 0; at < bytes.length; at += 84, o += 256) {
    const [d, dmin] = [half(at + 80), half(at + 82)];
    for (let i = 0; i < 256; i++) {
      const group = bytes[at + (i >> 4)]!;
      const q = (bytes[at + 16 + 32 * (i >> 7) + (i & 31)]! >> (2 * ((i >> 5) & 3))) & 3;
      out[o + i] = fround(fround(d * (group & 15)) * q) - fround(dmin * (group >> 4));
    }
  }
}

/**
 * 110 bytes: 32 bytes of third bits (1 takes nothing away, 0 takes 4), 64 bytes of bit pairs, 12 bytes with 16 scales of 6
 * bits, d. x = (d · (scale − 32)) · q
 */
export function decodeQ3_K(bytes: Uint8Array, out: Float32Array): void {
  const half = halfReader(bytes);
  for (let at = 0, o = 0; at < bytes.length; at += 110, o += 256) {
    const d = half(at + 108);
    for (let group = 0; group < 16; group++) {
      const low = (bytes[at + 96 + (group & 7)]! >> (4 * (group >> 3))) & 15;
      const high = (bytes[at + 104 + (group & 3)]! >> (2 * (group >> 2))) & 3;
      const scale = fround(d * ((low | (high << 4)) - 32));
      for (let i = 16 * group; i < 16 * (group + 1); i++) {
        const pair = (bytes[at + 32 + 32 * (i >> 7) + (i & 31)]! >> (2 * ((i >> 5) & 3))) & 3;
        const third = (bytes[at + (i & 31)]! >> (i >> 5)) & 1;
        out[o + i] = scale * (pair - (third === 1 ? 0 : 4));
      }
    }
  }
}

/**
 * 144 bytes: d, dmin, 12 bytes with a 6-bit scale and a 6-bit minimum for each of 8 groups of 32, 128 bytes of nibbles.
 * x = (d · scale) · q − (dmin · minimum)
 */
export function decodeQ4_K(bytes: Uint8Array, out: Float32Array): void {
  decodeGroups(bytes, out, 144, 16, undefined);
}

/** 176 bytes: as Q4_K, with 32 bytes of fifth bits before the nibbles. */
export function decodeQ5_K(bytes: Uint8Array, out: Float32Array): void {
  decodeGroups(bytes, out, 176, 48, 16);
}

/** @param nibbles where they begin in a block @param fifths where the fifth bits do, a bit a group in each byte */
function decodeGroups(bytes: Uint8Array, out: Float32Array, size: number, nibbles: number, fifths: number | undefined) {
  const half = halfReader(bytes);
  for (let at = 0, o = 0; at < bytes.length; at += size, o += 256) {
    const d = half(at);
    const dmin = half(at + 2);
    for (let group = 0; group < 8; group++) {
      const [scale, minimum] = sixBitPair(bytes, at + 4, group);
      const groupScale = fround(d * scale);
      const groupMinimum = fround(dmin * minimum);
      const quants = at + nibbles + 32 * (group >> 1);
      const shift = 4 * (group & 1);
      for (let j = 0; j < 32; j++) {
        const fifth = fifths === undefined ? 0 : ((bytes[at + fifths + j]! >> group) & 1) << 4;
        const q = ((bytes[quants + j]! >> shift) & 15) | fifth;
        out[o + 32 * group + j] = fround(groupScale * q) - groupMinimum;
      }
    }
  }
}

/**
 * 210 bytes: 128 bytes of low nibbles, 64 bytes of high bit pairs, 16 signed scales (one for 16 values), d.
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

/** The values that a nibble of IQ4_NL and IQ4_XS stands for (`kvalues_iq4nl`). */
const UNEVEN = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113] as const;

/** 32 values in 18 bytes: d, 16 bytes of nibbles. x = d · value(q) */
export function decodeIQ4_NL(bytes: Uint8Array, out: Float32Array): void {
  const half = halfReader(bytes);
  for (let at = 0, o = 0; at < bytes.length; at += 18, o += 32) {
    const d = half(at);
    for (let j = 0; j < 16; j++) {
      const q = bytes[at + 2 + j]!;
      out[o + j] = d * UNEVEN[q & 15]!;
      out[o + 16 + j] = d * UNEVEN[q >> 4]!;
    }
  }
}

/**
 * 136 bytes: d, 2 bytes of high bit pairs and 4 bytes of low nibbles of 8 scales, 128 bytes of nibbles, 32 values a scale.
 * x = (d · (scale − 32)) · value(q)
 */
export function decodeIQ4_XS(bytes: Uint8Array, out: Float32Array): void {
  const half = halfReader(bytes);
  for (let at = 0, o = 0; at < bytes.length; at += 136, o += 256) {
    const d = half(at);
    const highs = bytes[at + 2]! | (bytes[at + 3]! << 8);
    for (let group = 0; group < 8; group++) {
      const low = (bytes[at + 4 + (group >> 1)]! >> (4 * (group & 1))) & 15;
      const scale = fround(d * ((low | (((highs >> (2 * group)) & 3) << 4)) - 32));
      for (let j = 0; j < 16; j++) {
        const q = bytes[at + 8 + 16 * group + j]!;
        out[o + 32 * group + j] = scale * UNEVEN[q & 15]!;
        out[o + 32 * group + 16 + j] = scale * UNEVEN[q >> 4]!;
      }
    }
  }
}

/** Scale and minimum of one group of Q4_K and Q5_K: groups 4 to 7 keep their upper two bits with groups 0 to 3. */
function sixBitPair(bytes: Uint8Array, at: number, group: number): readonly [number, number] {
  if (group < 4) return [bytes[at + group]! & 63, bytes[at + 4 + group]! & 63];
  const low = bytes[at + 4 + group]!;
  return [(low & 15) | ((bytes[at + group - 4]! >> 6) << 4), (low >> 4) | ((bytes[at + group]! >> 6) << 4)];
}
