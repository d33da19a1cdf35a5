import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PromptSequence } from '../prompt/sequence.js';
import { candidateParts, cutBatch, runLimits } from './cut-batch.js';

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

const labels = (count: number, length: number) =>
  Array.from({ length: count }, (_, c) => Int32Array.from({ length }, (_, j) => 100 * j + c));

test('what of the candidates is computed decides how many sequences run together', () => {
  const batch = Array.from({ length: 8 }, () => ({ ...sequence(40), candidates: labels(50, 3) }));
  const lengths = (...args: [Parameters<typeof cutBatch>[2], Parameters<typeof cutBatch>[3]?]) =>
    cutBatch(batch, 0, ...args).map((piece) => piece.length);
  assert.deepEqual(lengths('label words'), [8]);
  assert.deepEqual(lengths('target'), [8]);
  assert.deepEqual(lengths('all candidates'), [4, 4]);
  assert.deepEqual(lengths('all candidates', { rows: 640, ends: 250 }), [2, 2, 2, 2]);
  assert.deepEqual(lengths('target', { rows: 640, ends: 7 }), [2, 2, 2, 2]);
});

test('the candidates of a sequence are cut where a run would be too large, and only there', () => {
  const limits = runLimits(50_000);
  assert.deepEqual(limits, { rows: 640, ends: 500 });
  const one = { ...sequence(40), candidates: labels(1000, 5) };
  const parts = candidateParts(one, 0, limits);
  assert.deepEqual(
    parts.flat().toSorted((a, b) => a - b),
    [...one.candidates.keys()],
  );
  for (const places of parts)
    assert.ok(1 + places.reduce((rows, place) => rows + one.candidates[place]!.length - 1, 0) <= 500);
  assert.ok(parts.length <= 20);
  assert.equal(candidateParts({ ...one, candidates: labels(100, 5) }, 0, limits).length, 1);
  assert.equal(candidateParts({ ...one, candidates: labels(50_000, 1) }, 0, limits).length, 1);
  assert.equal(candidateParts({ ...one, masked: [{ ids: one.context, masks: [3] }] }, 0, limits).length, 1);
  const long = { ...one, context: new Int32Array(3000) };
  assert.ok(candidateParts(long, 0, limits).length <= 20, 'a long context is not computed anew for a handful of rows');
});

test('rows that all sequences share count once', () => {
  const batch = Array.from({ length: 16 }, () => sequence(117));
  assert.equal(cutBatch(batch, 100).length, 1);
  assert.ok(cutBatch(batch, 0).length > 1);
});
