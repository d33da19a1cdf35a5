import { formatMadeRows, type MadeRowWords, madeRowWords } from '../made-rows/made-row-words.js';
import type { CandidatePreference, OpenPreference, PreferenceRequest } from './open-preference.js';

export interface PreferenceInspection {
  /** Rows of the person, then those of the first candidate. */
  readonly rows: readonly MadeRowWords[];
  /** Each answer, with how far it falls where one source tells nothing. */
  readonly decisions: readonly CandidatePreference[];
}

/** Looks at the prompt that was made for somebody. @throws RECOMMEND_REQUEST */
export async function inspectPreference(
  open: OpenPreference,
  request: PreferenceRequest,
  { words = 5, threads }: { readonly words?: number | undefined; readonly threads?: number | undefined } = {},
): Promise<PreferenceInspection> {
  const { task, saved } = open;
  const decisions = await open.for(request, { explain: true });
  const given = open.encode(request, request.candidates[0]!).given ?? [];
  return { rows: await madeRowWords({ ...task, learned: saved.learned, given }, words, threads), decisions };
}

/** For a terminal. */
export function formatPreferenceInspection({ rows, decisions }: PreferenceInspection): string {
  const moved = decisions.map(({ item, probability, because = {} }) => {
    const sources = Object.entries(because).map(([name, odds]) => `${name} ${odds >= 0 ? '+' : ''}${odds.toFixed(2)}`);
    return `${item}: ${(100 * probability).toFixed(1)} % yes; without a source the log odds change by ${sources.join(', ')}`;
  });
  return [...formatMadeRows(rows), '', ...moved].join('\n');
}
