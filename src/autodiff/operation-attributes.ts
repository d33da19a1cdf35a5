import type { Shape, Size } from './size.js';

/** float32 numbers, or int64 indices. */
export type ElementType = 'float32' | 'int64';

/** What each operation needs to know beside its inputs. This type is the list of operations. */
export interface OperationAttributes {
  /** Given anew at each run. */
  input: { readonly name: string; readonly shape: Shape; readonly type: ElementType };
  /** Frozen float32 numbers that lie in a file: little-endian, row-major. Never copied into the graph. */
  weight: {
    readonly name: string;
    readonly shape: readonly number[];
    readonly file: string;
    readonly offset: number;
    readonly byteLength: number;
  };
  /** Few numbers that belong to the computation itself. */
  constant: { readonly shape: readonly number[]; readonly values: readonly number[] | Float32Array };
  /** A float32 tensor of the given shape, `value` everywhere. */
  fill: { readonly shape: Shape; readonly value: number };
  add: Nothing;
  subtract: Nothing;
  multiply: Nothing;
  divide: Nothing;
  negate: Nothing;
  exp: Nothing;
  log: Nothing;
  sqrt: Nothing;
  sigmoid: Nothing;
  tanh: Nothing;
  relu: Nothing;
  /** 1 where x > 0, else 0. */
  positive: Nothing;
  /** x → (x·σ(x), σ(x)). */
  silu: Nothing;
  /** x → (x·Φ(x), Φ(x)), Φ the standard normal distribution function: GELU (Hendrycks & Gimpel 2016), exact. */
  gelu: Nothing;
  /** x → (x·s, s), s = σ(2√(2/π)·(x + 0.044715·x³)): GELU's tanh approximation (Hendrycks & Gimpel 2016, section 2). */
  geluTanh: Nothing;
  /** a·b over the last two axes, either transposed, times `scale`; leading axes broadcast. */
  matmul: { readonly transposeA: boolean; readonly transposeB: boolean; readonly scale: number };
  transpose: { readonly permutation: readonly number[] };
  reshape: { readonly shape: Shape };
  concat: { readonly axis: number };
  split: { readonly axis: number; readonly sizes: readonly Size[] };
  /** (table [R, …], index I) → [I…, …]. */
  gather: Nothing;
  /** (index I, values [I…, …]) → [rows, …]: sums the values that share an index. */
  scatterAdd: { readonly rows: Size };
  /** (x [N, …], index [K], values [K, …]) → x with each value added to the row that its index names. */
  indexAdd: Nothing;
  /** (x [R, C], index [R]) → [R]: one number of each row. */
  pick: Nothing;
  /** (index [R], values [R]) → [R, columns]: each value at its column, zero elsewhere. */
  place: { readonly columns: Size };
  /** (x [R, C], index [R], values [R]) → [R, C]: each value added to its row of x, at its column. */
  addAt: Nothing;
  /**
   * Rows regrouped: `parts` tensors [rᵢ, w] are taken as one list of rows; each of the `outputs` index tensors [sₖ] picks
   * rows of it, giving [sₖ, w]. Inputs: parts…, indices…, inverses…. The index −1 gives a row of zeros where `padded` says
   * it may occur. The inverses (one a part, [rᵢ]) name for each row of the parts the one place it went to, in the list of
   * all outputs' rows, or −1 (`inversePadded`). Where an output repeats a row beyond that place, it is padding: the caller
   * promises that no result depends on it. The gradient is the same operation with indices and inverses exchanged.
   */
  regroup: {
    readonly parts: number;
    readonly outputs: number;
    readonly padded: boolean;
    readonly inversePadded: boolean;
  };
  /** Over the last axis. */
  softmax: Nothing;
  logSoftmax: Nothing;
  /**
   * (logits [R, C], place [K], row [K]) → (log softmax at the places [K], log softmax [R, C]). A place is row·C + column;
   * the same may be asked for several times.
   */
  logSoftmaxAt: Nothing;
  /** (logits [R, C], index [R]) → (−log softmax at the index [R], log softmax [R, C]). */
  crossEntropy: Nothing;
  /** Sums the axes and keeps them, with size 1. */
  reduceSum: { readonly axes: readonly number[] };
  /** Repeats axes of size 1. */
  expand: { readonly shape: Shape };
  /** (x […, d], weight [d]) → (x·r·weight, r […, 1]) with r = 1/√(mean(x²) + ε). */
  rmsNorm: { readonly epsilon: number };
  /** x […, d] → ((x − m)·r, r […, 1]) with m = mean(x), r = 1/√(mean((x − m)²) + ε): layer norm without its weights. */
  standardise: { readonly epsilon: number };
  /**
   * (x [N, heads·size], cosine [positions, size/2], sine, position [N]) → the same shape, the two halves of each head
   * rotated by the row's position; `backwards` rotates the other way. The tables get no gradient.
   */
  rotary: { readonly heads: number; readonly backwards: boolean };
}

/** The constants of `geluTanh`: z = scale·(x + cubic·x³). */
export const GELU_TANH = { scale: 2 * Math.sqrt(2 / Math.PI), cubic: 0.044715 } as const;

type Nothing = Readonly<Record<never, never>>;
export type OperationName = keyof OperationAttributes;
