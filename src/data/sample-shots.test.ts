import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SoftpromptError } from '../errors.js';
import type { Example } from './example.js';
import { sampleShots } from './sample-shots.js';

const examples: Example[] = Array.from({ length: 60 }, (_, i) => ({
  id: String(i),
  fields: { text: `t${i}` },
  label: i % 6 === 0 ? undefined : i % 3 === 0 ? 'rare' : 'common',
}));

test('takes the asked number of each label, without repeats, in input order, by seed', () => {
  const sample = sampleShots(examples, ['common', 'rare'], 8, 1);
  const ids = sample.map(({ id }) => Number(id));
  assert.deepEqual(
    ids,
    [...new Set(ids)].sort((a, b) => a - b),
  );
  for (const label of ['common', 'rare']) assert.equal(sample.filter((example) => example.label === label).length, 8);
  assert.deepEqual(sampleShots(examples, ['common', 'rare'], 8, 1), sample);
  assert.notDeepEqual(sampleShots(examples, ['common', 'rare'], 8, 2), sample);
});

test('a label with too few rows is an error that counts them', () => {
  const failsWith = (message: RegExp) => (error: unknown) =>
    error instanceof SoftpromptError && error.code === 'DATA_SHOTS' && message.test(error.message);
  assert.throws(
    () => sampleShots(examples, ['common', 'rare', 'none'], 16, 0),
    failsWith(/label 'rare' has 10 rows, label 'none' has 0 rows\. Expected at least 16/),
  );
  for (const shots of [0, 1.5, -1]) assert.throws(() => sampleShots(examples, ['rare'], shots, 0), failsWith(/shots/));
});
