let table: Uint32Array | undefined;

/** Bits of an IEEE half-precision number → bits of the same number in single precision, for all 65,536 halves. */
export function halfToFloatBits(): Uint32Array {
  table ??= Uint32Array.from({ length: 65536 }, (_, half) => widen(half));
  return table;
}

function widen(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return (sign | 0x7f800000 | (fraction << 13)) >>> 0;
  if (exponent !== 0) return (sign | ((exponent + 112) << 23) | (fraction << 13)) >>> 0;
  if (fraction === 0) return sign >>> 0;
  // A subnormal half is a normal single: its highest set bit becomes the implicit one.
  const shift = Math.clz32(fraction) - 21;
  return (sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13)) >>> 0;
}
