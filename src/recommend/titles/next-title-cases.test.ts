import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leaveOneOut } from '../../data/interactions/interaction-splits.js';
import { compileOpenTemplate } from '../../prompt/compile-template.js';
import { loadTokenizer } from '../../tokenizer/load-tokenizer.js';
import { nextTitleCases } from './next-title-cases.js';
import { titleEncoder } from './title-task.js';
import { parseWordsTemplate } from './words-template.js';

const tokenizer = await loadTokenizer('test/fixtures/peft/model/tokenizer.json');
const template = compileOpenTemplate(parseWordsTemplate('{history|keep=end}: {label}.'), { tokenizer, maxLength: 60 });
/** Code i has the title of its letter; code 2 has none, and 5 the words of 4. */
const titles = ['a', 'b', '', 'd', 'e', 'e', 'g', 'h', 'i', 'j'];
const lists = [
  [0, 1, 2, 3, 4, 6],
  [5, 7, 8, 9, 1, 0],
];
const splits = leaveOneOut({
  users: ['u', 'v'],
  items: titles.map((_, i) => `i${i}`),
  user: Int32Array.from(lists.flatMap((list, user) => list.map(() => user))),
  item: Int32Array.from(lists.flat()),
  time: undefined,
  rating: undefined,
});
const options = { negatives: 2, perUser: 2, maxHistory: 2, seed: 0 };
const encode = titleEncoder(template, 60);
const nextTitleSequences = (...given: Parameters<typeof nextTitleCases>) => nextTitleCases(...given).map(encode);
const read = (ids: Int32Array) => tokenizer.decode([...ids].filter((id) => !tokenizer.special.has(id)));

test('histories with the title that came next, beside others the user did not meet', () => {
  const train = nextTitleSequences(titles, splits, 'train', options);
  assert.equal(train.length, 4);
  const order = ['abd', 'ehij'];
  for (const [i, { context, candidates, target }] of train.entries()) {
    const [history] = read(context).split(':');
    const met = history!.trim().split(', ');
    const [next, ...others] = candidates.map((ids) => read(ids).trim().replace('.', ''));
    assert.ok(order[i < 2 ? 0 : 1]!.includes(met.join('') + next), `${met}: ${next}`);
    assert.ok(met.length <= 2);
    assert.equal(target, 0);
    assert.equal(new Set(others).size, 2);
    assert.ok(others.every((title) => !order[i < 2 ? 0 : 1]!.includes(title) && title !== ''));
  }
});

test('validation: the held-out title after the latest of training, the same with the same seed', () => {
  const valid = nextTitleSequences(titles, splits, 'valid', options);
  assert.deepEqual(
    valid.map(({ context, candidates }) => `${read(context)}${read(candidates[0]!)}`.replaceAll(' ', '')),
    ['b,d:e.', 'i,j:b.'],
  );
  assert.deepEqual(nextTitleSequences(titles, splits, 'valid', options), valid);
  // the first user's next title is 'e': item 5 has the same words and is never sampled against it
  assert.ok(!valid[0]!.candidates.slice(1).some((ids) => read(ids).includes('e')));
});

test('users for whom there are too few others are left out', () => {
  assert.deepEqual(nextTitleSequences(titles, splits, 'train', { ...options, negatives: 9 }), []);
});

test('of many users some are drawn by the seed, not the first ones', () => {
  const many = Array.from({ length: 60 }, (_, user) => ({ user, list: lists[user % 2]! }));
  const data = {
    users: many.map(({ user }) => `u${user}`),
    items: titles.map((_, i) => `i${i}`),
    user: Int32Array.from(many.flatMap(({ user, list }) => list.map(() => user))),
    item: Int32Array.from(many.flatMap(({ list }) => list)),
    time: undefined,
    rating: undefined,
  };
  const histories = leaveOneOut(data);
  const firsts = new Set<string>();
  for (let seed = 0; seed < 20; seed++) {
    const drawn = { ...options, users: 3, seed };
    const some = nextTitleSequences(titles, histories, 'valid', drawn);
    assert.equal(some.length, 3);
    assert.deepEqual(nextTitleSequences(titles, histories, 'valid', drawn), some, 'the seed decides');
    firsts.add(some.map(({ context }) => read(context)).join());
  }
  assert.ok(firsts.size > 2, 'not always the same users');
  assert.equal(nextTitleSequences(titles, histories, 'train', { ...options, users: 5 }).length, 10);
});
