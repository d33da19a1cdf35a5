/** How much more a candidate has than what it would replace, in the mean over the same things. */
export interface PairedGain {
  readonly gain: number;
  /** Of the gain: the deviation of the differences over the root of their number; Infinity where one alone says nothing. */
  readonly standardError: number;
}

/** @param candidate, reference figures of the same things in the same order */
export function pairedGain(candidate: Float64Array, reference: Float64Array): PairedGain {
  const n = candidate.length;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += candidate[i]! - reference[i]!;
  const gain = sum / n;
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (candidate[i]! - reference[i]! - gain) ** 2;
  return { gain, standardError: n > 1 ? Math.sqrt(squares / (n - 1) / n) : Number.POSITIVE_INFINITY };
}

/** Whether there is more to a gain than chance may have given: more than one standard error. */
export const isWorthKeeping = ({ gain, standardError }: PairedGain): boolean => gain > standardError;
