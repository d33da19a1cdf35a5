/**
 * Learns a prompt that tells praise from complaint, measures it, saves it, and asks it about new sentences.
 *
 *     node sentiment.ts [MODEL]                 in a project that has softprompt, Node.js 22.18 or newer
 *     node dist/examples/sentiment.js [MODEL]   in a checkout, once it is built
 *
 * Without a model it takes the small one that comes with the package; HuggingFaceTB/SmolLM2-135M-Instruct knows more.
 */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load, openPrompt } from 'softprompt';
import { formatConfusion, formatScores } from 'softprompt/evaluation';

// 1. A frozen model, and the task: its slots and labels are known to the compiler from here on.
const model = await load(process.argv[2] ?? 'embedded');
const task = model.classify('[soft:8]{text} It was{label}', { negative: ' terrible', positive: ' great' });

// 2. Labelled rows: any iterable or async iterable of objects, or a CSV, TSV, JSONL or Parquet file.
const praise = ['a charming film', 'warm and funny', 'brilliant acting', 'a joy from start to end', 'moving and wise'];
const complaint = ['a dull mess', 'tired and loud', 'wooden acting', 'a waste of two hours', 'clumsy and shallow'];
function* rows() {
  for (const [texts, label] of [[praise, 'positive'] as const, [complaint, 'negative'] as const]) {
    for (const text of texts) {
      for (const said of [text, `honestly, ${text}`, `it is ${text}`, `${text} , again`]) yield { text: said, label };
    }
  }
}
const folder = await mkdtemp(join(tmpdir(), 'softprompt-sentiment-'));
const test = join(folder, 'test.csv');
await writeFile(test, 'text,label\na delight,positive\nsplendid and tender,positive\na bore,negative\nugly,negative\n');

// 3. Learn: eight tokens in front of the text; a fifth of the rows validates.
const prompt = await task.tune(rows(), {
  test,
  validShare: 0.2,
  maxSteps: 30,
  evaluateEvery: 10,
  onEvent: (event) => {
    if (event.event === 'validation') console.log(`step ${event.step}: ${(100 * event.accuracy).toFixed(0)} % right`);
  },
});
console.log(`\n${formatScores(prompt.scores)}\n`);

// 4. Saved, it can be opened anywhere the model is, and by PEFT and the command line.
await prompt.save(join(folder, 'prompt'));
await model.close();

const opened = await openPrompt<'text', 'negative' | 'positive'>(join(folder, 'prompt'));
console.log(`${formatConfusion(await opened.evaluate(test))}\n`);

const texts = ['what a lovely evening', 'i want my money back'];
const predictions = await opened.predict(texts.map((text) => ({ text })));
predictions.forEach(({ label, probabilities }, i) => {
  console.log(`${texts[i]}: ${label} (${(100 * probabilities[label]).toFixed(1)} %)`);
});
await opened.close();
