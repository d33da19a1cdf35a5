import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodesInOrder, type Tensor } from '../../src/autodiff/tensor.js';
import { Random } from '../../src/random.js';
import { packMaskedTraining } from '../../src/recommend/sequential/masked-items.js';
import { sasRecScorer } from '../../src/recommend/sequential/sasrec.js';
import { type SasRecShape, sasRecLoss, sasRecWeights } from '../../src/recommend/sequential/sasrec-network.js';
import { sequenceEncoder } from '../../src/recommend/sequential/sequence-encoder.js';
import { compile } from '../../src/runtime/program.js';
import { assertGradient } from '../autodiff/finite-differences.js';
import { nameOf } from '../autodiff/random-inputs.js';

const shape: SasRecShape = {
  ...{ items: 6, width: 4, heads: 2, layers: 1, maxLength: 4, masked: true },
  ...{ itemVectors: true, features: 0, itemShares: false },
};
const random = new Random(4);
const numbers = (length: number) => Float32Array.from({ length }, () => random.normal() / 2);
const weights = Object.fromEntries(
  Object.entries(sasRecWeights(shape)).map(([name, { shape: of }]) => [name, numbers(of.reduce((a, b) => a * b))]),
);

/** A stream whose first numbers are given: below 0.2 only the last item is masked, else each for which one is below the rate. */
const drawing = (...numbers: readonly number[]): Random => {
  const given = [...numbers];
  return { uniform: () => given.shift() ?? 0.99 } as unknown as Random;
};

async function lossOf(windows: readonly Int32Array[], ...draws: readonly number[]): Promise<number> {
  const { feeds, sizes } = packMaskedTraining(windows, sequenceEncoder(shape), 0.5, drawing(...draws));
  const program = await compile({ loss: sasRecLoss(shape, { dropout: false }).results.loss! }, { threads: 1 });
  const fed = { ...weights, ...feeds, rowShare: Float32Array.of(1 / sizes.M) };
  const { loss } = await program.run(fed, { ...sizes });
  await program.release();
  return loss![0]!;
}

test('a masked last item is asked for as a history asks for the next one', async () => {
  const inputs = { features: undefined, shares: undefined };
  const scorer = await sasRecScorer({ shape, weights, inputs, popularity: new Float32Array(6) }, { threads: 1 });
  const histories = [Int32Array.of(3, 1, 4, 2), Int32Array.of(5)];
  const next = [0, 3];
  const scores = await scorer.score(Int32Array.of(0, 1), histories);
  await scorer.release();
  const losses = next.map((item, user) => {
    const own = [...scores.subarray(user * 6, (user + 1) * 6)];
    return Math.log(own.reduce((sum, score) => sum + Math.exp(score), 0)) - own[item]!;
  });
  const windows = histories.map((history, user) => Int32Array.of(...history, next[user]!));
  const expected = (losses[0]! + losses[1]!) / 2;
  const found = await lossOf(windows, 0.1, 0.1);
  assert.ok(Math.abs(found - expected) < 1e-5, `${found} instead of ${expected}`);
});

test('a masked item is told from both sides, and not from itself', async () => {
  const middleOf = (...window: number[]) => lossOf([Int32Array.from(window)], 0.9, 0.9, 0.1, 0.9);
  const loss = await middleOf(0, 1, 2);
  for (const other of [await middleOf(5, 1, 2), await middleOf(0, 1, 5)]) assert.ok(Math.abs(other - loss) > 1e-4);
  const { feeds } = packMaskedTraining(
    [Int32Array.of(0, 1, 2)],
    sequenceEncoder(shape),
    0.5,
    drawing(0.9, 0.9, 0.1, 0.9),
  );
  assert.deepEqual([...feeds.isMasked!, ...feeds.isItem!].map(Number), [0, 1, 0, 1, 0, 1]);
  assert.deepEqual([[...feeds.targets], [...feeds.scoredRows!]], [[1n], [1n]]);
});

test('gradients agree with finite differences', () => {
  const windows = [Int32Array.of(0, 4, 2, 4), Int32Array.of(3, 1)];
  const packed = packMaskedTraining(windows, sequenceEncoder(shape), 0.5, drawing(0.9, 0.1, 0.9, 0.1, 0.9, 0.1));
  const { results } = sasRecLoss(shape, { dropout: false });
  const loss = results.loss!;
  const variables = nodesInOrder([loss])
    .filter((node) => node.operation === 'input')
    .map((node): Tensor => node.outputs[0]!)
    .filter((tensor) => nameOf(tensor) in weights);
  const fed = { ...weights, ...packed.feeds, rowShare: Float32Array.of(1 / packed.sizes.M) };
  const steepest = assertGradient(loss, variables, fed, { ...packed.sizes });
  assert.deepEqual(Object.keys(steepest).sort(), Object.keys(weights).sort());
  for (const [name, slope] of Object.entries(steepest)) assert.ok(slope > 1e-5, `${name}: ${slope}`);
});
