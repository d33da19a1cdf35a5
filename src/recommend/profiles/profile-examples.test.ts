import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InteractionData } from '../../data/interactions/interaction-data.js';
import { type ProfileOptions, profileExamples, tellHistory } from './profile-examples.js';

const USERS = 40;
const items = {
  ids: ['a', 'b', 'c', 'silent'],
  columns: new Map([['title', ['Alpha', ' Beta\n two', 'Gamma', '']]]),
};
const ids = Array.from({ length: USERS }, (_, u) => `u${u}`);

/** Everyone met a, b, silent and c, in the order of time but not of rows; the last user met `silent` alone. */
function interactions(): InteractionData {
  const rows = ids.flatMap((_, u) =>
    (u === USERS - 1 ? [3] : [2, 0, 1, 3]).map((item) => ({ u, item, time: [1, 2, 4, 3][item]! })),
  );
  return {
    users: ids,
    items: ['a', 'b', 'c', 'silent'],
    user: Int32Array.from(rows, ({ u }) => u),
    item: Int32Array.from(rows, ({ item }) => item),
    time: Float64Array.from(rows, ({ time }) => time),
    rating: undefined,
  };
}

const usersWith = (value: (user: number) => string) => ({
  ids: [...ids, 'stranger'],
  columns: new Map([['trait', [...ids.map((_, u) => value(u)), 'x']]]),
});
const options: ProfileOptions = {
  ...{ attribute: 'trait', titleColumn: 'title', maxItems: 2, validShare: 0.1, testShare: 0.2, seed: 0 },
};
const examplesOf = (value: (user: number) => string, changes: Partial<ProfileOptions> = {}) =>
  profileExamples(interactions(), items, usersWith(value), { ...options, ...changes });

test('a history is told by its latest titles, in the order of time', () => {
  const { train } = examplesOf((u) => (u % 2 === 0 ? 'x' : 'y'));
  assert.equal(train[0]!.fields.history, 'Beta two; Gamma');
  assert.equal(tellHistory(['', 'x', ''], 3), 'x');
});

test('users without a value or a title, or of a value that training lacks, are left out and counted', () => {
  const { train, valid, test, leftOut, groups } = examplesOf((u) => (u === 0 ? '' : u % 2 === 0 ? 'x' : 'y'));
  assert.deepEqual(leftOut, { withoutValue: 1, withoutHistory: 1, withoutGroup: 0 });
  assert.deepEqual(groups.names, ['x', 'y']);
  assert.deepEqual(
    [train, valid, test].map(({ length }) => length),
    [26, 4, 8],
  );
  // single users of rare values: those that are tested cannot be learned
  const rare = examplesOf((u) => (u < 10 ? `rare ${u}` : u % 2 === 0 ? 'x' : 'y'));
  const all = [...rare.train, ...rare.valid, ...rare.test];
  assert.equal(all.length + rare.leftOut.withoutGroup, USERS - 1);
  assert.ok(rare.leftOut.withoutGroup > 0);
  const known = new Set(rare.train.map(({ label }) => label));
  assert.ok(all.every(({ label }) => known.has(label)));
});

test('ranges come from the training users alone', () => {
  const value = (user: number) => String(100 + user);
  const { train, valid, test, groups } = examplesOf(value, { ranges: 2 });
  const sorted = train.map(({ id }) => Number(value(Number(id.slice(1))))).sort((a, b) => a - b);
  assert.deepEqual(groups.cuts, [sorted[Math.floor(sorted.length / 2)]]);
  for (const { id, label } of [...train, ...valid, ...test]) {
    const trait: number = 100 + Number(id.slice(1));
    assert.equal(label, groups.names[trait >= groups.cuts![0]! ? 1 : 0]);
  }
});

test('what cannot be predicted is refused', () => {
  assert.throws(() => examplesOf(() => 'x'), { code: 'RECOMMEND_DATA' });
  assert.throws(() => examplesOf(String, { attribute: 'other' }), { code: 'DATA_COLUMN_MISSING' });
  assert.throws(() => examplesOf(String, { titleColumn: 'name' }), { code: 'DATA_COLUMN_MISSING' });
  const foreign = { ids: ['z'], columns: new Map([['trait', ['x']]]) };
  assert.throws(() => profileExamples(interactions(), items, foreign, options), { code: 'DATA_IDS_FOREIGN' });
});
