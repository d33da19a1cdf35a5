/**
 * A prompt that PEFT learned, used here, and a prompt learned here from it, for PEFT.
 *
 *     node peft-roundtrip.ts [MODEL FOLDER]                 in a project that has softprompt, Node.js 22.18 or newer
 *     node dist/examples/peft-roundtrip.js [MODEL FOLDER]   in a checkout, once it is built
 *
 * FOLDER is what PEFT saved for MODEL. Without them a prompt for the model of the package stands in, which is a folder
 * of the same files.
 */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load, readPeftPrompt } from 'softprompt';

const labels = { negative: ' terrible', positive: ' great' } as const;
const rows = [
  { text: 'a charming film', label: 'positive' },
  { text: 'brilliant acting', label: 'positive' },
  { text: 'a dull mess', label: 'negative' },
  { text: 'wooden acting', label: 'negative' },
] as const;
const folder = await mkdtemp(join(tmpdir(), 'softprompt-peft-'));
const [, , source = 'embedded', peftFolder = join(folder, 'stand-in')] = process.argv;
const model = await load(source);

if (process.argv.length < 4) {
  const standIn = await model
    .classify('[soft:4]{text} It was{label}', labels)
    .tune(rows, { valid: rows, maxSteps: 5, baselines: false });
  await standIn.save(peftFolder);
}

// 1. PEFT's folder holds numbers alone; the template and the labels, which were Python code, are named here.
const { embeddings } = await readPeftPrompt(peftFolder);
console.log(`PEFT's prompt: ${embeddings.tokens} learned tokens, ${embeddings.width} wide`);
const task = model.classify(`[soft:${embeddings.tokens}]{text} It was{label}`, labels);
const theirs = await task.fromPeft(peftFolder); // fails where the widths differ
const { label, probabilities } = await theirs.predict({ text: 'a charming film' });
console.log(`With PEFT's prompt: ${label}, positive ${probabilities.positive.toFixed(3)}`);

// 2. Learn on from it.
const out = join(folder, 'prompt');
const learned = await task.tune(rows, { valid: rows, initialisation: `prompt:${peftFolder}`, maxSteps: 5 });

// 3. adapter_config.json and adapter_model.safetensors in the new folder are what PeftModel.from_pretrained reads.
await learned.save(out);
const now = (await readPeftPrompt(out)).embeddings.values;
const moved = now.reduce((sum, x, i) => sum + (x - embeddings.values[i]!) ** 2, 0) ** 0.5;
console.log(`Learned on for 5 steps: the prompt moved by ${moved.toFixed(3)}; PEFT loads ${out}`);
await model.close();
