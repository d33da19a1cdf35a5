/** A tensor as a weight file stores it, row-major; linear weights are [out, in]. */
export interface StoredTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** The file format's own name of the number type: `F32`, `BF16`, `I64`, `Q4_K` … */
  readonly dtype: string;
  readonly file: string;
  /** In bytes from the file's start. */
  readonly offset: number;
  readonly byteLength: number;
}

/** Number of values of a shape; 1 for a scalar. */
export function countValues(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Two tensors that share bytes, or undefined. Empty tensors share none. */
export function findOverlap(tensors: Iterable<StoredTensor>): readonly [StoredTensor, StoredTensor] | undefined {
  const sorted = [...tensors].filter((tensor) => tensor.byteLength > 0).sort((a, b) => a.offset - b.offset);
  for (let i = 1; i < sorted.length; i++) {
    const [before, after] = [sorted[i - 1]!, sorted[i]!];
    if (before.offset + before.byteLength > after.offset) return [before, after];
  }
  return undefined;
}
