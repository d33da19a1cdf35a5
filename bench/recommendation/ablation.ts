/**
 * What the frozen model gives: the network of `recommend fit` with texts as the model reads them, behind the words of the
 * prompt or behind what is learned from them, as a randomly initialised twin of it reads them, with every text replaced by
 * a meaningless number, and without texts. No item-item model is mixed in. Leave-one-out, full ranking, history removed.
 * Prints a line of JSON each; finished ones are kept in bench/results.
 *
 *   node dist/bench/recommendation/ablation.js SET MODEL [SETTINGS] [FOLDER]
 *
 * MODEL is a folder. SETTINGS of the network as JSON, such as '{"epochs":20}', and `threads`; default: ours.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AttributeTable } from '../../src/data/interactions/attribute-table.js';
import { itemsMet, leaveOneOut } from '../../src/data/interactions/interaction-splits.js';
import { loadModel } from '../../src/network/load-model.js';
import { Random } from '../../src/random.js';
import { RECOMMEND_DEFAULTS } from '../../src/recommend/fit-options.js';
import { type ItemReader, openItemReader, type ReadingOptions } from '../../src/recommend/item-reader.js';
import { withLearnedReading } from '../../src/recommend/learn-item-reader.js';
import { fitSasRec } from '../../src/recommend/sequential/fit-sasrec.js';
import type { SasRecOptions } from '../../src/recommend/sequential/sasrec-options.js';
import { bestEpoch } from '../../src/training/train-network.js';
import { keptLines, machine, writeResult } from '../machine.js';
import { writeRandomTwin } from '../random-twin.js';
import { RECOMMENDATION_SETS, type RecommendationSetName } from './datasets.js';
import { testFigures } from './test-figures.js';

const [set = 'amazon-scientific', model, chosen = '{}', folder = '../shared/data/recommendation'] =
  process.argv.slice(2);
if (model === undefined) throw new Error('SET MODEL');
const { threads, ...settings } = JSON.parse(chosen) as Partial<SasRecOptions> & { readonly threads?: number };
const { interactions, items: table } = await RECOMMENDATION_SETS[set as RecommendationSetName](folder);
const splits = leaveOneOut(interactions);
const met = itemsMet(splits);

const variants: Readonly<Record<string, () => Promise<ItemReader | undefined>>> = {
  texts: () => read(model, table),
  'texts behind a learned prompt': async () =>
    (await withLearnedReading(await read(model, table, { learnPrompt: true }), splits, RECOMMEND_DEFAULTS, { threads }))
      .reader,
  'random frozen weights': async () => {
    const twin = mkdtempSync(join(tmpdir(), 'random-twin-'));
    await writeRandomTwin(model, twin, { seed: 1 });
    return read(twin, table);
  },
  'meaningless numbers': () => read(model, withoutWords(table)),
  'no texts': async () => undefined,
};

const RESULT = 'bench/results/recommendation-ablation.json';
type Line = Readonly<Record<string, unknown>> & { readonly set: string; readonly told: string };
let lines = keptLines<Line>(RESULT, 'fits');
for (const [told, open] of Object.entries(variants)) {
  if (lines.some((line) => line.set === set && line.told === told)) continue;
  const reader = await open();
  const started = performance.now();
  const {
    model: network,
    validNdcg,
    state,
  } = await fitSasRec(
    splits,
    { ...settings, itemFeatures: reader?.features },
    { threads, onEpoch: ({ epoch, validation }) => console.log(`${told}: epoch ${epoch}, ${validation}`) },
  );
  await reader?.release();
  const line: Line = {
    ...{ set, told, settings, bestEpoch: bestEpoch(state) },
    seconds: Math.round((performance.now() - started) / 1000),
    validNdcg: Number(validNdcg?.toFixed(4)),
    test: await testFigures(network, splits),
  };
  console.log(JSON.stringify(line));
  lines = [...lines, line];
  writeResult(RESULT, { protocol: splits.protocol, machine: machine(), fits: lines });
}

async function read(source: string, items: AttributeTable, options: Partial<ReadingOptions> = {}): Promise<ItemReader> {
  const plan = { ...RECOMMEND_DEFAULTS, threads, ...options };
  return openItemReader(await loadModel(source, {}), items, splits.items, met, plan);
}

/** Every item's text is a number of its own that says nothing. */
function withoutWords({ ids }: AttributeTable): AttributeTable {
  const order = new Random(0).shuffle([...ids.keys()]);
  return { ids, columns: new Map([['title', ids.map((_, row) => `item number ${100_000 + order[row]!}`)]]) };
}
