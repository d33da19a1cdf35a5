/** Whether a refit pays, and why; `docs/verdicts.md` says the rules. */
export type DriftVerdict = 'nothing-new' | 'too-few' | 'holds' | 'finds-less' | 'items-wait';

export interface DriftFigures {
  readonly judged: number;
  readonly interval: readonly [number, number] | null;
  readonly atFit: number | null;
  /** Share of events whose items cannot be recommended. */
  readonly waiting: number;
}

/** Fewer people than these say nothing. */
const FEWEST = 30;

/**
 * `items-wait`: what is lost because items wait for a fit (their share of the events × what is found) exceeds the
 * uncertainty of what was found at the fit. `finds-less`: fewer people find their next item than at the fit, and the whole
 * 95 % interval says so. @param standardError of `atFit`
 */
export function driftVerdict({ judged, interval, atFit, waiting }: DriftFigures, standardError: number): DriftVerdict {
  if (judged >= FEWEST && interval !== null && interval[1] < 0) return 'finds-less';
  if (waiting > 0 && waiting * (atFit ?? 1) > 1.96 * standardError) return 'items-wait';
  if (judged === 0 && waiting === 0) return 'nothing-new';
  if (judged < FEWEST) return 'too-few';
  return interval === null ? 'nothing-new' : 'holds'; // nothing was measured at the fit
}

/** Whether the next step is a refit. */
export const refitPays = (verdict: DriftVerdict): boolean => verdict === 'finds-less' || verdict === 'items-wait';
