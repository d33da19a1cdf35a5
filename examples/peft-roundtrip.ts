/**
 * A prompt that PEFT learned, used here, and a prompt learned here from it, for PEFT.
 *
 *     node peft-roundtrip.ts [MODEL FOLDER]                 in a project that has softprompt, Node.js 22.18 or newer
 *     node dist/examples/peft-roundtrip.js [MODEL FOLDER]   in a checkout, once it is built
 *
 * FOLDER is what PEFT saved for MODEL. Without them a prompt for the model of the package stands in, which is a folder
 * of the same files.
 */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  describeSequence,
  loadModel,
  logProbabilities,
  matchBaseModel,
  readPeftPrompt,
  textTask,
  tunePrompt,
} from 'softprompt';

const labels = { negative: ' terrible', positive: ' great' };
const folder = await mkdtemp(join(tmpdir(), 'softprompt-peft-'));
const train = join(folder, 'train.jsonl');
const rows = [
  { text: 'a charming film', label: 'positive' },
  { text: 'brilliant acting', label: 'positive' },
  { text: 'a dull mess', label: 'negative' },
  { text: 'wooden acting', label: 'negative' },
];
await writeFile(train, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));

const [, , model = 'embedded', peftFolder = join(folder, 'stand-in')] = process.argv;
if (process.argv.length < 4) {
  const template = '[soft:4]{text} It was{label}';
  await tunePrompt({ model, template, labels, train, valid: train, out: peftFolder, maxSteps: 5, baselines: false });
}

// 1. PEFT's folder holds numbers alone; the template and the labels, which were Python code, are named here.
const { embeddings } = await readPeftPrompt(peftFolder);
console.log(`PEFT's prompt: ${embeddings.tokens} learned tokens, ${embeddings.width} wide`);
const template = `[soft:${embeddings.tokens}]{text} It was{label}`;

const frozen = await loadModel(model);
matchBaseModel({ embeddings, baseModel: undefined }, frozen.checkpoint); // fails where the widths differ
const task = textTask(frozen, { template, labels, maxLength: 128, loss: 'labels' });
const sequence = task.compiled.encode({ id: 'one', fields: { text: 'a charming film' }, label: 'positive' });
for (const piece of describeSequence(sequence, frozen.tokenizer)) console.log(`  ${JSON.stringify(piece)}`);

const scores = await task.score(embeddings.values, [sequence]);
const probabilities = [...logProbabilities(scores)].map((log, c) => `${task.labelKeys[c]} ${Math.exp(log).toFixed(3)}`);
console.log(`With PEFT's prompt: ${probabilities.join(', ')}`);
await task.network.release();

// 2. Learn on from it.
const out = join(folder, 'prompt');
await tunePrompt({
  model,
  template,
  labels,
  train,
  valid: train,
  out,
  initialisation: `prompt:${peftFolder}`,
  maxSteps: 5,
});

// 3. adapter_config.json and adapter_model.safetensors in the new folder are what PeftModel.from_pretrained reads.
const learned = await readPeftPrompt(out);
const moved = learned.embeddings.values.reduce((sum, x, i) => sum + (x - embeddings.values[i]!) ** 2, 0) ** 0.5;
console.log(`Learned on for 5 steps: the prompt moved by ${moved.toFixed(3)}; PEFT loads ${out}`);
