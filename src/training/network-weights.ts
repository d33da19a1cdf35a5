import { Random } from '../random.js';

/** The weights of a small network by name, each flat and row-major. */
export type NetworkWeights = Readonly<Record<string, Float32Array>>;

/** Shape of a weight and what it is before training. */
export interface WeightSpec {
  readonly shape: readonly number[];
  readonly start:
    | { readonly kind: 'constant'; readonly value: number }
    | { readonly kind: 'normal'; readonly deviation: number }
    /** From −bound to bound. */
    | { readonly kind: 'uniform'; readonly bound: number }
    /** Row p holds sines and cosines of p, of wave lengths from 2π to 20,000π. */
    | { readonly kind: 'waves'; readonly deviation: number };
}

export type WeightSpecs = Readonly<Record<string, WeightSpec>>;

export const constantStart = (value: number, shape: readonly number[]): WeightSpec => ({
  shape,
  start: { kind: 'constant', value },
});

export const normalStart = (deviation: number, shape: readonly number[]): WeightSpec => ({
  shape,
  start: { kind: 'normal', deviation },
});

/** A table of positions [P, D], D even, as fixed ones are (Vaswani et al. 2017, section 3.5): how far apart two stand can be read at once. */
export const wavesStart = (deviation: number, shape: readonly number[]): WeightSpec => ({
  shape,
  start: { kind: 'waves', deviation },
});

/** A matrix [out, in] drawn from ±√(6/(in + out)) (Glorot & Bengio 2010, equation 16). */
export const xavierStart = (rows: number, columns: number): WeightSpec => ({
  shape: [rows, columns],
  start: { kind: 'uniform', bound: Math.sqrt(6 / (rows + columns)) },
});

/** A matrix [out, in] drawn from ±1/√in, as PyTorch starts its linear layers. */
export const fanInStart = (rows: number, columns: number): WeightSpec => ({
  shape: [rows, columns],
  start: { kind: 'uniform', bound: 1 / Math.sqrt(columns) },
});

/** All weights before training; the same seed gives the same numbers. */
export function initialWeights(specs: WeightSpecs, seed: number): Record<string, Float32Array> {
  const random = new Random(seed);
  return Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, draw(spec, random)]));
}

function draw({ shape, start }: WeightSpec, random: Random): Float32Array {
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
  if (start.kind === 'constant') return values.fill(start.value);
  if (start.kind === 'waves') {
    const width = shape.at(-1)!;
    return values.map((_, at) => {
      const [position, column] = [Math.floor(at / width), at % width];
      const angle = position / 10_000 ** ((column - (column % 2)) / width);
      return start.deviation * Math.SQRT2 * (column % 2 === 0 ? Math.sin(angle) : Math.cos(angle));
    });
  }
  const next =
    start.kind === 'normal' ? () => start.deviation * random.normal() : () => start.bound * (2 * random.uniform() - 1);
  return values.map(next);
}
