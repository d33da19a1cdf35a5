import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspectPrefix } from './inspect-prefix.js';

test('keys and values of each layer are told apart, and how far they moved', () => {
  // two tokens, two layers, one number a part: [k0, v0, k1, v1] a token
  const values = Float32Array.of(3, 1, 0, 5, 4, 0, 1, 12);
  const inspection = inspectPrefix({
    learned: { method: 'prefix', tokens: 2, options: {}, arrays: { prefix: [2, 4] }, values },
    initial: Float32Array.of(0, 1, 0, 5, 0, 0, 1, 12),
    baseModel: { source: 'm', hash: 'h', hiddenSize: 1, layers: 2, heads: 1, vocabularySize: 9 },
  });
  const [first, second] = inspection.layers;
  assert.deepEqual([first!.keys.norm, first!.keys.drift!.distance], [5, 5]);
  assert.deepEqual([first!.values.norm, first!.values.drift!.distance], [1, 0]);
  assert.deepEqual([second!.values.norm, second!.values.drift], [13, { distance: 0, cosine: 1 }]);
});
