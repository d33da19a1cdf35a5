/**
 * What a learned reading gives items that nobody met, without a network: nearest neighbours by text, and EASE whose votes
 * such items borrow from those of similar texts, alone and with likeness of texts beside it. A tenth of the items is drawn and left out, as in unseen-items.
 *
 *   node dist/bench/recommendation/reading.js SET MODEL NAME [OPTIONS] [DRAW] [FOLDER]
 *
 * OPTIONS as JSON: those of `recommend fit` that say how items are read. NAME: what the line of the result is called.
 */
import { mean, metricPerUser, RANK_METRICS } from '../../src/evaluation/ranking/ranking-metrics.js';
import { loadModel } from '../../src/network/load-model.js';
import { settle } from '../../src/options/settle.js';
import { fitItemItem } from '../../src/recommend/baselines/tune-baseline.js';
import { withBorrowedVotes } from '../../src/recommend/borrowed-votes.js';
import { FIT, type RecommendOptions } from '../../src/recommend/fit-options.js';
import { itemItemModel, itemItemScorer } from '../../src/recommend/item-item-model.js';
import { openItemReader } from '../../src/recommend/item-reader.js';
import { withLearnedReading } from '../../src/recommend/learn-item-reader.js';
import { chooseLikeness, likenessOf, withLikeness } from '../../src/recommend/likeness.js';
import { mixedScorer } from '../../src/recommend/mixture.js';
import { rankHeldOut } from '../../src/recommend/rank-held-out.js';
import type { BatchScorer } from '../../src/recommend/scorer.js';
import { keptLines, machine, writeResult } from '../machine.js';
import { RECOMMENDATION_SETS, type RecommendationSetName } from './datasets.js';
import { textNeighbours } from './text-neighbours.js';
import { UNSEEN_SHARE, unseenSplit } from './unseen-split.js';

const [set, source, name, chosen = '{}', draw = '0', folder = '../shared/data/recommendation'] = process.argv.slice(2);
if (set === undefined || source === undefined || name === undefined) throw new Error('SET MODEL NAME');
const options = JSON.parse(chosen) as Partial<RecommendOptions>;
const plan = settle(FIT, { threads: 1, ...options, interactions: '', out: '' }, 'RECOMMEND_OPTION');
const { interactions, items: table } = await RECOMMENDATION_SETS[set as RecommendationSetName](folder);
const { splits, met, unseen } = unseenSplit(interactions, Number(draw));
const started = performance.now();
const opened = await openItemReader(await loadModel(source, {}), table, splits.items, met, plan);
const history: unknown[] = [];
const { reader } = options.learnPrompt
  ? await withLearnedReading(opened, splits, plan, {
      threads: 1,
      onEvaluation: (line) => {
        history.push(line);
        console.log(JSON.stringify(line), ((performance.now() - started) / 1000).toFixed(0));
      },
    })
  : { reader: opened };
const seconds = (performance.now() - started) / 1000;
const { features } = reader!;
const items = splits.items.length;
const ndcg = async (score: BatchScorer, candidates: Uint8Array | undefined) => {
  const { targets } = await rankHeldOut(score, splits, { part: 'test', relevant: unseen, candidates });
  return Number(mean(metricPerUser(targets, RANK_METRICS.ndcg, 10)).toFixed(4));
};
const figures = async (score: BatchScorer) => ({
  amongUnseen: await ndcg(score, unseen),
  amongAll: await ndcg(score, undefined),
});
const neighbours = [];
for (const latest of [1, 3, 10]) neighbours.push({ latest, ...(await figures(textNeighbours(features, latest))) });
const settings = { regularisation: 200, recency: 0.7 };
const ease = await fitItemItem('ease', settings, splits.train, items);
const votes = await withBorrowedVotes(itemItemModel(ease, items), features, met, { threads: 1 });
// without a network: EASE as one expert, likeness of texts as the other
const nothing: BatchScorer = async (_, histories) => new Float32Array(histories.length * items);
const floor = { weight: 1, floor: 0.01 };
const easeAlone = mixedScorer(nothing, itemItemScorer(votes), floor);
const asked = { splits, candidates: met, validUsers: Int32Array.from(splits.users.keys()) };
const { settings: like, gain } = (await chooseLikeness(easeAlone, features, asked, { threads: 1 }))!;
const liked = await withLikeness(easeAlone, likenessOf(features, like), { threads: 1 });
const seen = unseen.map((one) => 1 - one);
const ofMet = async (score: BatchScorer) => {
  const { targets } = await rankHeldOut(score, splits, { part: 'test', relevant: seen });
  return Number(mean(metricPerUser(targets, RANK_METRICS.ndcg, 10)).toFixed(4));
};
const experts = {
  ease: { ...(await figures(easeAlone)), usersOfMetItems: await ofMet(easeAlone) },
  easeAndLikeness: { ...like, ...gain, ...(await figures(liked.score)), usersOfMetItems: await ofMet(liked.score) },
};
await liked.release();
const line = {
  ...{ set, draw: Number(draw), name, model: source.split('/').at(-1), options },
  ...{ seconds: Math.round(seconds), neighbours },
  experts,
  history,
};
await opened.release();
console.log(JSON.stringify({ ...line, history: undefined }));
const RESULT = `bench/results/recommendation-reading.json`;
const other = (kept: typeof line) => kept.set !== set || kept.draw !== line.draw || kept.name !== name;
writeResult(RESULT, {
  protocol: `${UNSEEN_SHARE * 100} % of items drawn, left out of training and validation; ndcg@10 of the users whose last item is one of them`,
  machine: machine(),
  lines: [...keptLines<typeof line>(RESULT, 'lines').filter(other), line],
});
