import type { Checkpoint } from '../../network/checkpoint/checkpoint.js';
import type { ProgramOptions } from '../../runtime/program.js';
import type { WeightSpecs } from '../../training/network-weights.js';
import type { EncoderShape, SequenceEncoder } from './encoder.js';
import { frozenEncoder, frozenEncoderWeights } from './frozen-encoder.js';
import { gruEncoder, gruEncoderWeights } from './gru-encoder.js';
import { learnedEncoder, learnedEncoderWeights } from './learned-encoder.js';

/** The options of a program that an encoder is part of. */
export const programOptions = <Options extends ProgramOptions>(encoder: SequenceEncoder, options: Options): Options =>
  encoder.packWeights ? { ...options, packWeights: true } : options;

/** The learned weights. Matrices are [out, in]. */
export function encoderWeights(shape: EncoderShape): WeightSpecs {
  if (shape.frozen) return frozenEncoderWeights(shape, shape.frozen);
  return shape.recurrent ? gruEncoderWeights(shape) : learnedEncoderWeights(shape);
}

/** @param languageModel the frozen one, where the shape asks for it */
export function sequenceEncoder(shape: EncoderShape, languageModel?: Checkpoint): SequenceEncoder {
  if (shape.recurrent) return gruEncoder(shape, shape.maxLength + 1); // a user's row may stand in front
  if (shape.frozen === undefined) return learnedEncoder(shape);
  if (languageModel === undefined) throw new RangeError('the frozen encoder needs its language model');
  return frozenEncoder(shape, shape.frozen, languageModel);
}
