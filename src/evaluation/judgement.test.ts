import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isBetter, judgeScores, quality } from './judgement.js';

const of = (accuracy: number, loss: number, examples?: number, macroF1?: number) => ({
  accuracy,
  loss,
  ...(examples !== undefined && { examples }),
  ...(macroF1 !== undefined && { macroF1 }),
});

test('with few rows one more that is right does not outweigh a loss that has doubled; with many a real gain does', () => {
  assert.ok(isBetter(of(0.7, 0.8, 20), of(0.75, 1.6, 20)));
  assert.ok(isBetter(of(0.75, 1.6, 2000), of(0.7, 0.8, 2000)));
  assert.ok(isBetter(of(0.75, 0.8, 20), of(0.7, 0.8, 20)));
});

test('a label that is never given costs more than its share of rows', () => {
  // 90 of 100 rows have label 0: always 0 against a scorer that finds 8 of the 10 others and mistakes 10
  const targets = Int32Array.from({ length: 100 }, (_, i) => Number(i >= 90));
  const scores = (label: (i: number) => number) => ({
    values: Float32Array.from({ length: 200 }, (_, i) => (i % 2 === label(i >> 1) ? 2 : 0)),
    classes: 2,
  });
  const always = judgeScores(
    scores(() => 0),
    targets,
  );
  const finds = judgeScores(
    scores((i) => (i < 10 ? 1 : i >= 90 && i < 98 ? 1 : 0)),
    targets,
  );
  assert.equal(always.accuracy, 0.9);
  assert.equal(finds.accuracy, 0.88);
  assert.ok(isBetter(finds, always));
});

test('where no rows are known, accuracy decides and then the loss', () => {
  assert.ok(isBetter(of(0.8, 9), of(0.7, 1)));
  assert.ok(isBetter(of(0.8, 1), of(0.8, 2)));
  assert.equal(quality(of(0.8, 9)), 0.8);
});

test('one that an earlier version kept, by accuracy and loss alone, is not the better for what nobody knows of it', () => {
  const earlier = of(0.7, 1.2);
  assert.ok(isBetter(of(0.7, 0.8, 20, 0.68), earlier));
  assert.ok(!isBetter(earlier, of(0.7, 0.8, 20, 0.68)));
  assert.ok(isBetter(earlier, of(0.6, 1.2, 20, 0.72)));
});
