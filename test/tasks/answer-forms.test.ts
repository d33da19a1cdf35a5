import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { DecodingOptions } from '../../src/decoding/decoding-options.js';
import { loadModel } from '../../src/network/load-model.js';
import { type TextGenerator, textGenerator } from '../../src/tasks/generate-texts.js';
import { type GenerationTask, generationTask } from '../../src/tasks/generation-task.js';
import { stories } from '../network/fixtures.js';

const SCHEMA = {
  type: 'object',
  properties: {
    verdict: { enum: ['good', 'bad'] },
    stars: { type: 'integer', minimum: 1, maximum: 5 },
    why: { type: 'string', maxLength: 40 },
  },
  required: ['verdict', 'stars', 'why'],
  additionalProperties: false,
};
const WAYS: readonly DecodingOptions[] = [
  ...[{}, { temperature: 1.5, seed: 3 }, { beams: 3 }, { lookup: 4 }],
  ...[{ noRepeatNgram: 1 }, { repetitionPenalty: 1.5 }],
];
const texts = ['A film that I liked', '一部很好的电影', 'Nothing works.'].map((text) => ({ text }));

let task: GenerationTask;
let generator: TextGenerator;
before(async () => {
  task = await generationTask(await loadModel('embedded'), {
    template: '{text} As JSON: {target}\n',
    maxLength: 64,
    threads: 1,
  });
  generator = textGenerator(task, new Float32Array(0), { threads: 1 });
});
after(async () => {
  await generator.release();
  await task.network.release();
});

test('however it is decoded, an answer is JSON as the schema says, whole within its room', async () => {
  for (const way of WAYS) {
    for (const maxNewTokens of way === WAYS[0] ? [40, 70] : [40]) {
      const answers = await generator.generate(texts, { ...way, jsonSchema: SCHEMA, maxNewTokens });
      for (const { text, ids } of answers) {
        const { verdict, stars, why, ...others } = JSON.parse(text);
        const said = `${JSON.stringify(way)}: ${text}`;
        assert.ok(['good', 'bad'].includes(verdict) && Number.isInteger(stars) && stars >= 1 && stars <= 5, said);
        assert.ok(typeof why === 'string' && Array.from(why).length <= 40 && Object.keys(others).length === 0, said);
        assert.ok(ids.length <= maxNewTokens);
        assert.ok(!text.startsWith(' '), "the template's space is no part of the answer");
      }
    }
  }
});

test('a regular expression is matched by the whole answer, streamed or not; too little room is refused', async () => {
  const regex = '(?:很?[好坏]|a (?:good|bad) film), [1-5]/5';
  for (const way of WAYS) {
    for (const { text } of await generator.generate(texts, { ...way, regex }))
      assert.match(text, new RegExp(`^${regex}$`, 'u'));
  }
  const stream = generator.stream(texts[0]!, { regex });
  let whole = '';
  for await (const piece of stream) whole += piece;
  assert.match(whole, new RegExp(`^${regex}$`, 'u'));
  assert.throws(() => generator.stream(texts[0]!, { regex: '[0-9]{30}', maxNewTokens: 5 }), /may take/);
  assert.throws(() => generator.stream(texts[0]!, { regex, choices: ['a'] }), { code: 'DECODING_OPTION' });
  assert.throws(() => generator.stream(texts[0]!, { regex, stop: ['a'] }), { code: 'DECODING_OPTION' });
});

test("SentencePiece's spaces are spaces, with one of the template in front and without", {
  skip: stories.skip,
}, async () => {
  const model = await loadModel(stories.folder);
  for (const template of ['{text} And{target}', '{text} And {target}', '[soft:2]{target}']) {
    const own = await generationTask(model, { template, maxLength: 64, threads: 1 });
    const tells = textGenerator(own, new Float32Array(own.starts.length * own.network.width), { threads: 1 });
    const regex = ' ?(?:She|He) [a-z]{3,9} (?:a big|the) [a-z]{2,8}\\.';
    for (const way of [{}, { temperature: 1, seed: 2 }]) {
      const { text } = await tells.stream({ text: 'One day' }, { ...way, regex }).answer;
      assert.match(text, new RegExp(`^${regex}$`, 'u'), template);
    }
    await tells.release();
    await own.network.release();
  }
});
