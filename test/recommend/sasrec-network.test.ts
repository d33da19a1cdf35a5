import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { nodesInOrder, type Tensor } from '../../src/autodiff/tensor.js';
import { Random } from '../../src/random.js';
import { batchTables } from '../../src/recommend/sequential/batch-tables.js';
import { packTraining } from '../../src/recommend/sequential/packed-sequences.js';
import { sasRecScorer } from '../../src/recommend/sequential/sasrec.js';
import {
  gradientName,
  ITEM_TABLE,
  type SasRecShape,
  sasRecLoss,
  sasRecWeights,
} from '../../src/recommend/sequential/sasrec-network.js';
import { sequenceEncoder } from '../../src/recommend/sequential/sequence-encoder.js';
import { softmaxCandidates } from '../../src/recommend/sequential/softmax-candidates.js';
import { compile } from '../../src/runtime/program.js';
import { initialWeights } from '../../src/training/network-weights.js';
import type { RowGradient, WeightGradient } from '../../src/training/row-gradient.js';
import { assertGradient } from '../autodiff/finite-differences.js';
import { nameOf } from '../autodiff/random-inputs.js';
import { addGradient } from './whole-gradient.js';

interface Reference {
  readonly shape: { items: number; width: number; heads: number; layers: number; maxLength: number };
  readonly histories: number[][];
  readonly weights: Record<string, number[]>;
  readonly loss: number;
  readonly gradients: Record<string, number[]>;
  readonly scores: number[];
}
/** Made by `compare/sasrec_fixture.py`. */
const reference: Reference = JSON.parse(readFileSync('test/fixtures/recommend/sasrec.json', 'utf8'));

function assertClose(found: ArrayLike<number>, expected: readonly number[], what: string): void {
  assert.equal(found.length, expected.length, what);
  const largest = expected.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  expected.forEach((x, i) => {
    assert.ok(Math.abs(found[i]! - x) < 2e-6 + 1e-5 * largest, `${what}[${i}]: ${found[i]} instead of ${x}`);
  });
}

test('loss, gradients and scores are those of PyTorch', async () => {
  const shape = { ...reference.shape, itemVectors: true, features: 0, itemShares: false };
  const weights = Object.fromEntries(
    Object.keys(sasRecWeights(shape)).map((name) => [name, Float32Array.from(reference.weights[name]!)]),
  );
  const histories = reference.histories.map((history) => Int32Array.from(history));
  const { feeds, sizes } = packTraining(histories, sequenceEncoder(shape));
  const program = await compile(sasRecLoss(shape, { dropout: false }).results, { threads: 1 });
  const rowShare = Float32Array.of(1 / sizes.N);
  const results = await program.run({ ...weights, ...feeds, rowShare }, { ...sizes });
  await program.release();
  assertClose(results.loss!, [reference.loss], 'loss');
  assert.deepEqual(Object.keys(weights).sort(), Object.keys(reference.gradients).sort());
  for (const [name, gradient] of Object.entries(reference.gradients)) {
    assertClose(results[gradientName(name)]!, gradient, name);
  }

  const popularity = Float32Array.from({ length: shape.items }, (_, item) => item);
  const scorer = await sasRecScorer(
    { shape, weights, inputs: { features: undefined, shares: undefined }, popularity },
    { threads: 1 },
  );
  const scores = await scorer.score(Int32Array.of(0, 1, 2, 3), [...histories, new Int32Array(0)]);
  assertClose(scores, [...reference.scores, ...popularity], 'scores');
  await scorer.release();
});

test('label smoothing spreads a share of the target over all who compete', async () => {
  const shape = { ...reference.shape, itemVectors: true, features: 0, itemShares: false };
  const weights = initialWeights(sasRecWeights(shape), 3);
  for (const name of Object.keys(weights)) for (let i = 0; i < 40; i++) weights[name]![i]! += (i % 7) / 10;
  const window = Int32Array.of(2, 1);
  const model = { shape, weights, inputs: { features: undefined, shares: undefined }, popularity: new Float32Array(0) };
  const scorer = await sasRecScorer(model, { threads: 1 });
  const scores = await scorer.score(Int32Array.of(0), [window.subarray(0, 1)]);
  await scorer.release();
  for (const some of [undefined, [3, 1, 0]]) {
    const items = some ?? [...scores.keys()];
    const normaliser = Math.log(items.reduce((sum, item) => sum + Math.exp(scores[item]!), 0));
    const losses = items.map((item) => normaliser - scores[item]!);
    const mean = losses.reduce((sum, loss) => sum + loss, 0) / items.length;
    const expected = 0.7 * losses[items.indexOf(1)]! + 0.3 * mean;
    const { feeds, sizes } = packTraining([window], sequenceEncoder(shape));
    const competing = some && {
      candidates: BigInt64Array.from(some, BigInt),
      candidateBias: new Float32Array(some.length),
      candidateShare: Float32Array.of(1 / some.length),
      targets: BigInt64Array.of(BigInt(some.indexOf(1))),
    };
    const { results } = sasRecLoss(shape, { dropout: false, competing: some ? 'some' : 'all', labelSmoothing: 0.3 });
    const program = await compile({ loss: results.loss! }, { threads: 1 });
    const { loss } = await program.run(
      { ...weights, ...feeds, ...competing, rowShare: Float32Array.of(1) },
      { ...sizes, ...(some && { S: some.length }) },
    );
    await program.release();
    assert.ok(Math.abs(loss![0]! - expected) < 1e-5, `${loss![0]} instead of ${expected}`);
  }
});

test('fed with only the rows in use, loss and gradients are those of the whole tables', async () => {
  const shape: SasRecShape = {
    ...{ items: 9, width: 4, heads: 2, layers: 1, maxLength: 5 },
    ...{ itemVectors: true, features: 3, itemShares: true },
  };
  const random = new Random(2);
  const numbers = (length: number) => Float32Array.from({ length }, () => random.normal());
  const weights = Object.fromEntries(
    Object.entries(initialWeights(sasRecWeights(shape), 1)).map(([name, { length }]) => [name, numbers(length)]),
  );
  const inputs = { features: { vectors: numbers(27), width: 3 }, shares: numbers(9) };
  const windows = [Int32Array.of(7, 2, 7, 4), Int32Array.of(5, 4)];
  const { feeds, sizes } = packTraining(windows, sequenceEncoder(shape));
  const train = { offsets: Int32Array.of(0, 9), items: Int32Array.from([0, 1, 2, 3, 4, 5, 6, 7, 7]) };
  const options = { fullSoftmaxUpTo: 7, sampledCandidates: 2 };
  const softmax = softmaxCandidates({ ...train, times: undefined, ratings: undefined }, 9, options)!;
  const competing = softmax.draw(feeds.targets, random);
  const results: Record<string, Float32Array>[] = [];
  for (const kind of ['met', 'sampled'] as const) {
    const tables = batchTables(shape, kind);
    const taken = tables.take(weights, inputs, [feeds.items as BigInt64Array], competing, (shares) => shares);
    const loss = sasRecLoss(shape, {
      ...{ dropout: false, labelSmoothing: 0.1, learnedFeatures: true },
      competing: tables.competing,
    });
    const program = await compile(loss.results, { threads: 1 });
    const fed = { ...weights, ...feeds, ...competing.feeds, ...taken.feeds, items: taken.items[0]! };
    const found = taken.gradients(
      await program.run({ ...fed, rowShare: Float32Array.of(0.25) }, { ...sizes, ...taken.sizes }),
    );
    await program.release();
    const whole = (gradient: WeightGradient, length: number) => {
      const sum = new Float32Array(length);
      addGradient(sum, gradient);
      return sum;
    };
    results.push(
      Object.fromEntries(
        Object.entries(found).map(([name, gradient]) => [
          name,
          whole(
            gradient,
            name === gradientName('features')
              ? 27
              : name === gradientName(ITEM_TABLE)
                ? 36
                : (gradient as Float32Array).length,
          ),
        ]),
      ),
    );
    if (kind === 'sampled') {
      const { rows } = found[gradientName(ITEM_TABLE)] as RowGradient;
      const used = new Set([...competing.items, ...Array.from(feeds.items as BigInt64Array, Number)]);
      assert.deepEqual([...rows].sort(), [...used].sort(), 'the rows in use, each once');
      assert.ok(rows.length < 9);
    }
  }
  for (const [name, values] of Object.entries(results[0]!)) assertClose(results[1]![name]!, [...values], name);
});

const users: readonly (readonly [string, SasRecShape['users']])[] = [
  ['', undefined],
  [', with user tokens', { groups: 3, ids: 4, generator: 0 }],
  [', with user tokens made by a generator', { groups: 3, ids: 0, generator: 2 }],
];
const networks = [true, false].flatMap((itemVectors) => users.map(([name, shape]) => ({ itemVectors, name, shape })));
for (const { itemVectors, name, shape: ofUsers } of networks) {
  test(`gradients agree with finite differences, with features${itemVectors ? ' and item vectors' : ' alone'}${name}, with dropout`, () => {
    const shape: SasRecShape = {
      items: 5,
      width: 4,
      heads: 2,
      layers: 2,
      maxLength: 3,
      itemVectors,
      features: 3,
      itemShares: itemVectors,
      users: ofUsers,
    };
    const { results, dropouts } = sasRecLoss(shape, { dropout: true, learnedFeatures: true });
    const random = new Random(3);
    const windows = [Int32Array.of(0, 4, 2, 4), Int32Array.of(3, 1)];
    const { feeds, sizes } = packTraining(windows, sequenceEncoder(shape), ofUsers !== undefined);
    const { N, B, T } = sizes;
    const numbers = (length: number) => Float32Array.from({ length }, () => random.normal());
    const masks = dropouts.map(({ name }) => [name, numbers(4 * 2 * 4 * 4 * 4)] as const);
    const weights = Object.entries(initialWeights(sasRecWeights(shape), 1)).map(
      ([name, { length }]) => [name, numbers(length).map((x) => x / 2)] as const,
    );
    assert.equal(dropouts.length, 1 + 4 * shape.layers);
    const lengths: Record<string, number> = {
      embedding: N * 4,
      attention: B * 2 * T * T,
      mixed: N * 4,
      inner: N * 16,
      outer: N * 4,
    };
    const place = (name: string) => name.split(' ').at(-2)!;
    const all = {
      ...feeds,
      rowShare: Float32Array.of(1 / N),
      features: numbers(5 * 3),
      itemShares: numbers(5),
      ...(ofUsers && {
        userGroups: Float32Array.of(1, 0, 1, 0, 1, 1),
        users: BigInt64Array.of(2n, 0n),
        userShares: Float32Array.of(0.5, 0.9),
      }),
      ...Object.fromEntries(masks.map(([name, mask]) => [name, mask.subarray(0, lengths[place(name)])])),
      ...Object.fromEntries(weights),
    };
    const loss = results.loss!;
    const names = new Set([...weights.map(([name]) => name), 'features']);
    assert.equal([...names].filter((name) => name.startsWith('users.')).length, ofUsers ? 3 : 0);
    const variables = nodesInOrder([loss])
      .filter((node) => node.operation === 'input')
      .map((node): Tensor => node.outputs[0]!)
      .filter((tensor) => names.has(nameOf(tensor)));
    assert.equal(variables.length, names.size);
    const steepest = assertGradient(loss, variables, all, sizes);
    for (const [name, slope] of Object.entries(steepest)) assert.ok(slope > 1e-4, `${name}: ${slope}`);
  });
}
