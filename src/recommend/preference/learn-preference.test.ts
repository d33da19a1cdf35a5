import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isWorthKeeping } from '../../evaluation/paired-gain.js';
import { answersBetter } from './learn-preference.js';

test('what was learned is kept where it answers more than a standard error better, not where few rows happen to say so', () => {
  const rows = Array.from({ length: 16 }, (_, i) => ({ target: i % 2 }));
  const start = Float64Array.from(rows, () => 0);
  const right = (by: (i: number) => number) =>
    Float64Array.from(rows, ({ target }, i) => (target === 1 ? by(i) : -by(i)));
  assert.ok(
    isWorthKeeping(
      answersBetter(
        rows,
        right(() => 1),
        start,
      ),
    ),
  );
  // two rows that gain much, fourteen that lose a little: better in the mean, and no more than chance
  const chance = answersBetter(
    rows,
    right((i) => (i < 2 ? 3 : -0.08)),
    start,
  );
  assert.ok(chance.gain > 0);
  assert.ok(!isWorthKeeping(chance));
  assert.ok(
    Math.abs(
      answersBetter(
        rows,
        right(() => 1),
        start,
      ).gain -
        (Math.log(2) - Math.log1p(Math.exp(-1))),
    ) < 1e-12,
  );
});
