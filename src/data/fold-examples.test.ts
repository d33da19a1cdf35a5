import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foldExamples } from './fold-examples.js';

const example = (text: string, label: string, i: number) => ({ id: `${i}`, fields: { text }, label });

test('each label is spread over all parts, the same seed divides the same way', () => {
  const examples = Array.from({ length: 54 }, (_, i) => example(`text ${i}`, 'abc'[i % 3]!, i));
  const folds = foldExamples(examples, 5, 1);
  for (const label of 'abc') {
    const counts = [0, 1, 2, 3, 4].map((part) => examples.filter((one, i) => one.label === label && folds[i] === part));
    for (const rows of counts) assert.ok(rows.length === 3 || rows.length === 4, `${rows.length}`);
  }
  assert.deepEqual(folds, foldExamples(examples, 5, 1));
  assert.notDeepEqual(folds, foldExamples(examples, 5, 2));
});

test('copies of a text stand in one part', () => {
  const examples = Array.from({ length: 40 }, (_, i) => example(`text ${i % 10}`, i % 20 < 10 ? 'a' : 'b', i));
  const folds = foldExamples(examples, 5, 0);
  for (let text = 0; text < 10; text++) {
    assert.equal(new Set(examples.flatMap((_, i) => (i % 10 === text ? [folds[i]] : []))).size, 1);
  }
});
