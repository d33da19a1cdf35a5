import { fitBinaryRegression } from '../../evaluation/binary-regression.js';
import { mean } from '../../evaluation/ranking/ranking-metrics.js';
import type { PromptSequence } from '../../prompt/sequence.js';
import type { ScoringOptions, Task } from '../../tasks/task.js';
import { type QuestionCase, questionsOf } from './question-task.js';
import { LEAST_SPREAD, spread, type TitleCases, WEIGHED_ON } from './residual-cases.js';
import type { TitleCase } from './title-task.js';

const PENALTY = 1e-3;

/**
 * The sequences of cases whose candidates are asked about, a recommender's scores as their offsets: the log odds of yes are
 * τ · (score − the case's mean score) + bias + share · (log P(yes) − log P(no)), with the numbers under which the answers are most
 * likely before anything is learned.
 */
export async function questionSequences(
  task: Task<QuestionCase>,
  initial: Float32Array,
  { train, valid }: TitleCases,
  options: ScoringOptions,
): Promise<Record<'train' | 'valid', PromptSequence[]>> {
  const encoded = { train: questionsOf(train).map(task.encode), valid: questionsOf(valid).map(task.encode) };
  if (train[0]?.scores === undefined) return encoded;
  const centred = { train: train.flatMap(centredScores), valid: valid.flatMap(centredScores) };
  const some = train.slice(0, WEIGHED_ON);
  const asked = encoded.train.slice(0, questionsOf(some).length);
  const { values } = await task.score(initial, asked, options);
  const odds = asked.map((_, i) => values[2 * i]! - values[2 * i + 1]!);
  const inputs = odds.map((value, i) => [centred.train[i]!, value]);
  const yes = asked.map(({ target }) => Number(target === 0));
  const { weights, intercept } = fitBinaryRegression(inputs, yes, PENALTY);
  let from = 0;
  const spreads = some.map(({ candidates }) => {
    from += candidates.length;
    return spread(Float64Array.from(odds.slice(from - candidates.length, from)));
  });
  const share = Math.max(weights[1]!, LEAST_SPREAD / Math.max(mean(Float64Array.from(spreads)), 1e-6));
  // what the words' share has moved the answers by on average is taken back
  const bias = intercept + (weights[1]! - share) * mean(Float64Array.from(odds));
  const added = (sequence: PromptSequence, score: number): PromptSequence => ({
    ...sequence,
    residual: { offsets: Float32Array.of(weights[0]! * score + bias, 0), weights: Float32Array.of(share, share) },
  });
  return {
    train: encoded.train.map((sequence, i) => added(sequence, centred.train[i]!)),
    valid: encoded.valid.map((sequence, i) => added(sequence, centred.valid[i]!)),
  };
}

/** Scores are known up to a constant of the user's. */
function centredScores({ scores }: TitleCase): number[] {
  const middle = mean(scores!);
  return [...scores!].map((score) => score - middle);
}
