import type { Tensor } from '../autodiff/tensor.js';
import type { ModelConfig } from './checkpoint/config.js';
import type { LearnedParts } from './network-graph.js';

/**
 * Something that can be learned while a model stays frozen: named arrays, and where they enter the network. A method
 * (soft prompt, prefix, …) makes one for a model. Its numbers travel as one flat array: the arrays one after the other, in
 * the order of `arrays`, each row-major.
 */
export interface Trainable {
  /** Name → shape. */
  readonly arrays: Readonly<Record<string, readonly number[]>>;
  /** Learned tokens that stand as rows of the sequences (`learnedToken`); 0 where there are none. */
  readonly rows: number;
  /** Rows of the sequences that are made of what is given with each (`PromptSequence.given`), place by place; default: none. */
  readonly made?: readonly MadeRows[] | undefined;
  /** P: keys and values that stand in front of every layer's rows; 0 where there are none. */
  readonly leadingRows: number;
  /**
   * How the arrays, as tensors of the network, enter it.
   * @param given [G, inputs] of each place of `made`: what its rows are made of, the different ones of a batch
   * @param drop leaves out what `dropout` says; only where it is trained
   */
  enter(
    arrays: Readonly<Record<string, Tensor>>,
    config: ModelConfig,
    given: readonly Tensor[],
    drop?: Dropping,
  ): LearnedEntry;
  /** The share of numbers that `drop` leaves out; default: 0, and it is never called. */
  readonly dropout?: number | undefined;
}

/** x with numbers left out by chance, the others larger by as much (Srivastava et al. 2014). */
export type Dropping = (x: Tensor) => Tensor;

/** A place of the sequences whose rows are made of a vector. */
export interface MadeRows {
  readonly rows: number;
  /** Numbers of the vector. */
  readonly inputs: number;
}

export interface LearnedEntry extends Omit<LearnedParts, 'leadingRows'> {
  /** The learned tokens [rows, d]; behind them, place by place, what is made [G·rows of the place, d]. */
  readonly rows?: Tensor | undefined;
  /** What stands for the label words: states [S, d] from which labels would be predicted → scores [S, C]. */
  readonly classify?: ((states: Tensor) => Tensor) | undefined;
}

/** How many numbers are learned. */
export function learnedCount({ arrays }: Pick<Trainable, 'arrays'>): number {
  return Object.values(arrays).reduce((sum, shape) => sum + sizeOf(shape), 0);
}

/** The arrays by name, as views of the flat one. */
export function arraysOf({ arrays }: Trainable, learned: Float32Array): Record<string, Float32Array> {
  return namedArrays(arrays, learned);
}

/** The same for arrays of these shapes. */
export function namedArrays(arrays: Trainable['arrays'], learned: Float32Array): Record<string, Float32Array> {
  let at = 0;
  const named = Object.entries(arrays).map(([name, shape]) => {
    const start = at;
    at += sizeOf(shape);
    return [name, learned.subarray(start, at)] as const;
  });
  if (at !== learned.length) throw new RangeError(`${learned.length} learned numbers for a method that has ${at}`);
  return Object.fromEntries(named);
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

/** Nothing is learned: a written prompt. */
export const NOTHING: Trainable = { arrays: {}, rows: 0, leadingRows: 0, enter: () => ({}) };
