import { sequenceOf } from '../data/interactions/interaction-splits.js';
import { type PairedGain, pairedGain } from '../evaluation/paired-gain.js';
import { mean, ndcg } from '../evaluation/ranking/ranking-metrics.js';
import { hideItems, rankOf } from '../evaluation/ranking/target-ranks.js';
import type { RankingTask } from './measure-ranking.js';
import { historyBefore } from './rank-held-out.js';
import { type BatchScorer, rowsAtOnce } from './scorer.js';

/** Adds what an expert of these settings says to one user's scores [I]. @param row the user's among the histories told of */
export type AddExpert<S> = (settings: S, row: number, scores: Float32Array) => void;

/** Scores that are looked at to choose, at most: so many users of a large catalogue. */
const MOST_SCORES = 100_000_000;
const CUTOFF = 10;
const FOLDS = 10;

/**
 * The settings of one more expert of a product (Hinton 2002) that are best in NDCG@10 of validation, with what such a choice
 * gains beside none: each tenth of the users is judged by what is best for the others, as the best of many would look better
 * than it is.
 * @param score of the recommender so far @returns undefined where nobody validates
 */
export async function chooseExpert<S>(
  score: BatchScorer,
  { splits, candidates, validUsers }: Pick<RankingTask, 'splits' | 'candidates' | 'validUsers'>,
  choices: readonly S[],
  expert: (histories: readonly Int32Array[]) => Promise<AddExpert<S>>,
): Promise<{ readonly settings: S; readonly gain: PairedGain } | undefined> {
  const items = splits.items.length;
  const users = [...validUsers].filter((user) => sequenceOf(splits.valid, user).length > 0);
  const count = Math.min(users.length, Math.max(1, Math.floor(MOST_SCORES / items)));
  const asked = Array.from({ length: count }, (_, i) => users[Math.floor((i * users.length) / count)]!);
  if (asked.length === 0) return undefined;
  const excluded = Int32Array.from(splits.items.keys()).filter((item) => candidates[item] === 0);
  const without = new Float64Array(asked.length);
  const figures = choices.map(() => new Float64Array(asked.length));
  const batchSize = rowsAtOnce(items);
  const told = new Float32Array(items);
  for (let start = 0; start < asked.length; start += batchSize) {
    const batch = Int32Array.from(asked.slice(start, start + batchSize));
    const histories = Array.from(batch, (user) => historyBefore(splits, 'valid', user));
    const scores = await score(batch, histories);
    const add = await expert(histories);
    batch.forEach((user, i) => {
      const relevant = Int32Array.from(new Set(sequenceOf(splits.valid, user)));
      const own = scores.subarray(i * items, (i + 1) * items);
      hideItems(own, excluded, relevant);
      hideItems(own, histories[i]!, relevant);
      const figure = (of: Float32Array) => ndcg(relevant.map((item) => rankOf(of, item)).sort(), CUTOFF);
      without[start + i] = figure(own);
      choices.forEach((settings, choice) => {
        told.set(own);
        add(settings, i, told);
        figures[choice]![start + i] = figure(told);
      });
    });
  }
  const bestFor = (counts: (user: number) => boolean) => {
    const means = figures.map((own) => mean(own.filter((_, user) => counts(user))));
    return means.indexOf(Math.max(...means));
  };
  const folds = Math.min(FOLDS, asked.length);
  const ofOthers = Array.from({ length: folds }, (_, fold) => bestFor((user) => user % folds !== fold || folds === 1));
  const judged = without.map((_, user) => figures[ofOthers[user % folds]!]![user]!);
  return { settings: choices[bestFor(() => true)]!, gain: pairedGain(judged, without) };
}
