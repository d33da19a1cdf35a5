import { leaveOneOut } from '../../src/data/interactions/interaction-splits.js';
import { mean } from '../../src/evaluation/ranking/ranking-metrics.js';
import { fitSasRec } from '../../src/recommend/sequential/fit-sasrec.js';
import { SASREC_DEFAULTS } from '../../src/recommend/sequential/sasrec-options.js';
import { keptLines, machine, writeResult } from '../machine.js';
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
  bestEpoch: state.best?.epoch,
  validNdcg: Number(validNdcg?.toFixed(4)),
  test: await testFigures(model, splits),
  seconds: Math.round((performance.now() - started) / 1000),
  interactionsPerSecond: Math.round(mean(Float64Array.from(speeds))),
};
console.log(JSON.stringify(line));
const RESULT = 'bench/results/recommendation-sasrec.json';
writeResult(RESULT, {
  protocol: splits.protocol,
  machine: machine(),
  fits: [...keptLines<typeof line>(RESULT, 'fits').filter((fit) => fit.set !== set), line],
});
