/**
 * Whether a learned token of the user in front of his history helps: SASRec without it, with attributes, with a vector of
 * each user, with both. Leave-one-out, full ranking, history removed. Prints a line of JSON a network; keeps the latest of
 * each in bench/results.
 *
 *   node dist/bench/recommendation/user-tokens.js [SET] [SETTINGS] [NETWORKS] [FOLDER]
 *
 * NETWORKS as in the table below, separated by commas; default: all.
 * SETTINGS of the network as JSON, such as '{"epochs":20,"maxLength":50,"seed":1}'; default: ours.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fitAttributeGroups, groupOf } from '../../src/data/interactions/attribute-groups.js';
import { matchAttributes } from '../../src/data/interactions/attribute-table.js';
import { leaveOneOut, sequenceOf } from '../../src/data/interactions/interaction-splits.js';
import { mean, metricPerUser, RANK_METRICS } from '../../src/evaluation/ranking/ranking-metrics.js';
import { rankHeldOut } from '../../src/recommend/rank-held-out.js';
import { fitSasRec } from '../../src/recommend/sequential/fit-sasrec.js';
import { sasRecScorer } from '../../src/recommend/sequential/sasrec.js';
import { SASREC_DEFAULTS, type SasRecOptions } from '../../src/recommend/sequential/sasrec-options.js';
import type { UserInputs } from '../../src/recommend/sequential/user-inputs.js';
import { machine, writeResult } from '../machine.js';
import { RECOMMENDATION_SETS, type RecommendationSetName } from './datasets.js';

const [set = 'ml-100k-by-item-id', text = '{}', wanted = '', folder = '../shared/data/recommendation'] =
  process.argv.slice(2);
const { interactions, users } = await RECOMMENDATION_SETS[set as RecommendationSetName](folder);
if (users === undefined) throw new Error(`${set} has no users' attributes`);
const settings = JSON.parse(text) as Partial<SasRecOptions>;
const seed = settings.seed ?? SASREC_DEFAULTS.seed;
const splits = leaveOneOut(interactions);

const { rows } = matchAttributes(users, splits.users);
const attributes = ['gender', 'age', 'occupation'].map((name) =>
  fitAttributeGroups(
    name,
    Array.from(rows, (row) => (row === -1 ? '' : users.columns.get(name)![row]!)),
    { fewest: 3 },
  ),
);

const ofUsers = new Int32Array(splits.users.length * attributes.length);
splits.users.forEach((_, user) => {
  attributes.forEach((known, i) => {
    const value = rows[user] === -1 ? '' : users.columns.get(known.attribute)![rows[user]!]!;
    ofUsers[user * attributes.length + i] = groupOf(known, value);
  });
});
const shares = Float32Array.from(splits.users, (_, user) => {
  const n = sequenceOf(splits.train, user).length;
  return n / (n + 50);
});
const networks: Readonly<Record<string, UserInputs | undefined>> = {
  'no users': undefined,
  attributes: { attributes, groups: ofUsers, shares: undefined },
  'attributes and vectors': { attributes, groups: ofUsers, shares },
  vectors: { attributes: [], groups: new Int32Array(0), shares },
};

const RESULT = 'bench/results/recommendation-user-tokens.json';
interface Line {
  readonly set: string;
  readonly network: string;
  readonly seed: number;
}
let lines: Line[] = existsSync(RESULT) ? JSON.parse(readFileSync(RESULT, 'utf8')).fits : [];
for (const [network, inputs] of Object.entries(networks)) {
  if (wanted !== '' && !wanted.split(',').includes(network)) continue;
  const started = performance.now();
  const { model, validNdcg, state } = await fitSasRec(splits, { ...settings, users: inputs });
  const scorer = await sasRecScorer(model);
  const { targets } = await rankHeldOut(scorer.score, splits, { part: 'test' });
  await scorer.release();
  const figure = (metric: 'ndcg' | 'recall') =>
    Number(mean(metricPerUser(targets, RANK_METRICS[metric], 10)).toFixed(4));
  const line = {
    ...{ set, network, settings, seed, epochs: state.epoch, bestEpoch: state.best?.epoch },
    validNdcg: Number(validNdcg?.toFixed(4)),
    test: { 'ndcg@10': figure('ndcg'), 'recall@10': figure('recall') },
    seconds: Math.round((performance.now() - started) / 1000),
  };
  console.log(JSON.stringify(line));
  lines = [...lines.filter((one) => one.set !== set || one.network !== network || one.seed !== line.seed), line];
  writeResult(RESULT, { protocol: splits.protocol, machine: machine(), fits: lines });
}
