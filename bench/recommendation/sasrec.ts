/**
 * SASRec on ids with our defaults, and, where PEER_PYTHON names a Python with torch, the PyTorch peer with its own after it.
 *
 *   [PEER_PYTHON=python3] node dist/bench/recommendation/sasrec.js [SET] [EPOCHS] [FOLDER]
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { leaveOneOut } from '../../src/data/interactions/interaction-splits.js';
import { median } from '../../src/evaluation/percentile.js';
import { fitSasRec } from '../../src/recommend/sequential/fit-sasrec.js';
import { SASREC_DEFAULTS } from '../../src/recommend/sequential/sasrec-options.js';
import { bestEpoch } from '../../src/training/train-network.js';
import { keptLines, machine, writeResult } from '../machine.js';
import { SHARED } from '../sst2-data.js';
import { RECOMMENDATION_SETS, type RecommendationSetName } from './datasets.js';
import { testFigures } from './test-figures.js';

const [set = 'ml-100k-by-item-id', epochs = SASREC_DEFAULTS.epochs, folder = '../shared/data/recommendation'] =
  process.argv.slice(2);
const { interactions } = await RECOMMENDATION_SETS[set as RecommendationSetName](folder);
const splits = leaveOneOut(interactions);

const started = performance.now();
const speeds: number[] = [];
const { model, validNdcg, state } = await fitSasRec(
  splits,
  { epochs: epochs === 'auto' ? epochs : Number(epochs) },
  {
    onEpoch: (line, { seconds, interactions }) => {
      speeds.push(interactions / seconds);
      console.log(JSON.stringify({ ...line, seconds, interactionsPerSecond: Math.round(interactions / seconds) }));
    },
  },
);
const line = {
  set,
  bestEpoch: bestEpoch(state),
  validNdcg: Number(validNdcg?.toFixed(4)),
  test: await testFigures(model, splits),
  seconds: Math.round((performance.now() - started) / 1000),
  interactionsPerSecond: Math.round(median(speeds)),
};
console.log(JSON.stringify(line));
const python = process.env.PEER_PYTHON;
const peer = python === undefined ? undefined : runPeer(python, set as RecommendationSetName);
const RESULT = 'bench/results/recommendation-sasrec.json';
writeResult(RESULT, {
  protocol: splits.protocol,
  machine: machine(),
  fits: [
    ...keptLines<typeof line>(RESULT, 'fits').filter((fit) => fit.set !== set),
    { ...line, ...(peer && { peer }) },
  ],
});

/** The peer's result, and the median of its epochs' speeds. */
function runPeer(python: string, set: RecommendationSetName): object {
  const inputs: Partial<Record<RecommendationSetName, readonly [string, string]>> = {
    'ml-100k-by-item-id': ['ml-100k/u.data', 'movielens'],
    'ml-1m': ['ml-1m/ml-1m_sas.txt.gz', 'pairs'],
    'amazon-beauty': ['amazon-beauty/sequences_s3rec.txt.gz', 'sequences'],
  };
  const input = inputs[set];
  if (input === undefined) throw new Error(`the peer cannot read ${set}`);
  const [file, format] = input;
  const script = join(SHARED, 'peers/sequential_recommenders.py');
  const told = execFileSync(python, [script, '--interactions', join(folder, file), '--format', format], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = told.split('\n').flatMap((text) => (text.startsWith('{') ? [JSON.parse(text)] : []));
  const speeds = lines.flatMap(({ interactions_per_s: speed }) => (speed === undefined ? [] : [speed]));
  return { ...lines.at(-1), interactionsPerSecond: median(speeds) };
}
