import { checkCounts } from '../check-counts.js';
import type { Recommendation } from '../open-recommender.js';
import { type RecommendFilters, selectionPlan } from '../recommend-filters.js';
import { type RecommendRequest, type RequestOptions, resolveRequest } from '../recommend-request.js';
import type { OpenRecommender } from '../recommender-handle.js';
import { diversify } from '../serving/diversify.js';
import { type Because, becauseOf, comparedTitles } from './because.js';
import { titledHistory } from './recommend-words.js';
import { mixWords, rerank } from './rerank.js';
import type { TitleScorer } from './title-scorer.js';
import { itemCodes, titledItems } from './titled-items.js';
import { MAX_HISTORY } from './words-template.js';

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

export interface RerankOptions extends Pick<RecommendFilters, 'diversity'>, Pick<RequestOptions, 'skipUnknown'> {
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
 * @param best from recommendFor, more than are wanted, without diversity: it is made of the mixture
 * @throws RECOMMEND_REQUEST where no item of the history has a title, RECOMMEND_OPTION
 */
export async function rerankRecommendations(
  open: OpenRecommender,
  scorer: TitleScorer,
  request: RecommendRequest,
  best: readonly Recommendation[],
  options: RerankOptions,
): Promise<RerankedRecommendation[]> {
  const { weight, maxHistory = MAX_HISTORY, titleColumn, explain } = options;
  const { k, diversity } = selectionPlan({ k: options.k, diversity: options.diversity });
  checkCounts({ maxHistory });
  const items = titledItems(open.saved.recommender.items, open.saved.itemColumns, titleColumn);
  const { history: met } = resolveRequest(open, request, { skipUnknown: options.skipUnknown });
  const history = titledHistory(items, [...met], maxHistory);
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
  const chosen = choose(open, codes, mixed, k, diversity);
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

/** The places of the k best candidates. */
function choose(
  { served }: OpenRecommender,
  codes: readonly number[],
  mixed: Float64Array,
  k: number,
  diversity: number,
) {
  const order = rerank(mixed);
  if (diversity === 0) return order.slice(0, k);
  const scores = new Float32Array(served.items);
  for (const [place, code] of codes.entries()) scores[code] = mixed[place]!;
  const pool = Int32Array.from(order, (place) => codes[place]!);
  const chosen = diversify(pool, scores, k, diversity, served.vectors, served.network.shape.width);
  return Array.from(chosen, (code) => codes.indexOf(code));
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
