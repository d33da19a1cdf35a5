/**
 * Explanations learned from reviews, Musical Instruments by default: node dist/bench/recommendation/explanations.js FOLDER MODEL
 * [ROWS,…] [OPTIONS as JSON] [NAME] [MOST]
 *
 * FOLDER holds reviews.jsonl.gz: user_id, item_id, rating, review. A tenth of the rows validates, a tenth tests, drawn with the seed, MOST of each.
 * Each row of the table learns with the same budget; each keeps its latest result under NAME.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tableRows } from '../../src/data/row-source.js';
import { Random } from '../../src/random.js';
import type { ExplanationOptions } from '../../src/recommend/explanations/explanation-options.js';
import { tuneExplanations } from '../../src/recommend/explanations/tune-explanations.js';
import { machine, writeResult } from '../machine.js';

const [
  folder = '../shared/data/recommendation/amazon-musical-instruments',
  model = 'embedded',
  chosen = 'input,ids,text,both,prefix,lora',
  text = '{}',
  name = model.split('/').at(-1)!,
  most = '1000',
] = process.argv.slice(2);
const RESULT = 'bench/results/recommendation-explanations.json';

const WORDS = 'It is about {features}. The buyer says: {target}';
const FRONT = '[soft:"What a buyer says of a product."]';
const ROWS: Readonly<Record<string, Pick<ExplanationOptions, 'template' | 'method'>>> = {
  input: { template: `${FRONT} ${WORDS}` },
  ids: { template: `${FRONT}[user:vector][item:vector] ${WORDS}` },
  text: { template: `${FRONT}[user:text][item:text] ${WORDS}` },
  both: { template: `${FRONT}[user:vector][user:text][item:vector][item:text] ${WORDS}` },
  stats: { template: `${FRONT}[user:stats][user:text][item:stats][item:text] ${WORDS}` },
  prefix: { template: `${FRONT} ${WORDS}`, method: 'prefix' },
  'prefix both': { template: `${FRONT}[user:vector][user:text][item:vector][item:text] ${WORDS}`, method: 'prefix' },
  lora: { template: `What a buyer says of a product. ${WORDS}`, method: 'lora' },
  'lora both': {
    template: `What a buyer says of a product.[user:vector][user:text][item:vector][item:text] ${WORDS}`,
    method: 'lora',
  },
};

const options = {
  maxSteps: 300,
  batchSize: 16,
  seed: 0,
  threads: 1,
  ...JSON.parse(text),
} as Partial<ExplanationOptions>;
const all: object[] = [];
for await (const { values } of tableRows(join(folder, 'reviews.jsonl.gz'))) all.push(Object.fromEntries(values));
const order = new Random(options.seed ?? 0).shuffle([...all.keys()]);
const tenth = Math.floor(all.length / 10);
const part = (from: number, to: number) => order.slice(from, to).map((i) => all[i]!);
const measured = Math.min(tenth, Number(most));
const [test, valid, train] = [part(0, measured), part(tenth, tenth + measured), part(2 * tenth, all.length)];
const out = mkdtempSync(join(tmpdir(), 'softprompt-explanations-'));
for (const row of chosen.split(',')) {
  const {
    out: _,
    samples = [],
    ...result
  } = await tuneExplanations(
    { ...{ model, train, valid, test, targetColumn: 'review', overwrite: true }, ...options, ...ROWS[row]!, out },
    { onEvent: (event) => event.event === 'validation' && console.log(row, JSON.stringify(event)) },
  );
  const before = existsSync(RESULT) ? JSON.parse(readFileSync(RESULT, 'utf8')) : { runs: {} };
  const runs = { ...before.runs, [`${name}: ${row}`]: { machine: machine(), options, ...ROWS[row]!, ...result } };
  console.log(row, JSON.stringify({ ...result.test, intervals: undefined }), JSON.stringify(samples.slice(0, 3)));
  writeResult(RESULT, { runs });
}
rmSync(out, { recursive: true });
