import { type BinaryRegression, fitBinaryRegression, logOdds } from '../../evaluation/binary-regression.js';
import type { PromptSequence } from '../../prompt/sequence.js';
import { flatGiven } from './teach.js';

/** What the prompt's log odds and those of the regression on the same numbers count together. */
export interface RatesOffset {
  readonly prompt: number;
  readonly regression: number;
  readonly intercept: number;
}

export const PROMPT_ALONE: RatesOffset = { prompt: 1, regression: 0, intercept: 0 };

/**
 * The weights with which the two answer best on validation rows. The regression is kept only where it gains more than one
 * standard error of the mean loss; else the prompt's log odds stand as they are.
 */
export function fitRatesOffset(
  teacher: BinaryRegression,
  sequences: readonly PromptSequence[],
  ofPrompt: Float64Array,
): RatesOffset {
  const y = sequences.map(({ target }) => target ?? 0);
  const z = [...ofPrompt];
  const both = z.map((odds, i) => [odds, logOdds(teacher, flatGiven(sequences[i]!))]);
  const fit = fitBinaryRegression(both, y, 1, (j) => (j === 0 ? 1 : 0));
  const loss = (odds: number, i: number) => Math.log1p(Math.exp(y[i] === 1 ? -odds : odds));
  const gains = z.map((odds, i) => loss(odds, i) - loss(logOdds(fit, both[i]!), i));
  const mean = gains.reduce((sum, gain) => sum + gain, 0) / gains.length;
  const variance = gains.reduce((sum, gain) => sum + (gain - mean) ** 2, 0) / Math.max(1, gains.length - 1);
  if (!(mean > Math.sqrt(variance / gains.length))) return PROMPT_ALONE;
  return { prompt: fit.weights[0]!, regression: fit.weights[1]!, intercept: fit.intercept };
}

/** Log odds of cases. @param ofPrompt the prompt's own */
export function withOffset(
  { prompt, regression, intercept }: RatesOffset,
  teacher: BinaryRegression,
  sequences: readonly PromptSequence[],
  ofPrompt: Float64Array,
): Float64Array {
  if (regression === 0 && prompt === 1 && intercept === 0) return ofPrompt;
  return ofPrompt.map((z, i) => prompt * z + regression * logOdds(teacher, flatGiven(sequences[i]!)) + intercept);
}
