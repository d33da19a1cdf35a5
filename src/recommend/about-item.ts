import { SoftpromptError } from '../errors.js';
import { bestItems } from '../evaluation/ranking/top-items.js';
import type { Given } from '../options/option.js';
import { settle } from '../options/settle.js';
import { attributesOf, type Recommendation } from './open-recommender.js';
import { type ListLength, prepareSelection, type RecommendFilters, selectionPlan } from './recommend-filters.js';
import { historyOfUser, type RequestOptions } from './recommend-request.js';
import type { OpenRecommender } from './recommender-handle.js';
import { rowsAtOnce } from './scorer.js';
import { AUDIENCE } from './selection-options.js';
import { selectItems } from './serving/selection.js';
import { innerProduct, unitRows } from './unit-rows.js';
import { unknownId } from './unknown-id.js';

/** A user who would like an item. */
export interface LikelyUser {
  readonly user: string;
  /** log P(the item comes next | his history), by the softmax over all items of which anything is known. */
  readonly score: number;
  /** His share of the item over the mean share of all who were asked. */
  readonly times: number;
}

export interface SimilarOptions extends RecommendFilters, ListLength, Pick<RequestOptions, 'onNote'> {}

/**
 * The items most like one, by the cosine of their vectors; an item that nobody met is known by its text.
 * @throws RECOMMEND_REQUEST for an item that is not known, or of which nothing is known; RECOMMEND_FILTER, RECOMMEND_OPTION
 */
export async function similarItems(
  open: OpenRecommender,
  item: string,
  options: SimilarOptions = {},
): Promise<Recommendation[]> {
  const code = knownItem(open, item);
  const { onNote } = options;
  const { k } = selectionPlan(options);
  const selection = await prepareSelection(open, { ...options, includeSeen: false }, onNote);
  const { items, vectors } = open.served;
  const width = vectors.length / items;
  const scores = new Float32Array(items);
  const unit = unitRows(Int32Array.of(code), vectors, width);
  for (let other = 0; other < items; other++) {
    const product = innerProduct(unit, 0, vectors, other * width, width);
    const square = innerProduct(vectors, other * width, vectors, other * width, width);
    scores[other] = square === 0 ? 0 : product / Math.sqrt(square);
  }
  const found = selectItems(scores, Int32Array.of(code), k, selection, vectors);
  return Array.from(found, (other) => ({
    item: open.saved.recommender.items[other]!,
    score: scores[other]!,
    attributes: attributesOf(open.saved, other),
  }));
}

export interface LikelyUsersOptions extends Given<typeof AUDIENCE> {
  readonly onProgress?: ((usersDone: number, usersAll: number) => void) | undefined;
}

/**
 * The users for whom an item is likeliest to come next, the likeliest first.
 * @throws RECOMMEND_REQUEST for an item that is not known, or of which nothing is known; RECOMMEND_OPTION
 */
export async function likelyUsers(
  open: OpenRecommender,
  item: string,
  { onProgress, ...given }: LikelyUsersOptions = {},
): Promise<LikelyUser[]> {
  const code = knownItem(open, item);
  const { k, includeSeen } = settle(AUDIENCE, given, 'RECOMMEND_OPTION');
  const { saved, served } = open;
  const { items, known } = served;
  const shares = new Float32Array(saved.users.length).fill(Number.NEGATIVE_INFINITY);
  const block = rowsAtOnce(items);
  for (let start = 0; start < shares.length; start += block) {
    const users = Int32Array.from({ length: Math.min(block, shares.length - start) }, (_, i) => start + i);
    const histories = Array.from(users, (user) => historyOfUser(open, user));
    const scores = await served.score(users, histories);
    histories.forEach((history, i) => {
      if (history.length === 0 || (!includeSeen && history.includes(code))) return;
      shares[start + i] = logShare(scores.subarray(i * items, (i + 1) * items), known, code);
    });
    onProgress?.(start + users.length, shares.length);
  }
  const best = bestItems(shares, k);
  const asked = shares.filter((share) => share !== Number.NEGATIVE_INFINITY);
  const mean = asked.reduce((sum, share) => sum + Math.exp(share), 0) / asked.length;
  return Array.from(best, (user) => ({
    user: saved.users[user]!,
    score: shares[user]!,
    times: Math.exp(shares[user]!) / mean,
  }));
}

function logShare(scores: Float32Array, known: Uint8Array, item: number): number {
  let highest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < scores.length; i++) if (known[i] === 1 && scores[i]! > highest) highest = scores[i]!;
  let sum = 0;
  for (let i = 0; i < scores.length; i++) if (known[i] === 1) sum += Math.exp(scores[i]! - highest);
  return scores[item]! - highest - Math.log(sum);
}

function knownItem({ itemCodes, served, saved }: OpenRecommender, id: string): number {
  const code = itemCodes.get(id);
  if (code === undefined) throw unknownId('item', id, saved.recommender.items);
  if (served.known[code] === 1) return code;
  throw new SoftpromptError('RECOMMEND_REQUEST', {
    found: `Nothing is known of the item '${id}': nobody met it in training, and its text was not read`,
    expected: 'an item that somebody met, or that has a text',
    fix: 'Give a table that holds a text for it (--items), or fit again with a model and such a text.',
  });
}
