import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../random.js';
import { fitAttributeGroups, groupOf } from './attribute-groups.js';

test('values stand for themselves; rare ones are no group', () => {
  const values = ['F', 'M', 'M', '', 'F', 'x'];
  assert.deepEqual(fitAttributeGroups('gender', values).names, ['F', 'M', 'x']);
  const groups = fitAttributeGroups('gender', values, { fewest: 2 });
  assert.deepEqual(groups, { attribute: 'gender', names: ['F', 'M'], cuts: undefined });
  assert.deepEqual(
    ['M', 'F', 'x', '', 'm'].map((value) => groupOf(groups, value)),
    [1, 0, -1, -1, -1],
  );
});

test('numbers are cut into ranges of about equally many users, each value into exactly one', () => {
  const random = new Random(5);
  const ages = Array.from({ length: 1000 }, () => String(10 + random.integer(70)));
  const groups = fitAttributeGroups('age', ages, { ranges: 5 });
  const counts = new Array<number>(5).fill(0);
  for (const age of ages) counts[groupOf(groups, age)]! += 1;
  assert.equal(groups.names.length, 5);
  for (const count of counts) assert.ok(count > 160 && count < 240, `${counts}`);
  for (let age = 0; age < 120; age++) {
    const below = groups.cuts!.filter((cut) => cut <= age).length;
    assert.equal(groupOf(groups, String(age)), below);
  }
});

test('floats as pandas writes them are numbers, and nan is no value', () => {
  const spent = Array.from({ length: 40 }, (_, i) => (i % 10 === 0 ? 'nan' : `${i / 7}e-05`));
  const groups = fitAttributeGroups('spent', spent, { ranges: 2 });
  assert.equal(groups.names.length, 2);
  assert.deepEqual(
    ['1e-09', '1e-04', 'nan', 'inf'].map((value) => groupOf(groups, value)),
    [0, 1, -1, 1],
  );
});

test('ranges have readable names, and answer to them', () => {
  const groups = fitAttributeGroups('age', [], { cuts: [25, 35, 36] });
  assert.deepEqual(groups.names, ['under 25', '25-34', '35', '36 or more']);
  const given = ['25-34', 'under 25', '24.9', '35', '99', '50-60', '18-20', 'old', ''];
  assert.deepEqual(
    given.map((value) => groupOf(groups, value)),
    [1, 0, 0, 2, 3, 3, 0, -1, -1],
  );
  assert.deepEqual(fitAttributeGroups('price', [], { cuts: [0.5, 2] }).names, ['under 0.5', '0.5-2', '2 or more']);
});

test('few different numbers are codes, and many equal ones make no empty range', () => {
  assert.equal(fitAttributeGroups('age', ['1', '18', '25', '18']).cuts, undefined);
  const mostlyOne = [...new Array<string>(90).fill('1'), ...Array.from({ length: 10 }, (_, i) => String(i))];
  const { cuts, names } = fitAttributeGroups('visits', mostlyOne);
  assert.deepEqual([cuts, names], [[1], ['under 1', '1 or more']]);
});
