import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasRareLabel, rowWeights, weighings } from './label-weights.js';

/** So many rows of each label. */
const rows = (...counts: readonly number[]) => counts.flatMap((count, label) => new Array<number>(count).fill(label));

test('a label is rare where it has less than half of an even share of the rows', () => {
  assert.ok(hasRareLabel(rows(76, 24), 2));
  assert.ok(!hasRareLabel(rows(75, 25), 2));
  assert.ok(hasRareLabel(rows(43, 43, 16), 3));
  assert.ok(!hasRareLabel(rows(43, 42, 17), 3));
  assert.ok(!hasRareLabel(rows(50, 0, 50), 3), 'one that never occurs is none');
});

test('weights are tried where a label is rare, unless that was decided', () => {
  assert.deepEqual(weighings(rows(76, 24), 2), ['none', 'balanced']);
  assert.deepEqual(weighings(rows(75, 25), 2), ['none']);
  for (const asked of ['none', 'balanced'] as const) assert.deepEqual(weighings(rows(76, 24), 2, asked), [asked]);
});

test('balanced weights give each label that occurs the same say, and have the mean 1', () => {
  const targets = rows(6, 0, 2);
  const weights = rowWeights(targets, 3, 'balanced');
  const said = (label: number) => weights.reduce((sum, weight, i) => sum + (targets[i] === label ? weight : 0), 0);
  assert.ok(Math.abs(said(0) - said(2)) < 1e-12);
  assert.ok(Math.abs(said(0) + said(2) - targets.length) < 1e-12);
  assert.deepEqual([...rowWeights(targets, 3, 'none')], new Array(8).fill(1));
});
