import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fitBinaryRegression } from '../../evaluation/binary-regression.js';
import { Random } from '../../random.js';
import { attributeCodes, attributeVector, attributeWidth } from './attribute-vectors.js';
import { KnownAnswers } from './known-answers.js';
import { casesOf, partStarts } from './learn-preference.js';
import { withTold } from './preference-data.js';
import type { PreferenceRow } from './preference-rows.js';
import { givenMaker, type Sources } from './sources.js';
import { itemStatistics, userStatistics } from './statistics.js';
import { tasteOf } from './taste.js';

const random = new Random(2);
const ROWS: readonly PreferenceRow[] = Array.from({ length: 200 }, (_, time) => ({
  user: `u${random.integer(8)}`,
  item: `i${random.integer(12)}`,
  liked: random.uniform() < 0.6,
  time: Math.floor(time / 2),
}));
const SOURCES: Sources = {
  ...{ text: undefined, vector: undefined, factors: undefined },
  items: { codes: [], rowOf: () => undefined },
  users: { codes: [], rowOf: () => undefined },
};
const PLACES = [
  { of: 'user', source: 'stats', rows: 1 },
  { of: 'item', source: 'stats', rows: 1 },
] as const;

const numbers = (rows: readonly PreferenceRow[], asOf?: (row: PreferenceRow) => number) => {
  const known = new KnownAnswers(rows);
  const give = givenMaker(PLACES, SOURCES);
  return casesOf(rows, known, asOf).map(({ taste, item }) => give(taste, item, known).map((vector) => [...vector]));
};

describe('what is counted for a row', () => {
  it('does not change with its own answer, nor with any that is not earlier', () => {
    for (const asOf of [undefined, partStarts(ROWS)]) {
      const before = numbers(ROWS, asOf);
      for (const place of [0, 60, 121, 199]) {
        const { time } = ROWS[place]!;
        // all else kept, so that the share of likes is the same: as many answers turn from likes as to them
        const later = [...ROWS.keys()].filter((i) => ROWS[i]!.time >= time);
        const likes = later.filter((i) => ROWS[i]!.liked);
        const swapped = new Set([...later].sort((a, b) => a - b).slice(-likes.length));
        const turned = ROWS.map((row, i) => (row.time >= time ? { ...row, liked: swapped.has(i) } : row));
        assert.deepEqual(numbers(turned, asOf)[place], before[place]);
      }
    }
  });

  it('is nothing where nothing is known, and grows with what is', () => {
    const known = new KnownAnswers(ROWS);
    const nobody = userStatistics(
      tasteOf({ user: 'nobody', time: 1e9, history: undefined, disliked: undefined }, known),
      known,
    );
    assert.deepEqual([nobody[0], nobody[1], nobody[4]], [0, 0, 0]);
    assert.deepEqual([...itemStatistics('none', 1e9, known)], [0, -1, 0]);
    const all = known.ofItem('i1');
    const rate = (all.likes.at(-1)! + 5 * known.mean) / (all.times.length + 5);
    const expected = Math.log(rate / (1 - rate)) - Math.log(known.mean / (1 - known.mean));
    assert.ok(Math.abs(itemStatistics('i1', 1e9, known)[0]! - expected) < 1e-6);
  });

  it('of a history with dislikes beside it is these alone; a user without dislikes likes much', () => {
    const known = new KnownAnswers(ROWS);
    const ask = (history: string[], disliked: string[]) =>
      userStatistics(tasteOf({ user: 'u1', time: 1e9, history, disliked }, known), known)[0]!;
    assert.ok(ask(['i1', 'i2', 'i3'], []) > ask(['i1'], ['i2', 'i3']));
    assert.ok(Number.isFinite(ask(['i1', 'i2'], [])) && Number.isFinite(ask([], [])));
  });

  it('takes the answers that histories tell of as known, each once, and none from likes alone', () => {
    const row = { user: 'a', item: 'x', liked: true, time: 5 };
    const told = withTold([
      { ...row, history: ['y'], disliked: ['z'] },
      { ...row, item: 'w', time: 6, history: ['x', 'y'], disliked: ['z'] },
    ]);
    assert.deepEqual(told.map(({ item, liked }) => [item, liked]).sort(), [
      ['w', true],
      ['x', true],
      ['y', true],
      ['z', false],
    ]);
    assert.equal(withTold([{ ...row, history: ['y'] }]).length, 1);
  });
});

describe('attributes as numbers', () => {
  const table = {
    ids: ['1', '2', '3', '4'],
    columns: new Map([
      ['title', ['A film (1990)', 'B film (2000)', 'C film (1995)', 'D film']],
      ['genres', ['Drama|War', 'Drama', 'War', '']],
      ['plot', ['a man', 'a woman', 'two dogs', 'one cat']],
    ]),
  };
  const codes = attributeCodes(table);
  const vector = (cells: Record<string, string>) => [...attributeVector(codes, (column) => cells[column])];

  it('are the values that repeat, and the year that ends a title; what was never seen is 0', () => {
    assert.deepEqual(
      codes.map(({ kind, column }) => [kind, column]),
      [
        ['year', 'title'],
        ['values', 'genres'],
      ],
    );
    assert.equal(attributeWidth(codes), 3);
    assert.ok(vector({ title: 'E (2010)', genres: 'War' })[0]! > 1);
    assert.deepEqual(vector({ title: 'E', genres: 'Opera' }), [0, 0, 0]);
    assert.deepEqual(vector({ title: 'E', genres: 'War|Opera' }).slice(1), [0, 1]);
  });
});

describe('logistic regression', () => {
  it('finds the weights that made the answers, and stays near its prior where there are few', () => {
    const x = Array.from({ length: 4000 }, () => [random.normal(), random.normal()]);
    const y = x.map(([a, b]) => Number(random.uniform() < 1 / (1 + Math.exp(-(0.5 + 2 * a! - b!)))));
    const { weights, intercept } = fitBinaryRegression(x, y, 1e-3);
    assert.ok(Math.abs(weights[0]! - 2) < 0.2 && Math.abs(weights[1]! + 1) < 0.2 && Math.abs(intercept - 0.5) < 0.15);
    const few = fitBinaryRegression(x.slice(0, 4), [1, 1, 1, 1], 5, (j) => (j === 0 ? 1 : 0));
    assert.ok(Math.abs(few.weights[0]! - 1) < 0.3 && few.weights.every(Number.isFinite));
  });
});
