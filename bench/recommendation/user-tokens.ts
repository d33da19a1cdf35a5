import { fitAttributeGroups, groupOf } from '../../src/data/interactions/attribute-groups.js';
import { matchAttributes } from '../../src/data/interactions/attribute-table.js';
import { leaveOneOut, sequenceOf } from '../../src/data/interactions/interaction-splits.js';
import { fitSasRec } from '../../src/recommend/sequential/fit-sasrec.js';
import { SASREC_DEFAULTS, type SasRecOptions } from '../../src/recommend/sequential/sasrec-options.js';
import type { UserInputs } from '../../src/recommend/sequential/user-inputs.js';
import { bestEpoch } from '../../src/training/train-network.js';
import { keptLines, machine, writeResult } from '../machine.js';
import { RECOMMENDATION_SETS, type RecommendationSetName } from './datasets.js';
import { testFigures } from './test-figures.js';

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
let lines = keptLines<Line>(RESULT, 'fits');
for (const [network, inputs] of Object.entries(networks)) {
  if (wanted !== '' && !wanted.split(',').includes(network)) continue;
  const started = performance.now();
  const { model, validNdcg, state } = await fitSasRec(splits, { ...settings, users: inputs });
  const line = {
    ...{ set, network, settings, seed, epochs: state.history.length, bestEpoch: bestEpoch(state) },
    validNdcg: Number(validNdcg?.toFixed(4)),
    test: await testFigures(model, splits),
    seconds: Math.round((performance.now() - started) / 1000),
  };
  console.log(JSON.stringify(line));
  lines = [...lines.filter((one) => one.set !== set || one.network !== network || one.seed !== line.seed), line];
  writeResult(RESULT, { protocol: splits.protocol, machine: machine(), fits: lines });
}
