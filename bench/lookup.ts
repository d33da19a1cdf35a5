/**
 * What decoding by prompt lookup gives: SmolLM2-135M answers questions about paragraphs of XQuAD and repeats sentences of them, with tokens
 * guessed ahead and without, the same answers.
 *
 *   node dist/bench/lookup.js [--texts 6] [--threads 2] [--precision float32]
 *
 * Needs ../shared. Writes bench/results/lookup.json.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { PRECISIONS } from '../src/network/decoding/decoding-network.js';
import { loadModel } from '../src/network/load-model.js';
import { textGenerator } from '../src/tasks/generate-texts.js';
import { generationTask } from '../src/tasks/generation-task.js';
import { machine, writeResult } from './machine.js';
import { MODEL, SHARED } from './sst2-data.js';

const { values } = parseArgs({
  options: {
    texts: { type: 'string', default: '6' },
    threads: { type: 'string', default: '2' },
    tokens: { type: 'string', default: '48' },
  },
});
const [count, threads, maxNewTokens] = [values.texts, values.threads, values.tokens].map(Number) as [
  number,
  number,
  number,
];
const { data } = JSON.parse(
  gunzipSync(readFileSync(join(SHARED, 'data/generation/qa_xquad/xquad.en.json.gz'))).toString('utf8'),
) as { data: { paragraphs: { context: string; qas: { question: string }[] }[] }[] };
const texts = data.slice(0, count).map(({ paragraphs: [paragraph] }) => ({
  text: paragraph!.context.split(' ').slice(0, 100).join(' '),
  question: paragraph!.qas[0]!.question,
}));
const KINDS = {
  answers: '{text}\nQuestion: {question}\nAnswer:{target}',
  repetitions: 'Text: {text}\nThe same text once more, about "{question}". Text:{target}',
};

const model = await loadModel(MODEL);
const results: Record<string, unknown> = {};
for (const [kind, template] of Object.entries(KINDS)) {
  const task = await generationTask(model, { template, maxLength: 512, threads });
  for (const precision of PRECISIONS) {
    const generator = textGenerator(task, new Float32Array(0), { threads, precision });
    const run = async (lookup: number) => {
      let [tokens, began] = [0, performance.now()];
      const answers: string[] = [];
      for (const fields of texts) {
        const { ids, text } = await generator.stream(fields, { maxNewTokens, lookup }).answer;
        tokens += ids.length;
        answers.push(text);
      }
      began = performance.now() - began;
      return { tokensPerSecond: (1000 * tokens) / began, answers };
    };
    await run(4); // compiles
    const plain = await run(0);
    const lookups = { 4: await run(4), 8: await run(8) };
    const again = await run(0);
    const base = Math.max(plain.tokensPerSecond, again.tokensPerSecond);
    results[`${kind}, ${precision}`] = {
      plain: base,
      ...Object.fromEntries(
        Object.entries(lookups).map(([guessed, { tokensPerSecond, answers }]) => [
          `lookup ${guessed}`,
          {
            tokensPerSecond,
            times: tokensPerSecond / base,
            same: answers.filter((one, i) => one === plain.answers[i]).length,
          },
        ]),
      ),
    };
    console.log(kind, precision, JSON.stringify(results[`${kind}, ${precision}`]));
    await generator.release();
  }
  await task.network.release();
}
writeResult('bench/results/lookup.json', {
  what: 'tokens a second of whole requests, reading the text included, one stream; `same`: answers that are those without guesses',
  machine: machine(),
  settings: { texts: texts.length, threads, maxNewTokens },
  results,
});
