import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SoftpromptError } from '../errors.js';
import type { Example } from './example.js';
import { splitExamples } from './split-examples.js';

function examplesOf(labels: readonly string[]): Example[] {
  return labels.map((label, i) => ({ id: String(i), fields: { text: `t${i}` }, label }));
}

test('splits are disjoint, complete, in input order, of the asked sizes, and keep label proportions', () => {
  const labels = fc.array(fc.constantFrom('a', 'a', 'a', 'b', 'c'), { minLength: 20, maxLength: 200 });
  fc.assert(
    fc.property(
      labels,
      fc.nat(),
      fc.constantFrom(0.1, 0.25),
      fc.constantFrom(0.1, 0.3),
      (labels, seed, valid, test) => {
        const examples = examplesOf(labels);
        const splits = splitExamples(examples, { valid, test, seed });
        const { length } = examples;
        assert.equal(splits.valid.length, Math.round(length * valid));
        assert.equal(splits.test.length, Math.round(length * test));
        const all = [...splits.train, ...splits.valid, ...splits.test].map(({ id }) => id);
        assert.deepEqual(new Set(all), new Set(examples.map(({ id }) => id)));
        assert.equal(all.length, length);
        for (const split of [splits.train, splits.valid, splits.test]) {
          const ids = split.map(({ id }) => Number(id));
          assert.deepEqual(
            ids,
            ids.toSorted((a, b) => a - b),
          );
          for (const label of new Set(labels)) {
            const share = (labels.filter((other) => other === label).length * split.length) / length;
            const count = split.filter((example) => example.label === label).length;
            assert.ok(Math.abs(count - share) <= 2, `${label}: ${count} of ${share}`);
          }
        }
      },
    ),
  );
});

test('the seed decides, and every row can land in every split', () => {
  const examples = examplesOf(Array.from({ length: 40 }, (_, i) => (i % 2 ? 'a' : 'b')));
  const validOf = (seed: number): string[] =>
    splitExamples(examples, { valid: 0.2, test: 0.2, seed }).valid.map(({ id }) => id);
  assert.deepEqual(validOf(3), validOf(3));
  assert.notDeepEqual(validOf(3), validOf(4));
  const seen = new Map<string, number>();
  for (let seed = 0; seed < 500; seed++) for (const id of validOf(seed)) seen.set(id, (seen.get(id) ?? 0) + 1);
  for (const { id } of examples) {
    const times = seen.get(id) ?? 0; // binomial(500, 0.2): mean 100, deviation 9
    assert.ok(times > 55 && times < 145, `row ${id} was in validation ${times} times of 500`);
  }
});

test('unstratified splits ignore labels', () => {
  const examples = examplesOf(Array.from({ length: 40 }, (_, i) => (i < 20 ? 'a' : 'b')));
  const counts = Array.from({ length: 50 }, (_, seed) => {
    const { valid } = splitExamples(examples, { valid: 0.5, test: 0, seed, stratified: false });
    return valid.filter(({ label }) => label === 'a').length;
  });
  assert.ok(counts.some((count) => Math.abs(count - 10) > 2));
});

test('shares that leave nothing are errors', () => {
  const failsWith = (code: string) => (error: unknown) => error instanceof SoftpromptError && error.code === code;
  const examples = examplesOf(['a', 'b', 'a']);
  for (const [valid, test] of [
    [-0.1, 0],
    [0.5, 0.5],
    [Number.NaN, 0],
  ] as const) {
    assert.throws(() => splitExamples(examples, { valid, test, seed: 0 }), failsWith('DATA_SPLIT_FRACTION'));
  }
  assert.throws(() => splitExamples(examples, { valid: 0.1, test: 0, seed: 0 }), failsWith('DATA_SPLIT_EMPTY'));
  assert.throws(() => splitExamples(examples, { valid: 0.9, test: 0, seed: 0 }), failsWith('DATA_SPLIT_EMPTY'));
  assert.throws(() => splitExamples([], { valid: 0, test: 0, seed: 0 }), failsWith('DATA_SPLIT_EMPTY'));
});
