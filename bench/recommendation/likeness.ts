/**
 * What likeness to the texts of the latest items gives a recommender that was fitted without it: its weight is chosen on
 * validation users, and both are tested.
 *
 *   node dist/bench/recommendation/likeness.js SET FOLDER [USERS]
 *
 * FOLDER: of a recommender, with the network that was measured; its data lie where the fit read them. USERS: asked at most, of
 * each part (default: 3000).
 */
import { sequenceOf } from '../../src/data/interactions/interaction-splits.js';
import { pairedGain } from '../../src/evaluation/paired-gain.js';
import { mean, metricPerUser, RANK_METRICS } from '../../src/evaluation/ranking/ranking-metrics.js';
import { Random } from '../../src/random.js';
import { fitPlan } from '../../src/recommend/fit-options.js';
import { readRecommender } from '../../src/recommend/folder/recommender-folder.js';
import { optionsOfFit } from '../../src/recommend/kept-options.js';
import { chooseLikeness, likenessOf, withLikeness } from '../../src/recommend/likeness.js';
import { rankHeldOut } from '../../src/recommend/rank-held-out.js';
import { rankingTask } from '../../src/recommend/ranking-task.js';
import { loadRecommendData } from '../../src/recommend/recommend-data.js';
import { recommenderScorer } from '../../src/recommend/recommender.js';
import { keptLines, machine, writeResult } from '../machine.js';

const [set, folder, most = '3000'] = process.argv.slice(2);
if (set === undefined || folder === undefined) throw new Error('SET FOLDER');
const saved = await readRecommender(folder, 'held-out');
const { likeness: _, ...recommender } = saved.recommender;
const { features } = recommender.network.inputs;
if (features === undefined) throw new Error('a recommender that reads texts');
const plan = fitPlan(optionsOfFit(saved));
const task = rankingTask(await loadRecommendData(plan), plan);
const asked = (users: Int32Array) => Int32Array.from(new Random(0).shuffle([...users]).slice(0, Number(most))).sort();
const scorer = await recommenderScorer(recommender, { threads: 1 });
const validUsers = asked(task.validUsers.filter((user) => sequenceOf(task.splits.valid, user).length > 0));
const chosen = await chooseLikeness(scorer.score, features, { ...task, validUsers }, { threads: 1 });
console.log(JSON.stringify(chosen));
const liked = await withLikeness(scorer.score, likenessOf(features, chosen!.settings), { threads: 1 });
const users = asked(task.testUsers);
const tested = async (score: typeof liked.score) => {
  const { targets } = await rankHeldOut(score, task.splits, { part: 'test', candidates: task.candidates, users, k: 0 });
  return metricPerUser(targets, RANK_METRICS.ndcg, 10);
};
const before = await tested(scorer.score);
const after = await tested(liked.score);
await liked.release();
await scorer.release();
const round = (value: number) => Number(value.toFixed(4));
const { gain, standardError } = pairedGain(after, before);
const line = {
  ...{ set, validUsers: validUsers.length, testUsers: users.length, mixture: recommender.itemItem?.mixture ?? null },
  ...{ likeness: chosen!.settings, validGain: round(chosen!.gain.gain) },
  validStandardError: round(chosen!.gain.standardError),
  test: {
    without: round(mean(before)),
    with: round(mean(after)),
    gain: round(gain),
    standardError: round(standardError),
  },
};
console.log(JSON.stringify(line));
const RESULT = 'bench/results/recommendation-likeness.json';
writeResult(RESULT, {
  protocol: `${task.protocol}; ndcg@10`,
  machine: machine(),
  sets: [...keptLines<typeof line>(RESULT, 'sets').filter((other) => other.set !== set), line],
});
