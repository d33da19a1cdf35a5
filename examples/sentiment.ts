/**
 * Learns a prompt that tells praise from complaint, measures it, and asks it about new sentences.
 *
 *     node sentiment.ts [MODEL]                 in a project that has softprompt, Node.js 22.18 or newer
 *     node dist/examples/sentiment.js [MODEL]   in a checkout, once it is built
 *
 * Without a model it takes the small one that comes with the package; HuggingFaceTB/SmolLM2-135M-Instruct knows more.
 */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evaluatePrompt, formatConfusion, formatScores, openPrompt, predict, tunePrompt } from 'softprompt';

const model = process.argv[2] ?? 'embedded';
const folder = await mkdtemp(join(tmpdir(), 'softprompt-sentiment-'));

// 1. Labelled sentences, one JSON object a line. CSV, TSV and Parquet files do as well.
const praise = ['a charming film', 'warm and funny', 'brilliant acting', 'a joy from start to end', 'moving and wise'];
const complaint = ['a dull mess', 'tired and loud', 'wooden acting', 'a waste of two hours', 'clumsy and shallow'];
const said = (text: string) => [text, `honestly, ${text}`, `it is ${text}`, `${text} , again`];
const rows = [
  ...praise.flatMap(said).map((text) => ({ text, label: 'positive' })),
  ...complaint.flatMap(said).map((text) => ({ text, label: 'negative' })),
];
const train = join(folder, 'train.jsonl');
await writeFile(train, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));

const test = join(folder, 'test.csv');
await writeFile(test, 'text,label\na delight,positive\nsplendid and tender,positive\na bore,negative\nugly,negative\n');

// 2. Learn: eight tokens in front of the text; a fifth of the sentences validates.
const out = join(folder, 'prompt');
const result = await tunePrompt(
  {
    model,
    template: '[soft:8]{text} It was{label}',
    labels: { negative: ' terrible', positive: ' great' },
    train,
    test,
    out,
    validShare: 0.2,
    maxSteps: 30,
    evaluateEvery: 10,
  },
  {
    onEvent: (event) => {
      if (event.event === 'validation') console.log(`step ${event.step}: ${(100 * event.accuracy).toFixed(0)} % right`);
    },
  },
);
console.log(`\n${formatScores(result.scores)}\n`);

// 3. The folder holds all that is needed: it can be opened anywhere the model is.
const prompt = await openPrompt(out);
console.log(`${formatConfusion(await evaluatePrompt(prompt, { data: test }))}\n`);

const texts = ['what a lovely evening', 'i want my money back'];
const predictions = await predict(
  prompt,
  texts.map((text) => ({ text })),
);
predictions.forEach(({ label, probabilities }, i) => {
  console.log(`${texts[i]}: ${label} (${(100 * probabilities[label]!).toFixed(1)} %)`);
});
