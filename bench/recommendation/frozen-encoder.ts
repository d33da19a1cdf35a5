import { parseArgs } from 'node:util';
import { leaveOneOut } from '../../src/data/interactions/interaction-splits.js';
import { mean } from '../../src/evaluation/ranking/ranking-metrics.js';
import { loadModel } from '../../src/network/load-model.js';
import { fitSasRec } from '../../src/recommend/sequential/fit-sasrec.js';
import { SASREC_DEFAULTS } from '../../src/recommend/sequential/sasrec-options.js';
import { startTaskPrompt } from '../../src/recommend/task-prompt.js';
import { bestEpoch } from '../../src/training/train-network.js';
import { keptLines, machine, writeResult } from '../machine.js';
import { RECOMMENDATION_SETS, type RecommendationSetName } from './datasets.js';
import { testFigures } from './test-figures.js';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string', default: '../shared/models/smollm2-135m-instruct' },
    layers: { type: 'string', default: String(SASREC_DEFAULTS.layers) },
    'task-tokens': { type: 'string', default: String(SASREC_DEFAULTS.taskTokens) },
    threads: { type: 'string' },
    updates: { type: 'string' },
    folder: { type: 'string', default: '../shared/data/recommendation' },
  },
});
const [set = 'ml-100k-by-item-id', epochs = SASREC_DEFAULTS.epochs] = positionals;
const { interactions } = await RECOMMENDATION_SETS[set as RecommendationSetName](flags.folder);
const splits = leaveOneOut(interactions);
const threads = flags.threads === undefined ? {} : { threads: Number(flags.threads) };
const options = {
  encoder: 'frozen',
  layers: Number(flags.layers),
  taskTokens: Number(flags['task-tokens']),
  epochs: epochs === 'auto' ? epochs : Number(epochs),
} as const;
const model = await loadModel(flags.model);
const frozen = await startTaskPrompt(model, options.taskTokens, SASREC_DEFAULTS.seed);

const started = performance.now();
const most = flags.updates === undefined ? Number.POSITIVE_INFINITY : Number(flags.updates);
const stop = new AbortController();
const speeds: number[] = [];
const updates: { readonly rows: number; readonly ended: number }[] = [];
const fitted = await fitSasRec(splits, options, {
  ...threads,
  frozen,
  signal: stop.signal,
  onUpdate: ({ step, loss, rows }) => {
    updates.push({ rows, ended: performance.now() });
    if (most < Number.POSITIVE_INFINITY) console.log(JSON.stringify({ step, loss, rows }));
    if (step === most) stop.abort();
  },
  onEpoch: (line, { seconds, interactions }) => {
    speeds.push(interactions / seconds);
    console.log(JSON.stringify({ ...line, seconds, interactionsPerSecond: Math.round(interactions / seconds) }));
  },
});
if (fitted.ended === 'interrupted') {
  // the first update compiles nothing, but warms up caches: it does not count
  const rows = updates.slice(1).reduce((sum, update) => sum + update.rows, 0);
  const seconds = (updates.at(-1)!.ended - updates[0]!.ended) / 1000;
  console.log(JSON.stringify({ set, updates: updates.length, interactionsPerSecond: Math.round(rows / seconds) }));
} else {
  const line = {
    set,
    model: model.checkpoint.source.split('/').at(-1)!,
    layers: options.layers,
    taskTokens: options.taskTokens,
    bestEpoch: bestEpoch(fitted.state),
    epochs: fitted.state.history.length,
    validNdcg: Number(fitted.validNdcg?.toFixed(4)),
    test: await testFigures(fitted.model, splits, threads),
    seconds: Math.round((performance.now() - started) / 1000),
    interactionsPerSecond: Math.round(mean(Float64Array.from(speeds))),
  };
  console.log(JSON.stringify(line));
  const RESULT = 'bench/results/recommendation-frozen-encoder.json';
  type Fit = Pick<typeof line, 'set' | 'model' | 'layers' | 'taskTokens'>;
  const same = (fit: Fit) =>
    fit.set === set && fit.model === line.model && fit.layers === line.layers && fit.taskTokens === line.taskTokens;
  writeResult(RESULT, {
    protocol: splits.protocol,
    machine: machine(),
    fits: [...keptLines<Fit>(RESULT, 'fits').filter((fit) => !same(fit)), line],
  });
}
