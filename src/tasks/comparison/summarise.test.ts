import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Baseline, Cell } from './comparison.js';
import { advise, comparisonRows } from './summarise.js';

const where = { set: 'train', budget: { maxSteps: 10 } } as const;

/** A run a seed with these accuracies, kept in so many kilobytes. */
const runs = (method: string, kilobytes: number, accuracies: readonly number[]) =>
  accuracies.map(
    (accuracy, seed) =>
      ({
        ...{ ...where, method, seed, accuracy, macroF1: accuracy, steps: 10, learned: 64, seconds: 1 },
        ...{ peakMib: 100, folderBytes: 1000 * kilobytes, latencyMs: 0.42 },
      }) as unknown as Cell,
  );
const words = (accuracy: number): Baseline => ({
  ...{ ...where, name: 'bag of words', seed: 0, accuracy, macroF1: accuracy },
});

function advice(cells: readonly Cell[], baselines: readonly Baseline[] = [], margin = 1): string {
  const [text] = advise(comparisonRows(cells, baselines), cells, margin);
  return text!;
}

test('the smallest is taken where it is within the margin of the best, and the best where it is not', () => {
  const large = runs('full', 500, [0.9, 0.9, 0.9]);
  assert.match(
    advice([...large, ...runs('soft', 5, [0.895, 0.895, 0.895])]),
    /: take soft \(89\.5 % right, 5 KB, 0\.4 ms/,
  );
  const far = advice([...large, ...runs('soft', 5, [0.88, 0.88, 0.88])]);
  assert.match(far, /: take full \(90\.0 % right, 500 KB/);
  assert.match(far, /It is the most accurate too/);
  assert.match(advice([...large, ...runs('soft', 5, [0.88, 0.88, 0.88])], [], 3), /: take soft/);
});

test('… or within a standard error of the differences from the best, seed by seed', () => {
  const large = runs('full', 500, [0.9, 0.84, 0.93]);
  assert.match(
    advice([...large, ...runs('soft', 5, [0.83, 0.88, 0.86])]),
    /take soft .* no more than a standard error over seeds or the margin/,
  );
  assert.match(advice([...large, ...runs('soft', 5, [0.85, 0.79, 0.88])]), /take full/, 'five points less each time');
  // nine points in the mean, from -1 to 20: an interval of four seeds holds 0
  const varied = runs('soft', 5, [0.91, 0.82, 0.8, 0.7]);
  assert.match(advice([...runs('full', 500, [0.9, 0.9, 0.9, 0.9]), ...varied]), /take full/, 'worse, and varies more');
});

test('runs are compared seed by seed, where a seed is missing too', () => {
  const late = runs('soft', 5, [0, 0.5, 0.9]).slice(1);
  assert.match(advice([...runs('full', 500, [0.9, 0.5, 0.9]), ...late]), /take soft/);
});

test('what costs less goes first where it labels no fewer right, and only there', () => {
  const cells = runs('soft', 5, [0.8, 0.8, 0.8]);
  assert.match(
    advice(cells, [words(0.8)]),
    /The bag of words costs less and labels no fewer right \(80\.0 %\): consider that/,
  );
  assert.match(advice(cells, [words(0.9)]), /The bag of words costs less and labels no fewer right \(90\.0 %\)/);
  assert.doesNotMatch(advice(cells, [words(0.79)]), /bag of words/);
});

test('fewer than three seeds are said to say little', () => {
  assert.match(advice(runs('soft', 5, [0.8, 0.8])), /So few seeds say little/);
  assert.doesNotMatch(advice(runs('soft', 5, [0.8, 0.8, 0.8])), /So few seeds/);
  assert.deepEqual(advise(comparisonRows([], [words(0.5)]), [], 1), [
    'train, all examples, 10 steps: nothing was learned yet.',
  ]);
});
