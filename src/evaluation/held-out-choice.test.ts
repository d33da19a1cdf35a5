import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseHeldOut, oneFold } from './held-out-choice.js';

test('every row is judged once by what did not see it, and the better candidate is chosen', () => {
  const folds = Int32Array.of(0, 1, 2, 0, 1, 2);
  const targets = Int32Array.of(0, 1, 0, 1, 0, 1);
  const judged: number[] = [];
  const { candidate, scores } = chooseHeldOut(
    ['wrong', 'right'],
    { folds, targets, classes: 2 },
    (name, learn, judge) => {
      for (const row of judge) {
        assert.ok(!learn.includes(row));
        if (name === 'right') judged.push(row);
      }
      assert.equal(learn.length + judge.length, 6);
      return Float32Array.from(
        judge.flatMap((row) => [0, 1].map((c) => Number((c === targets[row]) === (name === 'right')))),
      );
    },
  );
  assert.equal(candidate, 'right');
  assert.deepEqual(judged.sort(), [0, 1, 2, 3, 4, 5]);
  assert.deepEqual([...scores.values], [1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1]);
});

test('a validation set is one part, which alone judges', () => {
  const targets = Int32Array.of(0, 0, 1, 1, 0);
  const seen: string[] = [];
  const { scores } = chooseHeldOut([1], { folds: oneFold(3, 2), targets, classes: 2 }, (_, learn, judge) => {
    seen.push(`${learn} judge ${judge}`);
    return Float32Array.of(0, 1, 1, 0);
  });
  assert.deepEqual(seen, ['0,1,2 judge 3,4']);
  assert.deepEqual([...scores.values], [0, 1, 1, 0]);
});
