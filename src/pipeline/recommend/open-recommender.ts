import { readRecommender, type SavedRecommender } from '../../artifact/recommender-folder.js';
import type { ProgramOptions } from '../../autodiff/program.js';
import { sequenceOf } from '../../data/interactions/interaction-splits.js';
import { SoftpromptError } from '../../errors.js';
import { topItems } from '../../evaluation/ranking/top-items.js';
import { recommenderScorer } from '../../recommend/recommender.js';
import type { BatchScorer } from '../../recommend/scorer.js';
import { givenGroups } from '../../recommend/sequential/user-inputs.js';

/** A recommender from its folder, ready to answer. */
export interface OpenRecommender {
  readonly saved: SavedRecommender;
  readonly score: BatchScorer;
  release(): Promise<void>;
}

/** Whom to recommend to: a user of the interactions, or anyone by what he met, the oldest first. */
export type RecommendRequest = ({ readonly user: string } | { readonly history: readonly string[] }) & {
  /** His attributes by column, instead of what the users' table said of him. */
  readonly userAttributes?: Readonly<Record<string, string>> | undefined;
};

export interface Recommendation {
  readonly item: string;
  readonly score: number;
  /** What the items' table says of it, by column. */
  readonly attributes: Readonly<Record<string, string>>;
  /** With `explain`: the items of the history that speak most for it, by how much the score falls without them. */
  readonly because?: readonly { readonly item: string; readonly weight: number }[];
}

export interface RecommendForOptions {
  /** Default: 10. */
  readonly k?: number | undefined;
  /** Whether items of the history may be recommended again. Default: no. */
  readonly includeSeen?: boolean | undefined;
  readonly explain?: boolean | undefined;
}

/** Errors: RECOMMENDER_INVALID, GRAPH_RUN. */
export async function openRecommender(folder: string, options: ProgramOptions = {}): Promise<OpenRecommender> {
  const saved = await readRecommender(folder);
  const { score, release } = await recommenderScorer(saved.recommender, options);
  return { saved, score, release };
}

/**
 * The best items for one user, best first. An empty history gets what is popular, unless attributes are given that the
 * recommender uses; one that validated better without them takes no notice of any.
 * @throws RECOMMEND_REQUEST for a user, an item or an attribute that is not known
 */
export async function recommendFor(
  open: OpenRecommender,
  request: RecommendRequest,
  { k = 10, includeSeen = false, explain = false }: RecommendForOptions = {},
): Promise<Recommendation[]> {
  const history = historyOf(open.saved, request);
  const scores = await scoreOne(open, request, [history]);
  const ranked = scores.slice();
  if (!includeSeen) for (const item of history) ranked[item] = Number.NEGATIVE_INFINITY;
  const best = topItems(ranked, k).filter((item) => item !== -1);
  const reasons = explain ? await occlusion(open, request, history, best, scores) : undefined;
  const { items } = open.saved.recommender;
  return Array.from(best, (item, place) => ({
    item: items[item]!,
    score: scores[item]!,
    attributes: attributesOf(open.saved, item),
    ...(reasons && { because: reasons[place]!.map(({ code, weight }) => ({ item: items[code]!, weight })) }),
  }));
}

/** What the items' table says of an item code. */
export function attributesOf({ itemColumns }: SavedRecommender, item: number): Record<string, string> {
  return Object.fromEntries(Array.from(itemColumns, ([name, values]) => [name, values[item]!]));
}

/** Scores of one user's request for several histories, [histories, I]. */
function scoreOne({ saved, score }: OpenRecommender, request: RecommendRequest, histories: readonly Int32Array[]) {
  const user = 'user' in request ? saved.users.indexOf(request.user) : -1;
  const { users } = saved.recommender.network;
  const groups = users && request.userAttributes && givenGroups(users.attributes, request.userAttributes);
  return score(new Int32Array(histories.length).fill(user), histories, groups && histories.map(() => groups));
}

function historyOf({ users, histories, recommender }: SavedRecommender, request: RecommendRequest): Int32Array {
  if ('user' in request) {
    const user = users.indexOf(request.user);
    if (user === -1) throw unknown('user', request.user, users[0]);
    return sequenceOf({ ...histories, times: undefined, ratings: undefined }, user);
  }
  const codes = new Map(recommender.items.map((id, code) => [id, code]));
  return Int32Array.from(request.history, (id) => {
    const code = codes.get(id);
    if (code === undefined) throw unknown('item', id, recommender.items[0]);
    return code;
  });
}

/** Items of a history that are left out, one at a time, to see what they mean. */
const EXPLAINED = 20;
const REASONS = 3;

/**
 * For each recommended item the items of the history that speak most for it: how far its score, against the mean of all,
 * falls without one (occlusion, Zeiler & Fergus 2014).
 */
async function occlusion(
  open: OpenRecommender,
  request: RecommendRequest,
  history: Int32Array,
  best: Int32Array,
  scores: Float32Array,
) {
  const recent = [...new Set(history.slice(-EXPLAINED))];
  const histories = recent.map((left) => history.filter((item) => item !== left));
  const without = await scoreOne(open, request, histories);
  const size = scores.length;
  const level = (row: Float32Array) => row.reduce((sum, score) => sum + score, 0) / size;
  const rows = recent.map((_, i) => without.subarray(i * size, (i + 1) * size));
  const levels = rows.map(level);
  const own = level(scores);
  return Array.from(best, (item) =>
    recent
      .map((code, i) => ({ code, weight: scores[item]! - own - (rows[i]![item]! - levels[i]!) }))
      .filter(({ weight }) => weight > 0)
      .sort((a, b) => b.weight - a.weight)
      .slice(0, REASONS),
  );
}

function unknown(of: 'user' | 'item', id: string, example: string | undefined): SoftpromptError {
  return new SoftpromptError('RECOMMEND_REQUEST', {
    found: `The ${of} '${id}' is not known`,
    expected: `the id of a ${of} that the recommender was fitted with, such as '${example}'`,
    fix:
      of === 'user' ? 'Correct the id, or give the history of a new user.' : 'Correct the id, or leave the item out.',
  });
}
