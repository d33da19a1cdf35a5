/**
 * Items that nobody met, recommended by their texts: a tenth of the items is drawn and left out of training and
 * validation, and users whose last item is one of them are asked. Beside the recommender of `recommend fit` stand its
 * network alone, a network that met these items in training, popularity, and nearest neighbours by text.
 *
 *   node dist/bench/recommendation/unseen-items.js SET MODEL [SETTINGS] [DRAW] [FOLDER]
 *
 * SETTINGS of the network as JSON, such as '{"epochs":20}', and `reading`: how texts are read, options of `recommend fit`; default: ours.
 */
import { mean, metricPerUser, RANK_METRICS } from '../../src/evaluation/ranking/ranking-metrics.js';
import { loadModel } from '../../src/network/load-model.js';
import { settle } from '../../src/options/settle.js';
import { fitPopularity } from '../../src/recommend/baselines/popularity.js';
import { baselineTuner } from '../../src/recommend/baselines/tune-baseline.js';
import { FIT, type RecommendOptions } from '../../src/recommend/fit-options.js';
import { sampleHeldOut } from '../../src/recommend/held-out-users.js';
import { openItemReader } from '../../src/recommend/item-reader.js';
import { withLearnedReading } from '../../src/recommend/learn-item-reader.js';
import { mixIn } from '../../src/recommend/mix-in.js';
import { rankHeldOut } from '../../src/recommend/rank-held-out.js';
import { recommenderScorer } from '../../src/recommend/recommender.js';
import { type BatchScorer, inBatches } from '../../src/recommend/scorer.js';
import { fitSasRec } from '../../src/recommend/sequential/fit-sasrec.js';
import { sasRecScorer } from '../../src/recommend/sequential/sasrec.js';
import type { SasRecOptions } from '../../src/recommend/sequential/sasrec-options.js';
import { wordsOfItems } from '../../src/recommend/words-of-items.js';
import { keptLines, machine, writeResult } from '../machine.js';
import { RECOMMENDATION_SETS, type RecommendationSetName } from './datasets.js';
import { textNeighbours } from './text-neighbours.js';
import { UNSEEN_SHARE, unseenSplit } from './unseen-split.js';

const [set = 'amazon-scientific', model, chosen = '{}', which = '0', folder = '../shared/data/recommendation'] =
  process.argv.slice(2);
if (model === undefined) throw new Error('SET MODEL');
const draw = Number(which);
const { interactions, items: table } = await RECOMMENDATION_SETS[set as RecommendationSetName](folder);
const { reading: read = {}, ...settings } = JSON.parse(chosen) as Partial<SasRecOptions> & {
  readonly reading?: Partial<RecommendOptions>;
};

const { splits, before, met, unseen } = unseenSplit(interactions, draw);
const plan = settle(FIT, { ...read, interactions: '', out: '' }, 'RECOMMEND_OPTION');
const opened = await openItemReader(await loadModel(model, {}), table, splits.items, met, plan);
const onEvaluation = (line: unknown) => console.log(JSON.stringify(line));
const { reader } = read.learnPrompt
  ? await withLearnedReading(opened, splits, plan, { onEvaluation })
  : { reader: opened };
await opened.release();
const itemFeatures = reader!.features;
const fitted = await fitSasRec(
  splits,
  { ...settings, itemFeatures },
  { candidates: met, onEpoch: (line) => console.log(JSON.stringify(line)) },
);
const scorer = await sasRecScorer(fitted.model);
const words = wordsOfItems(table, splits.items, plan);
const asked = {
  validUsers: sampleHeldOut(splits, 'valid', 0).users,
  testUsers: sampleHeldOut(splits, 'test', 0).users,
};
const { recommender } = await mixIn(
  { splits, candidates: met, ...asked, protocol: splits.protocol },
  fitted.model,
  { tune: baselineTuner(splits, { ...asked, candidates: met, words }), texts: itemFeatures, words },
  { itemItem: true, likeness: true, trend: false, split: 'leave-one-out', seed: 0 },
  { onEvent: (event) => console.log(JSON.stringify(event)) },
);
const whole = await recommenderScorer(recommender);

const figures = async (score: BatchScorer, of = splits) => {
  const ndcg = async (candidates: Uint8Array | undefined) => {
    const { targets } = await rankHeldOut(score, of, { part: 'test', relevant: unseen, candidates });
    return {
      users: targets.users.length,
      ndcg: Number(mean(metricPerUser(targets, RANK_METRICS.ndcg, 10)).toFixed(4)),
    };
  };
  const among = await ndcg(unseen);
  return { users: among.users, amongUnseen: among.ndcg, amongAll: (await ndcg(undefined)).ndcg };
};
// the same items, users and candidates, had training not lacked them: what a network can reach
if (before.items.some((id, code) => id !== splits.items[code])) throw new Error('items are coded in another order');
const { model: networkOfAll } = await fitSasRec(
  before,
  { ...settings, itemFeatures },
  { onEpoch: (line) => console.log(JSON.stringify(line)) },
);
const ofMet = await sasRecScorer(networkOfAll);

const neighbours = [];
for (const latest of [1, 3, 10, 50])
  neighbours.push({ latest, ...(await figures(textNeighbours(itemFeatures, latest))) });
const line = {
  set,
  ...{ draw, model: model.split('/').at(-1) },
  settings: { reading: read, ...settings },
  unseenItems: unseen.reduce((sum, one) => sum + one, 0),
  items: splits.items.length,
  validNdcg: Number(fitted.validNdcg?.toFixed(4)),
  recommender: await figures(whole.score),
  network: await figures(scorer.score),
  networkThatMetThem: await figures(ofMet.score, before),
  popularity: await figures(inBatches(fitPopularity(splits.train, splits.items.length), splits.items.length)),
  textNeighbours: neighbours,
};
await scorer.release();
await whole.release();
await ofMet.release();
console.log(JSON.stringify(line));
const RESULT = 'bench/results/recommendation-unseen-items.json';
const isAnother = (other: typeof line) =>
  JSON.stringify([other.set, other.draw ?? 0, other.model, other.settings]) !==
  JSON.stringify([set, draw, line.model, line.settings]);
writeResult(RESULT, {
  protocol: `${UNSEEN_SHARE * 100} % of items drawn, left out of training and validation; ndcg@10 of the users whose last item is one of them`,
  machine: machine(),
  sets: [...keptLines<typeof line>(RESULT, 'sets').filter(isAnother), line],
});
