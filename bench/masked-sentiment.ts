/**
 * The worked example, `该文本表达了{label}情感`, on a masked model that `softprompt pretrain --family bert` made and on the embedded causal one: the
 * Chinese sentences of samples/, learned tokens in front, beside the same words unlearned and a bag of words.
 *
 *   node dist/bench/masked-sentiment.js MASKED_MODEL [--threads 1] [--steps 300] [--out FOLDER]
 *
 * Writes bench/results/masked-sentiment.json.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readPrompt } from '../src/tasks/prompt-folder/read-prompt.js';
import { tunePrompt } from '../src/tasks/tune-prompt.js';
import { machine, writeResult } from './machine.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    threads: { type: 'string', default: '1' },
    steps: { type: 'string', default: '300' },
    out: { type: 'string', default: 'runs/masked-sentiment' },
  },
});
const [masked] = positionals;
if (masked === undefined) throw new Error('Give the folder of the masked model.');
const part = (name: string) => `samples/sentiment-zh/${name}.jsonl`;
const labels = { 正向: '正向', 负向: '负向' };

const results: Record<string, unknown> = {};
for (const [name, model] of Object.entries({ masked, causal: 'embedded' })) {
  const out = join(values.out, name);
  if (!existsSync(join(out, 'softprompt.json'))) {
    await tunePrompt({
      ...{ model, out, labels, template: '[soft:8]{text}。该文本表达了{label}情感' },
      ...{ train: part('train'), valid: part('valid'), test: part('test') },
      ...{ maxSteps: Number(values.steps), threads: Number(values.threads), maxLength: 96 },
    });
  }
  const { metrics } = await readPrompt(out);
  const rows = metrics.at(-1)!.rows.map(({ name, scores }) => [name, scores] as const);
  results[name] = { scores: Object.fromEntries(rows) };
}
const history = readFileSync(join(masked, 'history.jsonl'), 'utf8').trimEnd().split('\n');
writeResult('bench/results/masked-sentiment.json', {
  what: `该文本表达了{label}情感 on the sentences of samples/sentiment-zh: 8 learned tokens, ${values.steps} updates of 16`,
  machine: machine(),
  pretraining: JSON.parse(history.at(-1)!),
  results,
});
