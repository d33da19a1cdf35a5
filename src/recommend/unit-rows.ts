/** The rows of some items at length 1; an item of which nothing is known stays 0 and is like no other. */
export function unitRows(items: Int32Array, vectors: Float32Array, width: number): Float32Array {
  const unit = new Float32Array(items.length * width);
  items.forEach((item, row) => {
    const length = Math.sqrt(innerProduct(vectors, item * width, vectors, item * width, width));
    if (length === 0) return;
    for (let i = 0; i < width; i++) unit[row * width + i] = vectors[item * width + i]! / length;
  });
  return unit;
}

/** Four sums at a time: each addition waits for the one before it. */
export function innerProduct(a: Float32Array, atA: number, b: Float32Array, atB: number, width: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  const whole = width - (width % 4);
  for (let i = 0; i < whole; i += 4) {
    s0 += a[atA + i]! * b[atB + i]!;
    s1 += a[atA + i + 1]! * b[atB + i + 1]!;
    s2 += a[atA + i + 2]! * b[atB + i + 2]!;
    s3 += a[atA + i + 3]! * b[atB + i + 3]!;
  }
  for (let i = whole; i < width; i++) s0 += a[atA + i]! * b[atB + i]!;
  return s0 + s1 + (s2 + s3);
}
