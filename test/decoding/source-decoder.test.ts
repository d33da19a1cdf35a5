/** Encoder-decoders generate what transformers does (`compare/source_generate.py`), and with a cache what they score without one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decoder } from '../../src/decoding/decoder.js';
import { type DecodingOptions, decodingSettings } from '../../src/decoding/decoding-options.js';
import type { DecodingRequest } from '../../src/decoding/request.js';
import { softPrompt } from '../../src/methods/soft-prompt.js';
import { decodingNetwork, PLAIN } from '../../src/network/decoding/decoding-network.js';
import { promptNetwork } from '../../src/network/prompt-network.js';
import { NOTHING } from '../../src/network/trainable.js';
import { learnedToken } from '../../src/prompt/sequence.js';
import { fixtureModels, readJson, relativeError } from '../network/fixtures.js';
import { type GeneratedFixture, numbers } from './generated-fixture.js';

const open = fixtureModels();
const START = Int32Array.of(0);

function request(text: readonly number[], options: DecodingOptions, more: Partial<DecodingRequest> = {}) {
  const settings = decodingSettings(options);
  return { prompt: PLAIN, context: Int32Array.from(text), sharedRows: 0, decoderStart: START, settings, ...more };
}

for (const name of ['t5', 't5-gated', 'mt5']) {
  test(`${name}: greedy tokens, those with penalties and beams are transformers'`, async () => {
    const fixture = readJson<GeneratedFixture>('models', name, 'generated.json');
    const learned = readJson<{ prompt: number[][] }>('models', name, 'expected.json').prompt;
    const checkpoint = await open(name);
    const network = decodingNetwork(checkpoint);
    const trainable = softPrompt(learned.length, checkpoint.config.hiddenSize);
    const prompt = { trainable, learned: Float32Array.from(learned.flat()) };
    const soft = learned.map((_, k) => learnedToken(k));
    const one = decoder(network, numbers, { ends: new Set() });
    const { tokens: maxNewTokens, penalty: repetitionPenalty, ngram: noRepeatNgram } = fixture;
    // all texts at once, so that they are one batch
    const all = (ask: (text: readonly number[]) => DecodingRequest, expected: GeneratedFixture['plain']) =>
      Promise.all(
        fixture.texts.map(async (text, i) => {
          assert.deepEqual((await one.answer(ask(text)).answer).ids, expected[i], `text ${i}`);
        }),
      );
    await all((text) => request([...soft, ...text], { maxNewTokens }, { prompt }), fixture.greedy);
    await all((text) => request(text, { maxNewTokens }), fixture.plain);
    await all((text) => request(text, { maxNewTokens, lookup: 4 }), fixture.plain);
    await all((text) => request(text, { maxNewTokens, repetitionPenalty }), fixture.repetitionPenalty);
    await all((text) => request(text, { maxNewTokens, noRepeatNgram }), fixture.noRepeatNgram);
    for (const { text, beams, lengthPenalty, end, ids } of fixture.beams) {
      const searching = decoder(network, numbers, { ends: new Set([end]) });
      const found = await searching.answer(request(text, { maxNewTokens, beams, lengthPenalty })).answer;
      assert.deepEqual(found.ids, ids, `${beams} beams`);
    }
    await network.release();
  });

  test(`${name}: streams of different texts, stepped together, have the logits of whole ones`, async () => {
    const checkpoint = await open(name);
    const V = checkpoint.config.vocabularySize;
    const texts = [[5, 9, 11], [8], [4, 30, 7, 12, 21, 6, 9]];
    const answers = [
      [3, 17, 8, 22, 5, 40],
      [9, 9, 31, 2, 7, 8],
      [12, 6, 6, 50, 33, 10],
    ];
    const reference = promptNetwork(checkpoint, {
      ...{ loss: 'labels', trainable: NOTHING, sharedRows: 0, maxPositions: 64 },
    });
    const network = decodingNetwork(checkpoint);
    const slots = network.slots();
    for (const [slot, text] of texts.entries()) {
      await network.begin(slots, slot, PLAIN, new Int32Array(0));
      await network.read(slots, slot, PLAIN, Int32Array.from(text));
      await network.extend(slots, slot, PLAIN, START);
    }
    const candidates = Array.from({ length: V }, (_, word) => Int32Array.of(word));
    for (const step of answers[0]!.keys()) {
      const logits = await network.step(
        slots,
        PLAIN,
        answers.map((ids) => ids[step]!),
      );
      for (const [slot, text] of texts.entries()) {
        const decoderStart = Int32Array.of(0, ...answers[slot]!.slice(0, step + 1));
        const sequence = { context: Int32Array.from(text), candidates, target: undefined, decoderStart };
        const expected = await reference.logits(new Float32Array(0), [sequence]);
        const error = relativeError(logits.subarray(slot * V, (slot + 1) * V), expected);
        assert.ok(error < 1e-4, `text ${slot}, step ${step}: relative error ${error}`);
      }
    }
    await network.release();
    await reference.release();
  });
}
