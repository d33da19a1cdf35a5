import { addVotes, targetsOf } from '../item-item-model.js';
import { likenessQuery, likenessTerm } from '../likeness.js';
import { itemItemTerm } from '../mixture.js';
import type { NetworkRequest } from '../sequential/network-request.js';
import type { QueryEncoder } from '../sequential/sasrec-queries.js';
import { innerProduct } from '../unit-rows.js';
import { gatherRows, type InvertedFile, probedCells } from './inverted-file.js';
import { type Selection, selectItems } from './selection.js';
import { exactLists, type RankedList, type ServedCatalogue } from './served-catalogue.js';

/** A search that looks at a part of the catalogue. */
export interface ApproximateSearch {
  readonly index: InvertedFile;
  /** Cells that are looked into for a user. */
  readonly probes: number;
  readonly encoder: QueryEncoder;
}

/** Below this share of the catalogue a filter is searched exactly: most of what the cells hold would be refused. */
const WIDE_FILTER = 0.1;
const USERS_AT_ONCE = 64;

/**
 * The lists of several users from the items of the nearest cells, all those that the item-item model has a word for, and those that
 * gain most by being popular lately;
 * their scores are exact. Empty histories, boosts and narrow filters are searched exactly, and so is a user for whom these
 * items give fewer than k: what a filter allows may lie in other cells.
 */
export async function approximateLists(
  served: ServedCatalogue,
  search: ApproximateSearch,
  requests: readonly NetworkRequest[],
  k: number,
  selection: Selection,
): Promise<RankedList[]> {
  const allowed = selection.allowed.reduce((sum, one) => sum + one, 0);
  if (selection.boost || allowed < WIDE_FILTER * served.items) return exactLists(served, requests, k, selection);
  const lists = await probedLists(served, search, requests, k, selection);
  const short = [...lists.keys()].filter((i) => lists[i]!.items.length < k);
  const users = short.map((i) => requests[i]!);
  const exact = await exactLists(served, users, k, selection);
  short.forEach((i, place) => {
    lists[i] = exact[place]!;
  });
  return lists;
}

/** What the nearest cells and the item-item model give; shorter than k where they hold too little of what is allowed. */
async function probedLists(
  served: ServedCatalogue,
  search: ApproximateSearch,
  requests: readonly NetworkRequest[],
  k: number,
  selection: Selection,
): Promise<RankedList[]> {
  const scratch = new Float32Array(served.items);
  const lists: RankedList[] = [];
  for (let start = 0; start < requests.length; start += USERS_AT_ONCE) {
    const users = requests.slice(start, start + USERS_AT_ONCE);
    const some = users.filter(({ history }) => history.length > 0);
    const queries = some.length === 0 ? new Float32Array(0) : await search.encoder.encode(some);
    const width = search.index.width;
    let row = 0;
    for (const request of users) {
      if (request.history.length === 0) lists.push(...(await exactLists(served, [request], k, selection)));
      else {
        const query = queries.subarray(row * width, (row + 1) * width);
        lists.push(listFor(served, search, query, request.history, k, selection, scratch));
        row += 1;
      }
    }
  }
  return lists;
}

function listFor(
  { vectors, itemItem, likeness, trend }: ServedCatalogue,
  { index, probes }: ApproximateSearch,
  query: Float32Array,
  history: Int32Array,
  k: number,
  selection: Selection,
  votes: Float32Array,
): RankedList {
  const { width } = index;
  const codes: number[] = [];
  const products: number[] = [];
  for (const cell of probedCells(index, query, probes)) {
    for (let at = index.offsets[cell]!; at < index.offsets[cell + 1]!; at++) {
      codes.push(index.items[at]!);
      products.push(innerProduct(query, 0, index.rows, at * width, width));
    }
  }
  if (itemItem) addVotes(itemItem.model, history, votes);
  const voted = itemItem ? targetsOf(itemItem.model, history) : new Set<number>();
  const others = new Set([...voted, ...(trend?.first ?? [])]);
  const there = new Set(others.size > 0 ? codes : []);
  for (const item of others) {
    if (there.has(item)) continue;
    codes.push(item);
    products.push(innerProduct(query, 0, vectors, item * width, width));
  }
  const scores = Float32Array.from(products);
  if (itemItem) {
    codes.forEach((item, place) => {
      scores[place]! += itemItemTerm(votes[item]!, itemItem.mixture);
    });
  }
  if (likeness) {
    const like = likenessQuery(likeness, history);
    codes.forEach((item, place) => {
      scores[place]! += likenessTerm(likeness, like, item);
    });
  }
  if (trend) {
    codes.forEach((item, place) => {
      scores[place]! += trend.terms[item]!;
    });
  }
  for (const item of voted) votes[item] = 0;
  return narrowed(codes, scores, history, k, selection, vectors, width);
}

/** Selects among some items: those of a list and their surroundings are enough for its diversity. */
function narrowed(
  codes: readonly number[],
  scores: Float32Array,
  history: Int32Array,
  k: number,
  selection: Selection,
  vectors: Float32Array,
  width: number,
): RankedList {
  const seen = new Set(history);
  const allowed = new Uint8Array(codes.length);
  codes.forEach((item, place) => {
    if (selection.allowed[item] === 1 && (selection.includeSeen || !seen.has(item))) allowed[place] = 1;
  });
  const among: Selection = { ...selection, allowed, includeSeen: true };
  const rows =
    selection.diversity > 0
      ? gatherRows(Int32Array.from(codes), vectors, width)
      : vectors.subarray(0, scores.length * width);
  const places = selectItems(scores, new Int32Array(0), k, among, rows);
  return {
    items: Int32Array.from(places, (place) => codes[place]!),
    scores: Float32Array.from(places, (place) => scores[place]!),
  };
}

/** The mean share of the k items of exact search that the cells, without exact search's help, give too. */
export async function recallAgainstExact(
  served: ServedCatalogue,
  search: ApproximateSearch,
  requests: readonly NetworkRequest[],
  k: number,
): Promise<number> {
  const selection: Selection = { allowed: served.known, boost: undefined, diversity: 0, includeSeen: false };
  const exact = await exactLists(served, requests, k, selection);
  const found = await probedLists(served, search, requests, k, selection);
  const shares = exact.map(({ items }, i) => {
    const there = new Set(found[i]!.items);
    return items.length === 0 ? 1 : items.filter((item) => there.has(item)).length / items.length;
  });
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}
