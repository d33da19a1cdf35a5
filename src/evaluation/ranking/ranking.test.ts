import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Random } from '../../random.js';
import { coverage, gini, intraListDiversity, novelty } from './list-metrics.js';
import { popularityGroups } from './popularity-groups.js';
import { metricPerUser, RANK_METRICS, type RankMetricName } from './ranking-metrics.js';
import { compareRankings, evaluateRanking, summarizeRanking } from './ranking-report.js';
import { hideItems, rankOf, selectTargets, type TargetRanks } from './target-ranks.js';
import { bestItems, topItems } from './top-items.js';

const score = fc.constantFrom(-2, -1, 0, 0.5, 1, 3);
const scoreList = fc.array(score, { minLength: 1, maxLength: 15 });

/** The definitions, on the whole list in its worst order: irrelevant before relevant ones of the same score. */
function bruteForce(
  scores: readonly number[],
  relevant: ReadonlySet<number>,
  k: number,
): Record<RankMetricName, number> {
  const rank = (item: number) => scores.filter((other) => other >= scores[item]!).length;
  const ranks = [...relevant].map(rank);
  const top = Array.from({ length: k }, (_, i) => ranks.filter((r) => r === i + 1).length);
  let found = 0;
  let dcg = 0;
  let precision = 0;
  for (const [i, here] of top.entries()) {
    found += here;
    dcg += here / Math.log2(i + 2);
    precision += (here * found) / (i + 1);
  }
  const most = Math.min(k, relevant.size);
  const ideal = Array.from({ length: most }, (_, i) => 1 / Math.log2(i + 2)).reduce((a, b) => a + b, 0);
  return {
    recall: found / relevant.size,
    hit: found > 0 ? 1 : 0,
    ndcg: dcg / ideal,
    mrr: found > 0 ? 1 / (top.findIndex((here) => here > 0) + 1) : 0,
    map: precision / most,
  };
}

test('every metric is its definition, ties and several relevant items included', () => {
  fc.assert(
    fc.property(scoreList, fc.infiniteStream(fc.nat()), fc.integer({ min: 1, max: 20 }), (list, stream, k) => {
      const scores = Float32Array.from(list);
      const relevant = new Set([...stream.take(1 + (list.length % 4))].map((n) => n % list.length));
      const items = Int32Array.from(relevant);
      const targets: TargetRanks = {
        users: Int32Array.of(7),
        offsets: Int32Array.of(0, items.length),
        items,
        ranks: items.map((item) => rankOf(scores, item)),
      };
      const expected = bruteForce(list, relevant, k);
      for (const [name, metric] of Object.entries(RANK_METRICS)) {
        const [value] = metricPerUser(targets, metric, k);
        assert.ok(Math.abs(value! - expected[name as RankMetricName]) < 1e-12, `${name}: ${value}`);
        assert.ok(value! >= 0 && value! <= 1 + 1e-12);
      }
    }),
  );
});

test('with one relevant item, nDCG is 1/log2(rank + 1)', () => {
  const ranks = (rank: number) => Int32Array.of(rank);
  assert.equal(RANK_METRICS.ndcg(ranks(1), 10), 1);
  assert.equal(RANK_METRICS.ndcg(ranks(3), 10), 0.5);
  assert.equal(RANK_METRICS.ndcg(ranks(11), 10), 0);
  assert.equal(RANK_METRICS.map(ranks(4), 10), 0.25);
});

test('a constant score knows nothing; what is not a number is no win', () => {
  assert.equal(rankOf(new Float32Array(50), 7), 50);
  assert.equal(rankOf(Float32Array.of(1, Number.NaN, 2), 2), 2);
  assert.throws(() => rankOf(Float32Array.of(1, Number.NaN), 1), { code: 'EVALUATION_NOT_FINITE' });
});

test('hidden items cost nobody a place, relevant ones stay', () => {
  const scores = Float32Array.of(9, 8, 7, 6, 5);
  hideItems(scores, Int32Array.of(0, 2, 0, 3), Int32Array.of(3));
  assert.deepEqual([...scores], [-Infinity, 8, -Infinity, 6, 5]);
  assert.equal(rankOf(scores, 3), 2);
  assert.deepEqual([...topItems(scores, 5)], [1, 3, 4, -1, -1]);
});

test('top lists are those of a full sort', () => {
  fc.assert(
    fc.property(scoreList, fc.integer({ min: 1, max: 17 }), (list, k) => {
      const sorted = list.map((_, item) => item).sort((a, b) => list[b]! - list[a]! || a - b);
      const expected = Array.from({ length: k }, (_, place) => sorted[place] ?? -1);
      assert.deepEqual([...topItems(Float32Array.from(list), k)], expected);
    }),
  );
  assert.deepEqual([...topItems(Float32Array.of(Number.NaN, 1, -Infinity), 2)], [1, -1]);
  assert.deepEqual([...topItems(Float32Array.of(Number.NaN, 1, -Infinity, 2, 1), 300).subarray(0, 4)], [3, 1, 4, -1]);
  assert.deepEqual([...bestItems(Float32Array.of(Number.NaN, 1, -Infinity, 2, 1), 10_000_000_000)], [3, 1, 4]);
});

test('coverage, Gini, novelty and diversity of known lists', () => {
  const same = { items: Int32Array.of(0, 1, 0, 1), k: 2 };
  const spread = { items: Int32Array.of(0, 1, 2, 3), k: 2 };
  assert.equal(coverage(same, 4), 0.5);
  assert.equal(coverage(spread, 4), 1);
  assert.equal(gini(spread, 4), 0);
  assert.equal(gini(same, 4), 0.5);
  // the mean absolute difference between two items' counts, over twice the mean count
  const lists = { items: Int32Array.of(0, 1, 0, 2, 0, -1), k: 2 };
  const times = [3, 1, 1, 0, 0];
  const differences = times.flatMap((a) => times.map((b) => Math.abs(a - b)));
  assert.ok(Math.abs(gini(lists, 5) - differences.reduce((a, b) => a + b) / 25 / 2) < 1e-12);
  assert.equal(novelty(spread, Int32Array.of(0, 0, 0, 0)), 2);
  assert.equal(novelty({ items: Int32Array.of(0, -1), k: 2 }, Int32Array.of(1, 0, 1)), -Math.log2(2 / 5));
  const apart = (a: number, b: number) => Math.abs(a - b);
  assert.equal(
    intraListDiversity({ items: Int32Array.of(0, 3, 4, 9, 0, -1, -1, -1, -1), k: 3 }, apart),
    ((3 + 4 + 1) / 3 + 9) / 2,
  );
});

test('groups by popularity', () => {
  const counts = Int32Array.of(0, 9, 1, 5, 9, 1, 2, 1, 3, 1, 1);
  assert.deepEqual([...popularityGroups(counts)], [0, 2, 1, 1, 2, 1, 1, 1, 1, 1, 1]);
  assert.deepEqual([...popularityGroups(Int32Array.of(0, 0))], [0, 0]);
  assert.deepEqual([...popularityGroups(Int32Array.of(3, 3, 3))], [2, 2, 2]);
});

/** 200 users with one item each, ranked by chance, better on average with a higher `skill`. */
function randomTargets(skill: number, seed: number): TargetRanks {
  const random = new Random(seed);
  const users = Int32Array.from({ length: 200 }, (_, u) => u);
  return {
    users,
    offsets: Int32Array.from({ length: 201 }, (_, u) => u),
    items: users.map((u) => u % 10),
    ranks: users.map(() => 1 + Math.floor(100 * random.uniform() ** skill)),
  };
}

const input = (targets: TargetRanks) => ({
  targets,
  lists: { items: Int32Array.of(0, 1), k: 1 },
  itemCounts: Int32Array.of(0, 1, 1, 1, 1, 1, 1, 1, 5, 6),
  userCounts: Int32Array.from({ length: 200 }, (_, u) => (u < 50 ? 0 : u)),
  seed: 1,
});

test('a report: figures, intervals and groups hang together', () => {
  const targets = randomTargets(3, 1);
  const report = evaluateRanking(input(targets));
  assert.equal(report.users, 200);
  const { users, relevant, figures } = report;
  assert.deepEqual(summarizeRanking(targets), { users, relevant, figures });
  for (const [name, [low, high]] of Object.entries(report.intervals.figures)) {
    const value = report.figures[name]!;
    assert.ok(low < value && value < high, name);
  }
  const deviation = Math.sqrt((report.figures['hit@10']! * (1 - report.figures['hit@10']!)) / 200);
  const [low, high] = report.intervals.figures['hit@10']!;
  assert.ok(Math.abs((high - low) / (2 * 1.96 * deviation) - 1) < 0.15, 'the binomial interval');
  for (const groups of [report.itemGroups, report.userGroups]) {
    const parts = Object.values(groups).map((group) => group!);
    assert.equal(
      parts.reduce((sum, part) => sum + part.relevant, 0),
      200,
    );
    const total = parts.reduce((sum, part) => sum + part.users * part.figures['ndcg@10']!, 0);
    assert.ok(Math.abs(total / 200 - report.figures['ndcg@10']!) < 1e-12);
  }
  assert.equal(report.itemGroups.cold!.relevant, 20);
  assert.equal(report.itemGroups.popular!.relevant, 40);
  assert.equal(report.userGroups.cold!.users, 50);
  assert.equal(report.lists.diversity, null);
  assert.deepEqual(evaluateRanking(input(targets)), report, 'the seed decides');
  assert.throws(() => evaluateRanking(input(selectTargets(targets, () => false))), { code: 'EVALUATION_EMPTY' });
});

test('two models on the same users: a real difference is told from none', () => {
  const weak = randomTargets(2, 1);
  const better = compareRankings(randomTargets(8, 2), weak, 'ndcg', 10, 0);
  assert.ok(better.difference > 0.1 && better.interval[0] > 0 && better.pValue < 0.01);
  const chance = compareRankings(randomTargets(2, 3), weak, 'ndcg', 10, 0);
  assert.ok(chance.interval[0] < 0 && chance.interval[1] > 0 && chance.pValue > 0.05);
  const same = compareRankings(weak, weak, 'recall', 5, 0);
  assert.deepEqual(same, { difference: 0, interval: [0, 0], pValue: 1 });
  const fewer = selectTargets(weak, (item) => item > 3);
  assert.throws(() => compareRankings(weak, fewer, 'ndcg', 10, 0), { code: 'EVALUATION_SHAPE' });
});
