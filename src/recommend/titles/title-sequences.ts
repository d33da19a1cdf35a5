import { mean } from '../../evaluation/ranking/ranking-metrics.js';
import type { PromptSequence } from '../../prompt/sequence.js';
import type { ScoringOptions, Task } from '../../tasks/task.js';
import { fitResidual, residualWords } from './residual.js';
import type { TitleCases } from './residual-cases.js';
import type { TitleCase } from './title-task.js';

/**
 * How far the words of a case's candidates lie apart at least, in nats, as they are weighed: a prompt that says nothing yet weighs
 * nothing, and then hardly learns, since what it says would hardly count.
 */
export const LEAST_SPREAD = 0.5;
/** Cases that the weight is found on. */
export const WEIGHED_ON = 200;

/**
 * The sequences of cases, a recommender's scores as their offsets: softmax(scale · (score + weight · log P(title | history) / tokens^power)),
 * scale, weight and power being those under which what came next is most likely before anything is learned.
 */
export async function titleSequences(
  task: Task<TitleCase>,
  initial: Float32Array,
  { train, valid }: TitleCases,
  options: ScoringOptions,
): Promise<Record<'train' | 'valid', PromptSequence[]>> {
  const encoded = { train: train.map(task.encode), valid: valid.map(task.encode) };
  if (train[0]?.scores === undefined) return encoded;
  const some = encoded.train.slice(0, WEIGHED_ON);
  const { values, classes } = await task.score(initial, some, options);
  const asked = some.map(({ candidates }, i) => ({
    scores: train[i]!.scores!,
    logLikelihoods: Float64Array.from(values.subarray(i * classes, (i + 1) * classes)),
    priors: new Float64Array(classes),
    lengths: Float64Array.from(candidates, ({ length }) => length),
    target: 0,
  }));
  const { weight, lengthPower, scale } = fitResidual(asked, { prior: 0 });
  const spreads = asked.map((one) => spread(residualWords(one, { prior: 0, lengthPower })));
  const share = Math.max(scale * weight, LEAST_SPREAD / Math.max(mean(Float64Array.from(spreads)), 1e-6));
  const added = (sequence: PromptSequence, { scores }: TitleCase): PromptSequence => ({
    ...sequence,
    residual: {
      offsets: Float32Array.from(scores!, (score) => scale * score),
      weights: Float32Array.from(sequence.candidates, ({ length }) => share / length ** lengthPower),
    },
  });
  return {
    train: encoded.train.map((sequence, i) => added(sequence, train[i]!)),
    valid: encoded.valid.map((sequence, i) => added(sequence, valid[i]!)),
  };
}

/** The deviation of a case's words. */
export function spread(values: Float64Array): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}
