import * as op from '../autodiff/build.js';
import { sequenceOf } from '../data/interactions/interaction-splits.js';
import { type PairedGain, pairedGain } from '../evaluation/paired-gain.js';
import { mean, ndcg } from '../evaluation/ranking/ranking-metrics.js';
import { hideItems, rankOf } from '../evaluation/ranking/target-ranks.js';
import { compile, type Program, type ProgramOptions } from '../runtime/program.js';
import type { RankingTask } from './measure-ranking.js';
import { historyBefore } from './rank-held-out.js';
import { type BatchScorer, rowsAtOnce } from './scorer.js';
import type { ItemFeatures } from './sequential/sasrec-options.js';
import { innerProduct, unitRows } from './unit-rows.js';

/**
 * How much an item gains by being like the latest items of a history: weight · cosine between its features and their mean,
 * at length 1 each. As the other scores are log-probabilities up to a constant, this is one more expert of the product
 * (Hinton 2002): a kernel around what was read, which a network that has learned from few interactions smooths over.
 */
export interface LikenessSettings {
  readonly weight: number;
  /** Latest items of a history that count. */
  readonly latest: number;
}

export interface Likeness extends LikenessSettings {
  /** [I, k] features at length 1; 0 where nothing is known. */
  readonly unit: Float32Array;
  readonly width: number;
}

const WEIGHTS = [0.5, 1, 2, 4, 6, 8, 12, 16, 24];
const LATEST = [1, 2, 3, 5, 10];
/** Scores that are looked at to choose, at most: so many users of a large catalogue. */
const MOST_SCORES = 100_000_000;
const CUTOFF = 10;

export function likenessOf({ vectors, width }: ItemFeatures, { weight, latest }: LikenessSettings): Likeness {
  const items = Int32Array.from({ length: vectors.length / width }, (_, item) => item);
  return { weight, latest, unit: unitRows(items, vectors, width), width };
}

/** What the latest items of a history are like, at length 1 [k]; 0 where nothing is known of them. */
export function likenessQuery({ unit, width, latest }: Omit<Likeness, 'weight'>, history: Int32Array): Float32Array {
  const query = new Float32Array(width);
  for (const item of history.slice(-latest)) {
    for (let i = 0; i < width; i++) query[i]! += unit[item * width + i]!;
  }
  return unitRows(Int32Array.of(0), query, width);
}

/** What likeness adds to the score of one item. */
export function likenessTerm({ unit, width, weight }: Likeness, query: Float32Array, item: number): number {
  return weight * innerProduct(query, 0, unit, item * width, width);
}

/** The scores with likeness added; an empty history is like nothing. Errors: GRAPH_RUN. */
export async function withLikeness(
  score: BatchScorer,
  likeness: Likeness,
  options: ProgramOptions = {},
): Promise<{ readonly score: BatchScorer; release(): Promise<void> }> {
  const program = await cosineProgram(likeness.width, options);
  return {
    score: async (users, histories, groups) => {
      const scores = await score(users, histories, groups);
      const cosines = await cosinesOf(program, likeness, histories);
      for (let i = 0; i < scores.length; i++) scores[i]! += likeness.weight * cosines[i]!;
      return scores;
    },
    release: () => program.release(),
  };
}

/**
 * The weight, and how many latest items, that are best in NDCG@10 of validation, with what such a choice gains beside none:
 * each half of the users is judged by what is best for the other, as the best of many would look better than it is.
 * @param score of the recommender so far
 */
export async function chooseLikeness(
  score: BatchScorer,
  features: ItemFeatures,
  { splits, candidates, validUsers }: Pick<RankingTask, 'splits' | 'candidates' | 'validUsers'>,
  options: ProgramOptions = {},
): Promise<{ readonly settings: LikenessSettings; readonly gain: PairedGain } | undefined> {
  const items = splits.items.length;
  const users = [...validUsers].filter((user) => sequenceOf(splits.valid, user).length > 0);
  const count = Math.min(users.length, Math.max(1, Math.floor(MOST_SCORES / items)));
  const asked = Array.from({ length: count }, (_, i) => users[Math.floor((i * users.length) / count)]!);
  if (asked.length === 0) return undefined;
  const excluded = Int32Array.from(splits.items.keys()).filter((item) => candidates[item] === 0);
  const choices = LATEST.flatMap((latest) => WEIGHTS.map((weight) => ({ weight, latest })));
  const without = new Float64Array(asked.length);
  const figures = choices.map(() => new Float64Array(asked.length));
  const likeness = likenessOf(features, { weight: 1, latest: 1 });
  const program = await cosineProgram(features.width, options);
  try {
    const batchSize = rowsAtOnce(items);
    for (let start = 0; start < asked.length; start += batchSize) {
      const batch = Int32Array.from(asked.slice(start, start + batchSize));
      const histories = Array.from(batch, (user) => historyBefore(splits, 'valid', user));
      const scores = await score(batch, histories);
      const cosines = new Map<number, Float32Array>();
      for (const latest of LATEST) cosines.set(latest, await cosinesOf(program, { ...likeness, latest }, histories));
      batch.forEach((user, i) => {
        const relevant = Int32Array.from(new Set(sequenceOf(splits.valid, user)));
        const own = scores.subarray(i * items, (i + 1) * items);
        hideItems(own, excluded, relevant);
        hideItems(own, histories[i]!, relevant);
        const figure = (of: Float32Array) => ndcg(relevant.map((item) => rankOf(of, item)).sort(), CUTOFF);
        without[start + i] = figure(own);
        choices.forEach(({ weight, latest }, choice) => {
          const like = cosines.get(latest)!.subarray(i * items, (i + 1) * items);
          figures[choice]![start + i] = figure(own.map((value, item) => value + weight * like[item]!));
        });
      });
    }
  } finally {
    await program.release();
  }
  const bestFor = (counts: (user: number) => boolean) => {
    const means = figures.map((own) => mean(own.filter((_, user) => counts(user))));
    return means.indexOf(Math.max(...means));
  };
  const [ofEven, ofOdd] = [0, 1].map((half) => bestFor((user) => user % 2 === half || asked.length === 1));
  const judged = without.map((_, user) => figures[user % 2 === 0 ? ofOdd! : ofEven!]![user]!);
  return { settings: choices[bestFor(() => true)]!, gain: pairedGain(judged, without) };
}

function cosineProgram(width: number, options: ProgramOptions): Promise<Program> {
  const feed = op.inputsByName();
  return compile({ cosines: op.linear(feed('queries', ['N', width]), feed('items', ['I', width])) }, options);
}

/** [histories, I] */
async function cosinesOf(
  program: Program,
  likeness: Omit<Likeness, 'weight'>,
  histories: readonly Int32Array[],
): Promise<Float32Array> {
  const { unit, width } = likeness;
  const queries = new Float32Array(histories.length * width);
  histories.forEach((history, i) => {
    queries.set(likenessQuery(likeness, history), i * width);
  });
  const { cosines } = await program.run({ queries, items: unit }, { N: histories.length, I: unit.length / width });
  return cosines!;
}
