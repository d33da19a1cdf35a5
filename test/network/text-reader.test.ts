import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { openCheckpoint } from '../../src/network/checkpoint/open-checkpoint.js';
import { textReader } from '../../src/network/text-reader.js';
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
    const options = { layers, learnedTokens: 0, maxPositions: 16, threads: 1 };
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

test('the gradient with respect to the prompt is that of finite differences', async () => {
  const checkpoint = await openCheckpoint('test/fixtures/models/llama-tied');
  const P = 2;
  const d = checkpoint.config.hiddenSize;
  const reader = textReader(checkpoint, { layers: 2, learnedTokens: P, sharedRows: P, maxPositions: 16, threads: 1 });
  const random = new Random(4);
  const normal = (length: number) => Float32Array.from({ length }, () => random.normal());
  const texts = reference.texts.map((text) => sequence([learnedToken(0), learnedToken(1), ...text]));
  const prompt = normal(P * d);
  const upstream = normal(texts.length * d);
  const { gradient, vectors } = await reader.gradient(prompt, texts, upstream);
  assert.deepEqual(vectors, await reader.read(prompt, texts));
  const loss = async (at: Float32Array) =>
    (await reader.read(at, texts)).reduce((sum, x, i) => sum + x * upstream[i]!, 0);
  const scale = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0) / gradient.length);
  assert.ok(scale > 1e-3);
  for (let i = 0; i < prompt.length; i += 3) {
    const step = (by: number) => prompt.map((x, j) => (j === i ? x + by : x));
    const slope = ((await loss(step(1e-2))) - (await loss(step(-1e-2)))) / 2e-2;
    assert.ok(Math.abs(slope - gradient[i]!) < 2e-2 * scale, `${i}: ${gradient[i]} instead of ${slope}`);
  }
  await reader.release();
});
