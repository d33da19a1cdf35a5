import { SoftpromptError } from '../../errors.js';
import { bestItems } from '../../evaluation/ranking/top-items.js';
import { checkCounts } from '../check-counts.js';
import { type Because, becauseOf, comparedTitles } from './because.js';
import { attributeTitle, type ContextPart } from './explain-titles.js';
import type { LikelihoodOptions } from './title-likelihoods.js';
import type { TitleScorer } from './title-scorer.js';
import type { TitledItems } from './titled-items.js';
import { MAX_HISTORY } from './words-template.js';

/** An item that the frozen model ranked by its title. */
export interface WordsRecommendation {
  readonly item: string;
  readonly title: string;
  /** See WordsScoring. */
  readonly score: number;
  /** log P(title | history), or its log odds of yes, in nats. */
  readonly logLikelihood: number;
  /** With `explain`: the items of the history that speak most for it; see occludeTitles. */
  readonly because?: Because;
  /** With `explain`: what each part of the context does for it, in order; see attributeTitle. */
  readonly parts?: readonly ExplainedPart[];
}

export type ExplainedPart =
  | { readonly item: string; readonly attribution: number }
  | { readonly learned: number; readonly attribution: number }
  | { readonly words: string; readonly attribution: number };

export interface RecommendWordsOptions extends LikelihoodOptions {
  /** Default: 10. */
  readonly k?: number | undefined;
  /** The latest items of a history that are read. Default: 20. */
  readonly maxHistory?: number | undefined;
  /** Each recommendation is compared with up to 20 of the candidates. */
  readonly explain?: boolean | undefined;
}

/**
 * The candidates whose titles follow best after a history's titles, best first; nothing is trained.
 * @param history codes, the oldest first @param candidates codes, each with a title
 * @throws RECOMMEND_OPTION, RECOMMEND_REQUEST where no item of the history has a title, or no candidate
 */
export async function recommendWords(
  scorer: TitleScorer,
  items: TitledItems,
  history: readonly number[],
  candidates: readonly number[],
  { k = 10, maxHistory = MAX_HISTORY, explain = false, ...options }: RecommendWordsOptions = {},
): Promise<WordsRecommendation[]> {
  checkCounts({ k, maxHistory });
  const { ids, titles } = items;
  const read = titledHistory(items, history, maxHistory);
  const readTitles = read.map((code) => titles[code]!);
  const asked = candidates.map((code) => titles[code]!);
  if (asked.length === 0 || asked.includes('')) throw noCandidates(ids[candidates[asked.indexOf('')] ?? -1]);
  const { scores, logLikelihoods } = await scorer.score(readTitles, asked, options);
  const best = bestItems(Float32Array.from(scores), k);
  const plain = Array.from(best, (place) => ({
    item: ids[candidates[place]!]!,
    title: asked[place]!,
    score: scores[place]!,
    logLikelihood: logLikelihoods[place]!,
  }));
  if (!explain) return plain;
  const compared = comparedTitles(asked);
  const recommended = plain.map(({ title }) => title);
  const because = await becauseOf(scorer, items, read, recommended, compared, options.signal);
  // gradients are read of a title's own likelihood
  if (scorer.form === 'yes-no') return plain.map((one, r) => ({ ...one, because: because[r]! }));
  const explained: WordsRecommendation[] = [];
  for (const [r, recommendation] of plain.entries()) {
    options.signal?.throwIfAborted();
    const parts = await attributeTitle(scorer, readTitles, recommendation.title, compared);
    explained.push({
      ...recommendation,
      because: because[r]!,
      parts: parts.map((part) => explainedPart(part, (place) => ids[read[place]!]!)),
    });
  }
  return explained;
}

/** The latest items of a history that have a title. @throws RECOMMEND_REQUEST where none has */
export function titledHistory({ titles }: TitledItems, history: readonly number[], maxHistory: number): number[] {
  const titled = history.filter((code) => titles[code] !== '');
  if (titled.length > 0) return titled.slice(-maxHistory);
  throw new SoftpromptError('RECOMMEND_REQUEST', {
    found:
      history.length === 0 ? 'The history is empty' : `None of the ${history.length} items of the history has a title`,
    expected: 'at least one item with a title, to recommend from',
    fix: 'Give items that have titles. For someone without a history, recommend what is popular.',
  });
}

function explainedPart(part: ContextPart, itemAt: (place: number) => string): ExplainedPart {
  const { attribution } = part;
  switch (part.kind) {
    case 'history':
      return { item: itemAt(part.place), attribution };
    case 'learned':
      return { learned: part.token, attribution };
    case 'words':
      return { words: part.text, attribution };
  }
}

function noCandidates(withoutTitle: string | undefined): SoftpromptError {
  return new SoftpromptError('RECOMMEND_REQUEST', {
    found: withoutTitle === undefined ? 'There are no candidates' : `The candidate '${withoutTitle}' has no title`,
    expected: 'items with titles, other than those of the history',
    fix: 'Give other candidates (--candidates), or titles for these.',
  });
}
