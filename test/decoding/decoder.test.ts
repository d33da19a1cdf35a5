import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oneOf } from '../../src/decoding/constraint.js';
import { type Decoder, type DecoderOptions, decoder } from '../../src/decoding/decoder.js';
import { type DecodingOptions, decodingSettings } from '../../src/decoding/decoding-options.js';
import type { DecodingRequest } from '../../src/decoding/request.js';
import { prefix } from '../../src/methods/prefix.js';
import { softPrompt } from '../../src/methods/soft-prompt.js';
import { decodingNetwork, type LearnedPrompt, PLAIN } from '../../src/network/decoding/decoding-network.js';
import { learnedToken } from '../../src/prompt/sequence.js';
import { fixtureModels, MODELS, readJson, stories } from '../network/fixtures.js';
import { logitsEverywhere } from '../network/logits-everywhere.js';
import { type GeneratedFixture, numbers } from './generated-fixture.js';

const open = fixtureModels();
const NO_ENDS: DecoderOptions = { ends: new Set() };

function request(text: readonly number[], options: DecodingOptions = {}, more: Partial<DecodingRequest> = {}) {
  return { prompt: PLAIN, context: Int32Array.from(text), sharedRows: 0, settings: decodingSettings(options), ...more };
}

const idsOf = async (one: Decoder, asked: DecodingRequest) => (await one.answer(asked).answer).ids;

for (const { name, folder, skip } of [
  { name: 'tiny', folder: 'test/fixtures/peft/model', skip: false },
  { name: 'gpt2', folder: `${MODELS}/gpt2`, skip: false },
  { name: 'prefix-tiny', folder: 'test/fixtures/peft/model', skip: false },
  { name: 'prefix-qwen2', folder: `${MODELS}/qwen2`, skip: false },
  { name: 'stories260k', ...stories },
  { name: 'prefix-stories260k', ...stories },
]) {
  test(`${name}: greedy tokens are PEFT's, those with penalties and beams transformers'`, { skip }, async () => {
    const fixture = readJson<GeneratedFixture>('peft', `generate-${name}.json`);
    const {
      method,
      learnedTokens: P,
      prompt: learned,
    } = readJson<{
      method: string;
      learnedTokens: number;
      prompt: number[];
    }>('peft', `gradient-${name}.json`);
    const checkpoint = await open(folder);
    const network = decodingNetwork(checkpoint);
    const inFront = method === 'prompt' ? P : 0;
    const trainable = method === 'prompt' ? softPrompt(P, checkpoint.config.hiddenSize) : prefix(P, checkpoint.config);
    const prompt: LearnedPrompt = { trainable, learned: Float32Array.from(learned) };
    const soft = Array.from({ length: inFront }, (_, k) => learnedToken(k));
    const one = decoder(network, numbers, NO_ENDS);
    // all texts at once, so that they are one batch
    const all = (
      ask: (text: readonly number[], tokens: number) => DecodingRequest,
      expected: GeneratedFixture['plain'],
    ) =>
      Promise.all(
        fixture.texts.map(async (text, i) => {
          assert.deepEqual(await idsOf(one, ask(text, expected[i]!.length)), expected[i], `text ${i}`);
        }),
      );
    const behind = (text: readonly number[], maxNewTokens: number) =>
      request([...soft, ...text], { maxNewTokens }, { prompt, sharedRows: inFront });
    await all(behind, fixture.greedy);
    await all((text, maxNewTokens) => request(text, { maxNewTokens }), fixture.plain);
    await all((text, maxNewTokens) => request(text, { maxNewTokens, lookup: 4 }), fixture.plain);
    const { penalty: repetitionPenalty, ngram: noRepeatNgram } = fixture;
    await all((text, maxNewTokens) => request(text, { maxNewTokens, repetitionPenalty }), fixture.repetitionPenalty);
    await all((text, maxNewTokens) => request(text, { maxNewTokens, noRepeatNgram }), fixture.noRepeatNgram);
    for (const { text, beams, lengthPenalty, end, ids } of fixture.beams) {
      const searching = decoder(network, numbers, { ends: new Set([end]) });
      const room = Math.min(fixture.tokens, checkpoint.config.maxPositions - text.length - 8);
      const found = await idsOf(searching, request(text, { maxNewTokens: room, beams, lengthPenalty }));
      assert.deepEqual(found, ids, `${beams} beams`);
    }
    await network.release();
  });
}

test('with the cache and without it the tokens are the same, for prompts of all kinds in one batch', async () => {
  const checkpoint = await open('llama-tied');
  const network = decodingNetwork(checkpoint);
  const one = decoder(network, numbers, NO_ENDS);
  const texts = [[5, 9, 2, 7], [8], [3, 4, 5, 6, 7, 8, 9, 10, 11]];
  const answers = await Promise.all(texts.map((text) => idsOf(one, request(text, { maxNewTokens: 12 }))));
  for (const [i, text] of texts.entries()) {
    const whole = [...text];
    for (let step = 0; step < 12; step++) {
      const logits = (await logitsEverywhere(checkpoint, [whole], 0))[0]!.at(-1)!;
      whole.push(logits.indexOf(Math.max(...logits)));
    }
    assert.deepEqual(answers[i], whole.slice(text.length));
  }
  await network.release();
});

test('what others ask for changes no answer: many streams of different lengths, more than one batch holds', async () => {
  const network = decodingNetwork(await open('qwen2'));
  const few = decoder(network, numbers, { ends: new Set(), streams: 3 });
  const asked = Array.from({ length: 11 }, (_, i) =>
    request(
      Array.from({ length: 1 + ((i * 5) % 7) }, (_, t) => 3 + ((i * 7 + t * 3) % 40)),
      { maxNewTokens: 2 + ((i * 3) % 9), temperature: i % 2, seed: i },
    ),
  );
  const together = await Promise.all(asked.map((one) => idsOf(few, one)));
  for (const [i, one] of asked.entries()) assert.deepEqual(await idsOf(few, one), together[i], `request ${i}`);
  assert.deepEqual(
    together.map(({ length }) => length),
    asked.map(({ settings }) => settings.maxNewTokens),
  );
  await network.release();
});

test('an answer ends with the end mark, a stop text, one of the choices; tokens come one by one', async () => {
  const network = decodingNetwork(await open('gpt2'));
  const one = decoder(network, numbers, NO_ENDS);
  const whole = await idsOf(one, request([4, 8, 6], { maxNewTokens: 8 }));
  const third = whole[2]!;
  const first = whole.indexOf(third);
  const ending = decoder(network, numbers, { ends: new Set([third]) });
  const ended = await ending.answer(request([4, 8, 6], { maxNewTokens: 8 })).answer;
  assert.deepEqual(ended, {
    ids: whole.slice(0, first),
    ended: 'end',
    text: whole
      .slice(0, first)
      .map((id) => `${id} `)
      .join(''),
  });
  const longer = await ending.answer(request([4, 8, 6], { maxNewTokens: 8, minNewTokens: 8 })).answer;
  assert.equal(longer.ids.length, 8);
  const stopped = await one.answer(request([4, 8, 6], { maxNewTokens: 8, stop: [`${third} `] })).answer;
  assert.equal(stopped.ended, 'stop');
  assert.equal(
    stopped.text,
    whole
      .slice(0, first)
      .map((id) => `${id} `)
      .join(''),
  );
  const choices = [[7, 8, 9], [7, 8], [11]];
  for (const beams of [1, 3]) {
    const chosen = await ending.answer(request([4, 8, 6], { beams }, { constraint: (end) => oneOf(choices, end) }))
      .answer;
    assert.ok(
      choices.some((ids) => ids.join() === chosen.ids.join()),
      chosen.text,
    );
  }
  const pieces: string[] = [];
  const stream = one.answer(request([4, 8, 6], { maxNewTokens: 5 }));
  for await (const piece of stream) pieces.push(piece);
  assert.deepEqual(
    pieces,
    whole.slice(0, 5).map((id) => `${id} `),
  );
  await network.release();
});

test('an answer nobody wants any more ends at once, and the others go on', async () => {
  const network = decodingNetwork(await open('gpt2'));
  const one = decoder(network, numbers, NO_ENDS);
  const control = new AbortController();
  const abandoned = one.answer(request([4, 8], { maxNewTokens: 20 }, { signal: control.signal }));
  const other = one.answer(request([9, 3, 5], { maxNewTokens: 12 }));
  const left = one.answer(request([9, 3], { maxNewTokens: 20 }));
  for await (const _ of left) break;
  for await (const _ of abandoned) {
    control.abort(new Error('enough'));
    break;
  }
  await assert.rejects(abandoned.answer, /enough/);
  await assert.rejects(left.answer, /stopped/);
  assert.deepEqual((await other.answer).ids, await idsOf(one, request([9, 3, 5], { maxNewTokens: 12 })));
  await network.release();
});

test('options that cannot be are refused', () => {
  for (const options of [
    { temperature: -1 },
    { topP: 0.9 },
    { temperature: 1, topP: 0 },
    { maxNewTokens: 0 },
    { beams: 2, temperature: 1 },
    { choices: [] },
    { stop: [''] },
    { topK: 1.5, temperature: 1 },
  ]) {
    assert.throws(() => decodingSettings(options), { code: 'DECODING_OPTION' }, JSON.stringify(options));
  }
});
