import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../random.js';
import { compile } from '../../runtime/program.js';
import { initialWeights } from '../../training/network-weights.js';
import { fuseItems, itemVectors } from './fuse-items.js';
import { packSequences } from './packed-sequences.js';
import { sasRecScorer } from './sasrec.js';
import type { SasRec } from './sasrec-model.js';
import { sasRecQueries, sasRecWeights } from './sasrec-network.js';
import { sequenceEncoder } from './sequence-encoder.js';

const random = new Random(4);
const shape = {
  items: 7,
  width: 8,
  layers: 1,
  heads: 2,
  maxLength: 5,
  itemVectors: true,
  features: 3,
  itemShares: true,
};
const numbers = (count: number) => Float32Array.from({ length: count }, () => random.uniform() - 0.5);
const model: SasRec = {
  shape,
  weights: initialWeights(sasRecWeights(shape), 3),
  inputs: { features: { vectors: numbers(21), width: 3 }, shares: numbers(7) },
  popularity: Float32Array.from([5, 4, 3, 2, 1, 0, 0]),
};
const histories = [Int32Array.of(0, 3, 6), new Int32Array(0), Int32Array.of(5, 4, 3, 2, 1, 0)];

test('fused items score as before; a score is the inner product of the query and the item', async () => {
  const scoresOf = async (network: SasRec) => {
    const scorer = await sasRecScorer(network, { threads: 1 });
    const scores = await scorer.score(Int32Array.of(0, 1, 2), histories);
    await scorer.release();
    return scores;
  };
  const expected = await scoresOf(model);
  const fused = await fuseItems(model, { threads: 1 });
  const found = await scoresOf(fused);
  assert.equal(found.length, 21);
  found.forEach((score, i) => {
    assert.ok(Math.abs(score - expected[i]!) < 1e-5);
  });
  assert.deepEqual([fused.shape.features, fused.inputs.features], [0, undefined]);

  const program = await compile({ asked: sasRecQueries(fused.shape) }, { threads: 1 });
  const { feeds, sizes } = packSequences([histories[0]!], sequenceEncoder(shape));
  const { asked } = await program.run({ ...fused.weights, ...feeds }, { ...sizes });
  await program.release();
  for (let item = 0; item < 7; item++) {
    const score = asked!.reduce((sum, q, i) => sum + q * itemVectors(fused)[item * 8 + i]!, 0);
    assert.ok(Math.abs(score - expected[item]!) < 1e-5);
  }
  assert.equal((await fuseItems(fused)).weights, fused.weights);
});
