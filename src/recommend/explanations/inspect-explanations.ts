import { type MadeRowWords, madeRowWords } from '../made-rows/made-row-words.js';
import type { ExplanationRequest, OpenExplanations } from './open-explanations.js';

export interface ExplanationInspection {
  /** Rows of the person and of the first item. */
  readonly rows: readonly MadeRowWords[];
}

/** Looks at the prompt that was made for somebody and an item. @throws RECOMMEND_REQUEST */
export async function inspectExplanations(
  open: OpenExplanations,
  request: ExplanationRequest,
  { words = 5, threads }: { readonly words?: number | undefined; readonly threads?: number | undefined } = {},
): Promise<ExplanationInspection> {
  const { task, maps } = open;
  const given = open.given(request, request.items[0]!);
  return { rows: await madeRowWords({ ...task, maps, learned: open.saved.learned, given }, words, threads) };
}
