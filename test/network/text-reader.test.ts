import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { METHODS } from '../../src/methods/registry.js';
import { softPrompt } from '../../src/methods/soft-prompt.js';
import type { Pooling } from '../../src/network/checkpoint/checkpoint.js';
import { openCheckpoint } from '../../src/network/checkpoint/open-checkpoint.js';
import { textReader } from '../../src/network/text-reader.js';
import { learnedCount, NOTHING } from '../../src/network/trainable.js';
import { learnedToken, type PromptSequence } from '../../src/prompt/sequence.js';
import { Random } from '../../src/random.js';

interface Reference {
  readonly shared: number[];
  readonly texts: number[][];
  readonly cases: readonly { readonly model: string; readonly layers: number; readonly vectors: number[] }[];
}
/** Made by `compare/text_vectors_fixture.py`. */
const reference: Reference = JSON.parse(readFileSync('test/fixtures/models/text-vectors.json', 'utf8'));

const sequence = (context: readonly number[]): PromptSequence => ({
  context: Int32Array.from(context),
  candidates: [Int32Array.of(1)],
  target: undefined,
});

for (const { model, layers, vectors } of reference.cases) {
  test(`${model}, ${layers} layers: vectors are those of transformers`, async () => {
    const checkpoint = await openCheckpoint(`test/fixtures/models/${model}`);
    const { shared, texts } = reference;
    const options = { layers, trainable: NOTHING, maxPositions: 16, threads: 1 };
    const sharedRows = model === 'bert' ? 0 : shared.length;
    const reader = textReader(checkpoint, { ...options, sharedRows });
    const found = await reader.read(
      new Float32Array(0),
      texts.map((text) => sequence([...shared, ...text])),
    );
    await reader.release();
    assert.equal(found.length, vectors.length);
    vectors.forEach((x, i) => {
      assert.ok(Math.abs(found[i]! - x) < 1e-5 + 1e-4 * Math.abs(x), `${i}: ${found[i]} instead of ${x}`);
    });
  });
}

for (const model of ['llama-tied', 'bert', 'gpt2']) {
  for (const kind of ['soft', 'prefix', 'lora'] as const) {
    test(`${model}: the gradient with respect to a ${kind} prompt is that of finite differences`, async () => {
      const checkpoint = await openCheckpoint(`test/fixtures/models/${model}`);
      const P = 2;
      const d = checkpoint.config.hiddenSize;
      const layers = Math.min(2, checkpoint.config.layers);
      const config = { ...checkpoint.config, layers };
      const trainable = METHODS[kind].trainable(P, config, METHODS[kind].settle({}, config));
      const learned = kind === 'soft' ? [learnedToken(0), learnedToken(1)] : [];
      const sharedRows = model === 'bert' ? 0 : learned.length;
      const pooling = kind === 'prefix' ? 'last' : undefined;
      const reader = textReader(checkpoint, { layers, trainable, sharedRows, pooling, maxPositions: 16, threads: 1 });
      const random = new Random(4);
      const normal = (length: number) => Float32Array.from({ length }, () => random.normal());
      const texts = reference.texts.map((text) => sequence([...learned, ...text]));
      const prompt = normal(learnedCount(trainable)).map((x) => (kind === 'lora' ? 0.3 * x : x));
      const upstream = normal(texts.length * d);
      const { gradient, vectors } = await reader.gradient(prompt, texts, upstream);
      assert.deepEqual(vectors, await reader.read(prompt, texts));
      const loss = async (at: Float32Array) =>
        (await reader.read(at, texts)).reduce((sum, x, i) => sum + x * upstream[i]!, 0);
      const scale = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0) / gradient.length);
      assert.ok(scale > 1e-3);
      for (let i = 0; i < prompt.length; i += Math.ceil(prompt.length / 16)) {
        const step = (by: number) => prompt.map((x, j) => (j === i ? x + by : x));
        const slope = ((await loss(step(1e-2))) - (await loss(step(-1e-2)))) / 2e-2;
        assert.ok(Math.abs(slope - gradient[i]!) < 4e-2 * scale, `${i}: ${gradient[i]} instead of ${slope}`);
      }
      await reader.release();
    });
  }
}

test("the last row's state is a text's vector, or the first one's; learned tokens are left out of the mean", async () => {
  const checkpoint = await openCheckpoint('test/fixtures/models/bert');
  const d = checkpoint.config.hiddenSize;
  const read = async (pooling: Pooling) => {
    const reader = textReader(checkpoint, {
      ...{ layers: 1, trainable: softPrompt(1, d), sharedRows: 0, maxPositions: 16, threads: 1, pooling },
    });
    const prompt = new Float32Array(d).fill(0.01);
    const found = await reader.read(prompt, [sequence([3, learnedToken(0), 5])]);
    await reader.release();
    return found;
  };
  const [first, last, mean] = [await read('first'), await read('last'), await read('mean')];
  mean.forEach((x, i) => {
    assert.ok(Math.abs(x - (first[i]! + last[i]!) / 2) < 1e-5);
  });
  assert.ok(first.some((x, i) => Math.abs(x - last[i]!) > 1e-2));
});
