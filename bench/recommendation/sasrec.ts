/**
 * SASRec with full softmax, trained by our own autodiff, beside the PyTorch peer: leave-one-out, full ranking, history
 * removed. Prints a line of JSON an epoch; keeps the latest result of each set in bench/results.
 *
 *   node dist/bench/recommendation/sasrec.js SET [EPOCHS] [FOLDER]
 *
 * The peer, for comparison:
 *   python ../shared/peers/sequential_recommenders.py --interactions FILE --format movielens
 */
import { existsSync, readFileSync } from 'node:fs';
import { leaveOneOut } from '../../src/data/interactions/interaction-splits.js';
import { mean, metricPerUser, RANK_METRICS } from '../../src/evaluation/ranking/ranking-metrics.js';
import { rankHeldOut } from '../../src/recommend/rank-held-out.js';
import { fitSasRec } from '../../src/recommend/sequential/fit-sasrec.js';
import { sasRecScorer } from '../../src/recommend/sequential/sasrec.js';
import { SASREC_DEFAULTS } from '../../src/recommend/sequential/sasrec-options.js';
import { machine, writeResult } from '../machine.js';
import { RECOMMENDATION_SETS, type RecommendationSetName } from './datasets.js';

const [set = 'ml-100k-by-item-id', epochs = SASREC_DEFAULTS.epochs, folder = '../shared/data/recommendation'] =
  process.argv.slice(2);
const { interactions } = await RECOMMENDATION_SETS[set as RecommendationSetName](folder);
const splits = leaveOneOut(interactions);

// rows a user gives in an epoch: all his items but the first, at most one window
const rows = splits.users.reduce((sum, _, user) => {
  const length = splits.train.offsets[user + 1]! - splits.train.offsets[user]!;
  return sum + Math.max(0, Math.min(length - 1, SASREC_DEFAULTS.maxLength));
}, 0);
const started = performance.now();
const speeds: number[] = [];
const { model, validNdcg, state } = await fitSasRec(
  splits,
  { epochs: epochs === 'auto' ? epochs : Number(epochs) },
  {
    onEpoch: (line, { seconds }) => {
      speeds.push(rows / seconds);
      console.log(JSON.stringify({ ...line, seconds, interactionsPerSecond: Math.round(rows / seconds) }));
    },
  },
);
const scorer = await sasRecScorer(model);
const { targets } = await rankHeldOut(scorer.score, splits, { part: 'test' });
await scorer.release();
const figure = (metric: 'ndcg' | 'recall', k: number) =>
  Number(mean(metricPerUser(targets, RANK_METRICS[metric], k)).toFixed(4));
const line = {
  set,
  bestEpoch: state.best?.epoch,
  validNdcg: Number(validNdcg?.toFixed(4)),
  test: { 'ndcg@10': figure('ndcg', 10), 'recall@10': figure('recall', 10) },
  seconds: Math.round((performance.now() - started) / 1000),
  interactionsPerSecond: Math.round(mean(Float64Array.from(speeds))),
};
console.log(JSON.stringify(line));
const RESULT = 'bench/results/recommendation-sasrec.json';
const before: { readonly set: string }[] = existsSync(RESULT) ? JSON.parse(readFileSync(RESULT, 'utf8')).fits : [];
writeResult(RESULT, {
  protocol: splits.protocol,
  machine: machine(),
  fits: [...before.filter((fit) => fit.set !== set), line],
});
