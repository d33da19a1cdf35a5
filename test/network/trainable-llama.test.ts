import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodesInOrder } from '../../src/autodiff/tensor.js';
import { expectedWeights } from '../../src/network/checkpoint/expected-weights.js';
import type { LlamaConfig } from '../../src/network/families/llama-config.js';
import type { Emphasis } from '../../src/pretraining/emphasis.js';
import { languageModelWeights } from '../../src/pretraining/train-language-model.js';
import { gradientName, trainableLlama, windowFeeds } from '../../src/pretraining/trainable-llama.js';
import { Random } from '../../src/random.js';
import { compile } from '../../src/runtime/program.js';
import { initialWeights } from '../../src/training/network-weights.js';
import { assertGradient } from '../autodiff/finite-differences.js';
import { nameOf } from '../autodiff/random-inputs.js';

const config: LlamaConfig = {
  family: 'llama',
  hiddenSize: 8,
  intermediateSize: 6,
  layers: 2,
  heads: 2,
  keyValueHeads: 1,
  headSize: 4,
  maxPositions: 8,
  normEpsilon: 1e-5,
  rope: { theta: 10000, scaling: { type: 'none' } },
  slidingWindow: undefined,
  tiedEmbeddings: true,
  attentionBias: false,
  vocabularySize: 7,
};
const windows = [Int32Array.of(0, 3, 6, 2, 2), Int32Array.of(5, 1, 0, 4, 3)];
const random = new Random(5);
const weights = Object.fromEntries(
  expectedWeights(config).map(({ name, shape }) => {
    const length = shape.reduce((product, size) => product * size, 1);
    return [name, Float32Array.from({ length }, () => 0.5 * random.normal() + (shape.length === 1 ? 1 : 0))];
  }),
);
const { feeds, sizes } = windowFeeds(config)(windows);

test('the gradient of every weight agrees with finite differences', () => {
  const { loss } = trainableLlama(config);
  const variables = nodesInOrder([loss!])
    .filter(({ operation }) => operation === 'input')
    .map(({ outputs }) => outputs[0]!)
    .filter((tensor) => nameOf(tensor) in weights);
  assert.equal(variables.length, expectedWeights(config).length);
  const all = { ...feeds, ...weights } as Record<string, ArrayLike<number> | ArrayLike<bigint>>;
  const steepest = assertGradient(loss!, variables, all, sizes);
  for (const [name, slope] of Object.entries(steepest)) assert.ok(slope > 1e-3, `${name}: ${slope}`);
});

test('ONNX Runtime computes it, each window by itself, rows seeing only what is before them', async () => {
  const program = await compile(trainableLlama(config), { threads: 1 });
  const runOf = async (some: readonly Int32Array[]) => {
    const { feeds, sizes } = windowFeeds(config)(some);
    return program.run({ ...weights, ...feeds }, sizes);
  };
  const both = await runOf(windows);
  const each = [await runOf([windows[0]!]), await runOf([windows[1]!])];
  const mean = (name: string, i = 0) => (each[0]![name]![i]! + each[1]![name]![i]!) / 2;
  assert.ok(Math.abs(both.loss![0]! - mean('loss')) < 1e-6);
  for (const { name } of expectedWeights(config)) {
    both[gradientName(name)]!.forEach((slope, i) => {
      assert.ok(Math.abs(slope - mean(gradientName(name), i)) < 1e-5, `${name} ${i}`);
    });
  }
  // what a row predicts does not depend on later ids: rows 0 to 2 lose as much before another end
  const sumOf = async (...ids: number[]) => (ids.length - 1) * (await runOf([Int32Array.from(ids)])).loss![0]!;
  const three = await sumOf(0, 3, 6, 2);
  const lasts = await Promise.all([0, 1, 2, 3, 4, 5, 6].map(async (id) => (await sumOf(0, 3, 6, 2, id)) - three));
  const total = lasts.reduce((sum, loss) => sum + Math.exp(-loss), 0);
  assert.ok(Math.abs(total - 1) < 1e-4, `the last row's probabilities sum to ${total}`);
  await program.release();
});

test('a token behind a cue counts more', async () => {
  const program = await compile(trainableLlama(config, { gradients: false }), { threads: 1 });
  const lossOf = async (ids: readonly number[], emphasis?: Emphasis) => {
    const { feeds, sizes } = windowFeeds(config, emphasis)([Int32Array.from(ids)]);
    return (await program.run({ ...weights, ...feeds }, sizes)).loss![0]!;
  };
  const ids = [0, 3, 6, 2, 2];
  const sums = await Promise.all([2, 3, 4, 5].map(async (end) => (end - 1) * (await lossOf(ids.slice(0, end)))));
  const rows = sums.map((sum, i) => sum - (sums[i - 1] ?? 0));
  // the cue 3 6 ends before id 2, which row 2 predicts; 6 3 occurs nowhere
  const expected = (rows[0]! + rows[1]! + 5 * rows[2]! + rows[3]!) / 8;
  const emphasis = {
    cues: [
      [3, 6],
      [6, 3],
    ],
    weight: 5,
  };
  assert.ok(Math.abs((await lossOf(ids, emphasis)) - expected) < 1e-5);
  await program.release();
});

test('weights start as GPT-2 does: smaller where they write into the residual stream', () => {
  const large = { ...config, hiddenSize: 64, headSize: 32, intermediateSize: 96, vocabularySize: 300 };
  const start = initialWeights(languageModelWeights(large), 1);
  const deviation = (name: string) => {
    const values = start[name]!;
    return Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);
  };
  const near = (name: string, expected: number) =>
    assert.ok(Math.abs(deviation(name) / expected - 1) < 0.05, `${name} ${deviation(name)}`);
  near('model.embed_tokens.weight', 0.02);
  near('model.layers.0.self_attn.q_proj.weight', 0.02);
  near('model.layers.1.self_attn.o_proj.weight', 0.01);
  near('model.layers.1.mlp.down_proj.weight', 0.01);
  assert.ok(start['model.norm.weight']!.every((x) => x === 1));
});
