import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PromptSequence } from '../prompt/sequence.js';
import { cutBatch } from './cut-batch.js';

const sequence = (length: number): PromptSequence => ({
  context: new Int32Array(length),
  candidates: [Int32Array.of(1), Int32Array.of(2)],
  target: 0,
});

test('pieces keep the order, hold everything, and stay below the limit', () => {
  const batch = [30, 300, 200, 900, 10, 100, 500].map(sequence);
  const pieces = cutBatch(batch, 20);
  assert.deepEqual(pieces.flat(), batch);
  assert.deepEqual(
    pieces.map((piece) => piece.map(({ context }) => context.length)),
    [[30, 300, 200], [900], [10, 100, 500]],
  );
});

test('rows that all sequences share count once', () => {
  const batch = Array.from({ length: 16 }, () => sequence(117));
  assert.equal(cutBatch(batch, 100).length, 1);
  assert.ok(cutBatch(batch, 0).length > 1);
});
