import type { ElementType } from '../../autodiff/operation-attributes.js';
import type { Shape } from '../../autodiff/size.js';
import type { Tensor } from '../../autodiff/tensor.js';
import type { Checkpoint } from '../../network/checkpoint/checkpoint.js';
import type { Feed, ProgramOptions } from '../../runtime/program.js';
import type { WeightSpecs } from '../../training/network-weights.js';
import { type FrozenEncoderShape, frozenEncoder, frozenEncoderWeights } from './frozen-encoder.js';
import { learnedEncoder, learnedEncoderWeights } from './learned-encoder.js';

export interface EncoderShape {
  /** d, a multiple of the heads. */
  readonly width: number;
  /** Learned ones, or the first of the frozen model. */
  readonly layers: number;
  /** Of the learned encoder. */
  readonly heads: number;
  /** Items of a history that are looked at, the last ones. */
  readonly maxLength: number;
  /** A frozen language model's layers encode; undefined: learned ones. */
  readonly frozen?: FrozenEncoderShape | undefined;
}

export interface EncoderGraph {
  /** A weight by name, one of `encoderWeights`. */
  readonly weight: (name: string) => Tensor;
  /** An input by name; see `packSequences` for what they hold. */
  readonly feed: (name: string, shape: Shape, type?: ElementType) => Tensor;
  /** x with dropout, or x itself; the name says where. */
  readonly drop: (x: Tensor, name: string) => Tensor;
}

/** A causal network over packed sequences: no row knows of what comes after it. */
export interface SequenceEncoder {
  /** Item vectors [N, d] → what each row knows of its sequence so far, [N, d]. */
  rows(items: Tensor, graph: EncoderGraph): Tensor;
  /** The same for each sequence's last row alone: [B, d]. */
  lastRows(items: Tensor, graph: EncoderGraph): Tensor;
  /** What attention needs to know of a batch. @param lengths rows of each sequence, none 0 */
  feeds(lengths: readonly number[]): Readonly<Record<string, Feed>>;
  /** Rows that a run takes at most: enough for full speed, few enough to stay in the processor's caches. */
  readonly rowsAtOnce: number;
  /** Whether its programs are to keep a second copy of the frozen weights, see `ProgramOptions`; else the caller decides. */
  readonly packWeights: boolean;
}

/** The options of a program that an encoder is part of. */
export const programOptions = <Options extends ProgramOptions>(encoder: SequenceEncoder, options: Options): Options =>
  encoder.packWeights ? { ...options, packWeights: true } : options;

/** The learned weights. Matrices are [out, in]. */
export function encoderWeights(shape: EncoderShape): WeightSpecs {
  return shape.frozen ? frozenEncoderWeights(shape, shape.frozen) : learnedEncoderWeights(shape);
}

/** @param languageModel the frozen one, where the shape asks for it */
export function sequenceEncoder(shape: EncoderShape, languageModel?: Checkpoint): SequenceEncoder {
  if (shape.frozen === undefined) return learnedEncoder(shape);
  if (languageModel === undefined) throw new RangeError('the frozen encoder needs its language model');
  return frozenEncoder(shape, shape.frozen, languageModel);
}
