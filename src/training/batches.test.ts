import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../random.js';
import { epochBatches } from './batches.js';

const random = new Random(1);
const lengths = Array.from({ length: 203 }, () => 3 + random.integer(60));

test('an epoch sees every example once, in batches of the size asked for', () => {
  const batches = epochBatches(lengths, 16, 7, 0);
  assert.deepEqual(
    batches.flat().sort((a, b) => a - b),
    lengths.map((_, i) => i),
  );
  assert.deepEqual(
    batches.map((batch) => batch.length).sort((a, b) => a - b),
    [11, ...new Array(12).fill(16)],
  );
});

test('batches depend on seed and epoch alone', () => {
  assert.deepEqual(epochBatches(lengths, 16, 7, 3), epochBatches(lengths, 16, 7, 3));
  assert.notDeepEqual(epochBatches(lengths, 16, 7, 3), epochBatches(lengths, 16, 7, 4));
  assert.notDeepEqual(epochBatches(lengths, 16, 7, 3), epochBatches(lengths, 16, 8, 3));
  const large = 1_700_000_000_000; // such as a time
  assert.notDeepEqual(epochBatches(lengths, 16, large, 3), epochBatches(lengths, 16, large, 4));
});

test('lengths within a batch are close: little padding', () => {
  const padded = epochBatches(lengths, 16, 7, 0).reduce(
    (sum, batch) => sum + batch.length * Math.max(...batch.map((i) => lengths[i]!)),
    0,
  );
  assert.ok(padded < 1.2 * lengths.reduce((sum, length) => sum + length, 0));
});
