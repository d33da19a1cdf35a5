import { type BinaryRegression, fitBinaryRegression, logOdds } from '../../evaluation/binary-regression.js';
import type { MadePlace } from '../../prompt/made-places.js';
import type { PromptSequence } from '../../prompt/sequence.js';
import { YES } from './preference-task.js';

/** Few examples are drawn to what rates say by themselves: a like rate's log odds count once. */
const STATISTICS_PENALTY = 5;
const VECTOR_PENALTIES = [100, 1000, 10_000];
const RATES: Readonly<Record<MadePlace['of'], readonly number[]>> = { user: [0.5, 0.5], item: [0.9] };

/**
 * The logistic regression on all that the places are given, drawn to the evidence of the like rates; how much what vectors say
 * is held back is chosen on the validation rows.
 */
export function teach(
  places: readonly MadePlace[],
  train: readonly PromptSequence[],
  valid: readonly PromptSequence[],
): BinaryRegression {
  const widths = train[0]?.given?.map(({ length }) => length) ?? [];
  const isStatistic = widths.flatMap((width, place) =>
    new Array<boolean>(width).fill(places[place]!.source === 'stats'),
  );
  const prior = widths.flatMap((width, place) => {
    const { of, source } = places[place]!;
    return Array.from({ length: width }, (_, j) => (source === 'stats' ? (RATES[of][j] ?? 0) : 0));
  });
  const inputs = widths.flatMap((width) => new Array<number>(width).fill(width));
  const x = train.map(flatGiven);
  const y = train.map(({ target }) => target ?? 0);
  const fits = (isStatistic.every(Boolean) ? [VECTOR_PENALTIES[0]!] : VECTOR_PENALTIES).map((penalty) =>
    fitBinaryRegression(
      x,
      y,
      // vectors come divided by the root of their length
      (j) => (isStatistic[j] ? STATISTICS_PENALTY : penalty / inputs[j]!),
      (j) => prior[j]!,
    ),
  );
  const lossOf = (fit: BinaryRegression) =>
    valid.reduce((sum, sequence) => {
      const z = logOdds(fit, flatGiven(sequence));
      return sum + Math.log1p(Math.exp(sequence.target === YES ? -z : z));
    }, 0);
  return fits.map((fit) => ({ fit, loss: lossOf(fit) })).reduce((a, b) => (b.loss < a.loss ? b : a)).fit;
}

export const flatGiven = ({ given = [] }: PromptSequence): number[] => given.flatMap((vector) => [...vector]);
