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

/** The nearest half-precision numbers, ties to even; what is too large becomes infinite. */
export function toHalfFloats(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) halves[i] = narrow(bits[i]!);
  return halves;
}

function narrow(float: number): number {
  const sign = (float >>> 16) & 0x8000;
  const magnitude = float & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude >= 0x38800000) return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
  // Subnormal halves are multiples of 2^-24: so many bits of the single's fraction, its implicit one set, lie below that.
  const below = 126 - (magnitude >>> 23);
  if (below > 24) return sign;
  const fraction = (magnitude & 0x7fffff) | 0x800000;
  return sign | ((fraction + 2 ** (below - 1) - 1 + ((fraction >>> below) & 1)) >>> below);
}
