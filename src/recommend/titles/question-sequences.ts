import { fitBinaryRegression } from '../../evaluation/binary-regression.js';
import { mean } from '../../evaluation/ranking/ranking-metrics.js';
import type { PromptSequence } from '../../prompt/sequence.js';
import type { ScoringOptions, Task } from '../../tasks/task.js';
import { type QuestionCase, questionsOf } from './question-task.js';
import { fitResidual, type ResidualCase } from './residual.js';
import type { TitleCases } from './residual-cases.js';
import { LEAST_SPREAD, spread, WEIGHED_ON } from './title-sequences.js';
import type { TitleCase } from './title-task.js';

const PENALTY = 1e-3;
/** Beyond these log odds an answer is certain. */
const MOST_ODDS = 16;

/**
 * The sequences of cases whose candidates are asked about, a recommender's scores as their offsets: the log odds of yes are
 * a · z + bias + share · (log P(yes) − log P(no)), with the numbers under which the answers are most likely before anything is
 * learned. z are the log odds of the candidate's share in softmax(τ · scores) among the case's: one of them came next, so with the
 * scores themselves in its place the words would learn what that says of the others.
 */
export async function questionSequences(
  task: Task<QuestionCase>,
  initial: Float32Array,
  { train, valid }: TitleCases,
  options: ScoringOptions,
): Promise<Record<'train' | 'valid', PromptSequence[]>> {
  const encoded = { train: questionsOf(train).map(task.encode), valid: questionsOf(valid).map(task.encode) };
  if (train[0]?.scores === undefined) return encoded;
  const some = train.slice(0, WEIGHED_ON);
  const { scale } = fitResidual(some.map(withoutWords), { prior: 0, lengthPower: 0 });
  const known = { train: train.flatMap(oddsAmong(scale)), valid: valid.flatMap(oddsAmong(scale)) };
  const asked = encoded.train.slice(0, questionsOf(some).length);
  const { values } = await task.score(initial, asked, options);
  const odds = asked.map((_, i) => values[2 * i]! - values[2 * i + 1]!);
  const inputs = odds.map((value, i) => [known.train[i]!, value]);
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
  const added = (sequence: PromptSequence, z: number): PromptSequence => ({
    ...sequence,
    residual: { offsets: Float32Array.of(weights[0]! * z + bias, 0), weights: Float32Array.of(share, share) },
  });
  return {
    train: encoded.train.map((sequence, i) => added(sequence, known.train[i]!)),
    valid: encoded.valid.map((sequence, i) => added(sequence, known.valid[i]!)),
  };
}

/** A case whose candidates no words tell apart. */
function withoutWords({ scores }: TitleCase): ResidualCase {
  const nothing = new Float64Array(scores!.length);
  return { scores: scores!, logLikelihoods: nothing, priors: nothing, lengths: nothing, target: 0 };
}

/** log p − log (1 − p) of each candidate's share p in softmax(scale · scores), within what a float32 can tell. */
const oddsAmong =
  (scale: number) =>
  ({ scores }: TitleCase): number[] => {
    const most = scores!.reduce((highest, score) => Math.max(highest, score), Number.NEGATIVE_INFINITY);
    const shares = scores!.map((score) => Math.exp(scale * (score - most)));
    const total = shares.reduce((sum, share) => sum + share, 0);
    return [...shares].map((share) => Math.max(-MOST_ODDS, Math.min(MOST_ODDS, Math.log(share / (total - share)))));
  };
