import { mixWords, rerank } from '../../../recommend/words/rerank.js';
import type { TitleScorer } from '../../../recommend/words/title-scorer.js';
import { historyOf, type OpenRecommender, type Recommendation, type RecommendRequest } from '../open-recommender.js';
import { type Because, becauseOf, comparedTitles } from './because.js';
import { MAX_HISTORY, titledHistory } from './recommend-words.js';
import { itemCodes, titledItems } from './titled-items.js';

/** A recommendation that was ranked anew: its score is that of the mixture. */
export interface RerankedRecommendation extends Recommendation {
  /** What the recommender alone said. */
  readonly ownScore: number;
  /** What the titles alone say, see WordsScoring; with `explain` also which items of the history speak for the title. */
  readonly words: {
    readonly score: number;
    readonly because?: Because;
  };
}

export interface RerankOptions {
  readonly weight: number;
  /** Default: 10. */
  readonly k?: number | undefined;
  readonly maxHistory?: number | undefined;
  readonly titleColumn?: string | undefined;
  readonly explain?: boolean | undefined;
}

/**
 * Ranks a recommender's best items anew by the mixture of its scores and those of their titles. Items without a title
 * count as the mean of the others.
 * @param best from recommendFor, more than are wanted
 * @throws RECOMMEND_REQUEST where no item of the history has a title
 */
export async function rerankRecommendations(
  open: OpenRecommender,
  scorer: TitleScorer,
  request: RecommendRequest,
  best: readonly Recommendation[],
  { weight, k = 10, maxHistory = MAX_HISTORY, titleColumn, explain }: RerankOptions,
): Promise<RerankedRecommendation[]> {
  const items = titledItems(open.saved.recommender.items, open.saved.itemColumns, titleColumn);
  const history = titledHistory(items, [...historyOf(open.saved, request)], maxHistory);
  const codes = itemCodes(
    items,
    best.map(({ item }) => item),
  );
  const words = await wordsScores(scorer, items.titles, history, codes);
  const mixed = mixWords(
    best.map(({ score }) => score),
    words,
    weight,
  );
  const chosen = rerank(mixed).slice(0, k);
  const titled = chosen.map((place) => codes[place]!).filter((code) => items.titles[code] !== '');
  const compared = comparedTitles(codes.map((code) => items.titles[code]!).filter((title) => title !== ''));
  const titlesOf = titled.map((code) => items.titles[code]!);
  const because = explain && titled.length > 0 ? await becauseOf(scorer, items, history, titlesOf, compared) : [];
  const reasons = new Map(because.map((one, i) => [items.ids[titled[i]!]!, one]));
  return chosen.map((place) => {
    const { item, score: ownScore } = best[place]!;
    const own = reasons.get(item);
    return {
      ...best[place]!,
      score: mixed[place]!,
      ownScore,
      words: { score: words[place]!, ...(own && { because: own }) },
    };
  });
}

/**
 * The words' scores of items, [items]; the mean of the others for those without a title.
 * @param titles code → title, empty where there is none
 */
export async function wordsScores(
  scorer: TitleScorer,
  titles: readonly string[],
  history: readonly number[],
  codes: readonly number[],
): Promise<Float64Array> {
  const places = [...codes.keys()].filter((place) => titles[codes[place]!] !== '');
  const words = new Float64Array(codes.length);
  if (places.length === 0) return words;
  const { scores } = await scorer.score(
    history.map((code) => titles[code]!),
    places.map((place) => titles[codes[place]!]!),
  );
  words.fill(scores.reduce((sum, score) => sum + score, 0) / scores.length);
  for (const [i, place] of places.entries()) words[place] = scores[i]!;
  return words;
}
