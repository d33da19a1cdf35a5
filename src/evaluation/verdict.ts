import type { Interval } from './resampling.js';

/** How something learned compares with the best of what costs nothing, by the 95 % interval of their difference. */
export type VerdictKind = 'better' | 'no-difference' | 'worse';

/** What to do next; `docs/verdicts.md` says by which rule. */
export type NextStep =
  | 'use'
  | 'use-baseline'
  | 'more-data'
  | 'read-texts'
  | 'another-model'
  | 'another-template'
  | 'test-data';

/** What is said first, in words and for programs. */
export interface Verdict {
  readonly kind: VerdictKind;
  /** Sentences, the most important first. */
  readonly text: string;
  readonly next: NextStep;
}

/** @param interval of what was learned less the baseline */
export function verdictKind([low, high]: Interval): VerdictKind {
  return low > 0 ? 'better' : high < 0 ? 'worse' : 'no-difference';
}

/** 0.0312 → '3.1 %' */
export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
