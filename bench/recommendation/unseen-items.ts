/**
 * Items that nobody met, recommended by their texts: a tenth of the items is drawn and left out of training and
 * validation, and users whose last item is one of them are asked. Beside the recommender of `recommend fit` stand its
 * network alone, a network that met these items in training, popularity, and nearest neighbours by text.
 *
 *   node dist/bench/recommendation/unseen-items.js SET MODEL [SETTINGS] [FOLDER]
 *
 * SETTINGS of the network as JSON, such as '{"epochs":20}', and `textLayers` that read the texts; default: ours.
 */
import { selectRows } from '../../src/data/interactions/interaction-data.js';
import { itemsMet, leaveOneOut } from '../../src/data/interactions/interaction-splits.js';
import { mean, metricPerUser, RANK_METRICS } from '../../src/evaluation/ranking/ranking-metrics.js';
import { loadModel } from '../../src/network/load-model.js';
import { Random } from '../../src/random.js';
import { fitPopularity } from '../../src/recommend/baselines/popularity.js';
import { baselineTuner } from '../../src/recommend/baselines/tune-baseline.js';
import { RECOMMEND_DEFAULTS } from '../../src/recommend/fit-options.js';
import { sampleHeldOut } from '../../src/recommend/held-out-users.js';
import { openItemReader } from '../../src/recommend/item-reader.js';
import { mixIn } from '../../src/recommend/mix-in.js';
import { rankHeldOut } from '../../src/recommend/rank-held-out.js';
import { recommenderScorer } from '../../src/recommend/recommender.js';
import { type BatchScorer, inBatches } from '../../src/recommend/scorer.js';
import { fitSasRec } from '../../src/recommend/sequential/fit-sasrec.js';
import { sasRecScorer } from '../../src/recommend/sequential/sasrec.js';
import type { SasRecOptions } from '../../src/recommend/sequential/sasrec-options.js';
import { innerProduct, unitRows } from '../../src/recommend/unit-rows.js';
import { keptLines, machine, writeResult } from '../machine.js';
import { RECOMMENDATION_SETS, type RecommendationSetName } from './datasets.js';

const [set = 'amazon-scientific', model, chosen = '{}', folder = '../shared/data/recommendation'] =
  process.argv.slice(2);
if (model === undefined) throw new Error('SET MODEL');
const SHARE = 0.1;
const { interactions, items: table } = await RECOMMENDATION_SETS[set as RecommendationSetName](folder);
const { textLayers, ...settings } = JSON.parse(chosen) as Partial<SasRecOptions> & { readonly textLayers?: number };

// the order of rows is that of each user's history
const random = new Random(0);
const drawn = new Set(interactions.items.filter(() => random.uniform() < SHARE));
const before = leaveOneOut(interactions);
const tested = new Set<string>(); // user and item
before.users.forEach((user, code) => {
  for (const item of before.test.items.subarray(before.test.offsets[code]!, before.test.offsets[code + 1]!)) {
    tested.add(`${user} ${before.items[item]}`);
  }
});
const kept = Int32Array.from(interactions.user.keys()).filter((row) => {
  const item = interactions.items[interactions.item[row]!]!;
  return !drawn.has(item) || tested.has(`${interactions.users[interactions.user[row]!]} ${item}`);
});
const splits = leaveOneOut(selectRows(interactions, kept));
const met = itemsMet(splits);
const unseen = Uint8Array.from(splits.items, (id, code) => (drawn.has(id) && met[code] === 0 ? 1 : 0));

const reader = await openItemReader(await loadModel(model, {}), table, splits.items, met, {
  ...RECOMMEND_DEFAULTS,
  ...(textLayers !== undefined && { layers: textLayers }),
});
await reader.release();
const itemFeatures = reader.features;
const fitted = await fitSasRec(
  splits,
  { ...settings, itemFeatures },
  { candidates: met, onEpoch: (line) => console.log(JSON.stringify(line)) },
);
const scorer = await sasRecScorer(fitted.model);
const asked = {
  validUsers: sampleHeldOut(splits, 'valid', 0).users,
  testUsers: sampleHeldOut(splits, 'test', 0).users,
};
const { recommender } = await mixIn(
  { splits, candidates: met, ...asked, protocol: splits.protocol },
  fitted.model,
  { tune: baselineTuner(splits, { candidates: met }), texts: itemFeatures },
  { itemItem: true },
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
for (const latest of [1, 3, 10, 50]) neighbours.push({ latest, ...(await figures(textNeighbours(latest))) });
const line = {
  set,
  settings: { textLayers, ...settings },
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
writeResult(RESULT, {
  protocol: `${SHARE * 100} % of items drawn, left out of training and validation; ndcg@10 of the users whose last item is one of them`,
  machine: machine(),
  sets: [...keptLines<typeof line>(RESULT, 'sets').filter((other) => other.set !== set), line],
});

/** Cosine of whitened text vectors with the mean of a history's latest ones. */
function textNeighbours(latest: number): BatchScorer {
  const { vectors, width } = itemFeatures;
  const unit = unitRows(Int32Array.from(splits.items.keys()), vectors, width);
  return inBatches(
    {
      scoreUser(history, out) {
        const query = new Float32Array(width);
        for (const item of history.slice(-latest)) for (let i = 0; i < width; i++) query[i]! += unit[item * width + i]!;
        for (let item = 0; item < out.length; item++) out[item] = innerProduct(query, 0, unit, item * width, width);
      },
    },
    splits.items.length,
  );
}
