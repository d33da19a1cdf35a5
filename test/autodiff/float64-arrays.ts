/** Row-major float64 arrays with a shape; int64 indices are kept as float64 too. */
export interface Float64Value {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export const count = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

export const zeros = (shape: readonly number[]): Float64Value => ({ shape, data: new Float64Array(count(shape)) });

/** How far apart neighbours along each axis lie. */
export function strides(shape: readonly number[]): number[] {
  return shape.map((_, axis) => count(shape.slice(axis + 1)));
}

/** The place that each element of `shape`, in row-major order, has in data laid out with these strides. */
export function places(shape: readonly number[], stride: readonly number[]): Int32Array {
  let found = Int32Array.of(0);
  shape.forEach((size, axis) => {
    const finer = new Int32Array(found.length * size);
    for (let i = 0; i < finer.length; i++) finer[i] = found[Math.floor(i / size)]! + (i % size) * stride[axis]!;
    found = finer;
  });
  return found;
}

/** For each element of `to`, the place of the element of `from` that broadcasting repeats there. */
export function broadcastPlaces(from: readonly number[], to: readonly number[]): Int32Array {
  const own = strides(from);
  const added = to.length - from.length;
  const stride = to.map((size, axis) => {
    if (axis < added || from[axis - added] === 1) return 0;
    if (from[axis - added] !== size) throw new RangeError(`[${from}] does not broadcast to [${to}]`);
    return own[axis - added]!;
  });
  return places(to, stride);
}

export function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  const [long, short] = a.length >= b.length ? [a, b] : [b, a];
  const added = long.length - short.length;
  return long.map((size, axis) => (axis < added || size !== 1 ? size : short[axis - added]!));
}

export function mapValue(x: Float64Value, f: (x: number) => number): Float64Value {
  return { shape: x.shape, data: x.data.map(f) };
}

export function combine(a: Float64Value, b: Float64Value, f: (a: number, b: number) => number): Float64Value {
  const y = zeros(broadcastShape(a.shape, b.shape));
  const [inA, inB] = [broadcastPlaces(a.shape, y.shape), broadcastPlaces(b.shape, y.shape)];
  for (let i = 0; i < y.data.length; i++) y.data[i] = f(a.data[inA[i]!]!, b.data[inB[i]!]!);
  return y;
}

/** Applies f to each slice along the last axis. */
export function mapRows(x: Float64Value, f: (row: Float64Array) => Float64Array): Float64Value {
  const y = zeros(x.shape);
  const width = x.shape[x.shape.length - 1]!;
  for (let at = 0; at < x.data.length; at += width) y.data.set(f(x.data.subarray(at, at + width)), at);
  return y;
}
