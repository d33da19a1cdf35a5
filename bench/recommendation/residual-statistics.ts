import { countCodes } from '../../src/data/interactions/interaction-data.js';
import { sequenceOf } from '../../src/data/interactions/interaction-splits.js';
import { type PairedGain, pairedGain } from '../../src/evaluation/paired-gain.js';
import { mean, ndcg } from '../../src/evaluation/ranking/ranking-metrics.js';
import { Random } from '../../src/random.js';
import { openHeldBack } from '../../src/recommend/titles/held-back.js';
import { MAX_HISTORY } from '../../src/recommend/titles/words-template.js';

/** One user's candidates: the recommender's score and statistics of each, [candidates][statistics]. */
interface StatisticsCase {
  readonly statistics: readonly (readonly number[])[];
  readonly target: number;
}

/** How known an item is, when it was last met, and what words it shares with the latest titles, the very latest apart. */
export const STATISTICS = [
  'score',
  'log count',
  'log days since',
  'words of the latest',
  'words of the history',
] as const;

/** The recommender's own order. */
const START = [1, 0, 0, 0, 0];
const NEWTON_STEPS = 20;
/** Of each weight squared, so that statistics that say the same stay solvable. */
const RIDGE = 1e-2;
const DAY = 86_400;

/**
 * A re-ranker without a language model: softmax(β · statistics) over the recommender's best, its score one of them, β by Newton's method.
 * NDCG@10 across halves of the users, as `judgeResidual` judges titles.
 */
export async function statisticsResidual(
  folder: string,
  { users, top, threads }: { readonly users: number; readonly top: number; readonly threads: number },
): Promise<{ gain: PairedGain; without: number; weights: readonly number[]; users: number; found: number }> {
  const held = await openHeldBack(folder, 'Statistics are weighed', { threads });
  try {
    const { splits, titles } = held;
    const counts = countCodes(splits.train.items, splits.items.length);
    const last = lastTimes(splits.train.items, splits.train.times, splits.items.length);
    const words = wordWeights(titles);
    const places = new Random(0).sample(held.users.length, Math.min(users, held.users.length));
    const asked = places.map((at) => held.users[at]!);
    const cases: StatisticsCase[] = [];
    for await (const { history, best, scores, target } of held.cases(asked, { items: top, history: MAX_HISTORY })) {
      const user = asked[cases.length]!;
      const time =
        splits.valid.times && sequenceOf(splits.valid, user).length > 0
          ? splits.valid.times[splits.valid.offsets[user]!]!
          : 0;
      const latest = history.slice(-1);
      const statistics = [...best].map((item, c) => [
        scores[c]!,
        Math.log(1 + counts[item]!),
        last === undefined ? 0 : Math.log(1 + Math.max(0, time - last[item]!) / DAY),
        words.cosine([item], latest),
        words.cosine([item], history),
      ]);
      cases.push({ statistics, target });
    }
    const half = (which: number) => cases.filter((_, user) => user % 2 === which);
    const byHalf = [fit(half(1)), fit(half(0))];
    const judged = Float64Array.from(cases, (one, user) => figure(one, byHalf[user % 2]!));
    const without = Float64Array.from(cases, (one) => figure(one, START));
    return {
      gain: pairedGain(judged, without),
      without: mean(without),
      weights: fit(cases),
      users: cases.length,
      found: cases.filter(({ target }) => target !== -1).length,
    };
  } finally {
    await held.close();
  }
}

function lastTimes(items: Int32Array, times: Float64Array | undefined, count: number): Float64Array | undefined {
  if (times === undefined) return undefined;
  const last = new Float64Array(count);
  for (const [row, item] of items.entries()) last[item] = Math.max(last[item]!, times[row]!);
  return last;
}

/** Cosine of bags of words, each weighed by how few titles have it. */
function wordWeights(titles: readonly string[]) {
  const bags = titles.map((title) => new Set(title.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []));
  const counts = new Map<string, number>();
  for (const bag of bags) for (const word of bag) counts.set(word, (counts.get(word) ?? 0) + 1);
  const rarity = (word: string) => Math.log(titles.length / counts.get(word)!);
  const vector = (items: readonly number[]) => {
    const sum = new Map<string, number>();
    for (const item of items) for (const word of bags[item]!) sum.set(word, (sum.get(word) ?? 0) + rarity(word));
    return sum;
  };
  const norm = (sum: ReadonlyMap<string, number>) =>
    Math.sqrt([...sum.values()].reduce((total, value) => total + value ** 2, 0));
  return {
    cosine(a: readonly number[], b: readonly number[]): number {
      const [left, right] = [vector(a), vector(b)];
      let product = 0;
      for (const [word, value] of left) product += value * (right.get(word) ?? 0);
      const size = norm(left) * norm(right);
      return size === 0 ? 0 : product / size;
    },
  };
}

const scoresWith = ({ statistics }: StatisticsCase, weights: readonly number[]) =>
  Float64Array.from(statistics, (row) => weights.reduce((sum, weight, f) => sum + weight * row[f]!, 0));

/** Ties count against it, as where titles are judged. */
function figure(one: StatisticsCase, weights: readonly number[]): number {
  if (one.target === -1) return 0;
  const mixed = scoresWith(one, weights);
  const rank = mixed.reduce((ahead, score) => ahead + (score >= mixed[one.target]! ? 1 : 0), 0);
  return ndcg(Int32Array.of(rank), 10);
}

/** β that makes what came next most likely, [statistics]; Newton's steps are halved until that does not become less likely. */
function fit(cases: readonly StatisticsCase[]): number[] {
  const found = cases.filter(({ target }) => target !== -1);
  let weights = START;
  let now = derivatives(found, weights);
  for (let step = 0; step < NEWTON_STEPS; step++) {
    const change = solve(now.curvature, now.slope);
    const before = now.value;
    for (let part = 1; part > 1e-4; part /= 2) {
      const tried = weights.map((weight, f) => weight + part * change[f]!);
      const next = derivatives(found, tried);
      if (next.value < now.value) continue;
      weights = tried;
      now = next;
      break;
    }
    if (now.value - before < 1e-6) break;
  }
  return weights;
}

/** Of Σ log softmax at the targets less the ridge: its value, its slope, and minus its curvature. */
function derivatives(cases: readonly StatisticsCase[], weights: readonly number[]) {
  const F = weights.length;
  const slope = weights.map((weight) => -RIDGE * weight);
  const curvature = weights.map((_, f) => weights.map((__, g) => (f === g ? RIDGE : 0)));
  let value = weights.reduce((sum, weight) => sum - (RIDGE * weight ** 2) / 2, 0);
  for (const one of cases) {
    const right = one.statistics[one.target]!;
    const logits = scoresWith(one, weights);
    const most = logits.reduce((highest, logit) => Math.max(highest, logit), Number.NEGATIVE_INFINITY);
    const shares = logits.map((logit) => Math.exp(logit - most));
    const total = shares.reduce((sum, share) => sum + share, 0);
    value += logits[one.target]! - most - Math.log(total);
    const middle = right.map((_, f) =>
      shares.reduce((sum, share, c) => sum + (share / total) * one.statistics[c]![f]!, 0),
    );
    for (let f = 0; f < F; f++) slope[f]! += right[f]! - middle[f]!;
    for (const [c, share] of shares.entries()) {
      const away = one.statistics[c]!.map((statistic, f) => statistic - middle[f]!);
      for (let f = 0; f < F; f++)
        for (let g = 0; g < F; g++) curvature[f]![g]! += (share / total) * away[f]! * away[g]!;
    }
  }
  return { value, slope, curvature };
}

/** Gaussian elimination with pivots. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  for (let column = 0; column < rows.length; column++) {
    const pivot = rows.reduce(
      (best, row, i) => (i > column && Math.abs(row[column]!) > Math.abs(rows[best]![column]!) ? i : best),
      column,
    );
    [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
    for (let i = 0; i < rows.length; i++) {
      if (i === column) continue;
      const factor = rows[i]![column]! / rows[column]![column]!;
      for (let j = column; j <= rows.length; j++) rows[i]![j]! -= factor * rows[column]![j]!;
    }
  }
  return rows.map((row, i) => row[rows.length]! / row[i]!);
}
