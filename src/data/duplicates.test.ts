import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeOverlap, findDuplicates, withoutDuplicates } from './duplicates.js';
import type { Example } from './example.js';

const example = (id: string, text: string, label?: string): Example => ({ id, fields: { text }, label });

const train = [
  example('t1', 'good  film', 'pos'),
  example('t2', 'cafe\u0301 ', 'neg'),
  example('t3', 'alone', 'pos'),
  example('t4', 'good film', 'neg'),
];
const valid = [example('v1', '  good\tfilm', 'pos'), example('v2', 'Good film', 'pos')];
const heldOut = [
  example('x1', 'caf\u00e9', 'neg'),
  example('x2', 'Good\u3000film', 'neg'),
  example('x3', 'new', 'pos'),
];

test('finds the same text across splits, whatever its white space and Unicode form, and labels that conflict', () => {
  assert.deepEqual(findDuplicates({ train, valid, test: heldOut }), [
    {
      split: 'valid',
      other: 'train',
      rows: 2,
      duplicates: 1,
      conflicts: 1,
      samples: [{ example: valid[0], match: train[3] }],
    },
    {
      split: 'test',
      other: 'train',
      rows: 3,
      duplicates: 1,
      conflicts: 0,
      samples: [{ example: heldOut[0], match: train[1] }],
    },
    {
      split: 'test',
      other: 'valid',
      rows: 3,
      duplicates: 1,
      conflicts: 1,
      samples: [{ example: heldOut[1], match: valid[1] }],
    },
  ]);
  assert.deepEqual(findDuplicates({ train: train.slice(2, 3), valid, test: [] }), []);
});

test('all fields count, and are not confused with one another', () => {
  const pair = (id: string, a: string, b: string): Example => ({ id, fields: { a, b }, label: undefined });
  assert.deepEqual(
    findDuplicates({ train: [pair('1', 'x', 'y')], valid: [pair('2', 'y', 'x'), pair('3', 'x', 'z')] }),
    [],
  );
  const [same] = findDuplicates({ train: [pair('1', 'x', 'y')], valid: [{ ...pair('2', 'x', 'y'), label: 'pos' }] });
  assert.equal(same?.conflicts, 0, 'an unlabelled row conflicts with nothing');
});

test('training rows that are held out can be dropped', () => {
  assert.deepEqual(withoutDuplicates(train, valid, heldOut), [train[2]]);
  assert.deepEqual(withoutDuplicates(train), train);
});

test('reads as a sentence', () => {
  const many = Array.from({ length: 5 }, (_, i) => example(`m${i}`, 'alone', 'neg'));
  assert.equal(
    describeOverlap(findDuplicates({ train, valid: many })[0]!),
    '5 of 5 rows of valid are also in train, 5 with another label (m0 = t3, m1 = t3, m2 = t3, …)',
  );
});
