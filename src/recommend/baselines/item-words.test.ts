import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sequences } from '../../data/interactions/interaction-splits.js';
import { easeScorer, fitEase } from './ease.js';
import { itemsOfWords, itemWords, wordTexts } from './item-words.js';

function trainingOf(lists: readonly (readonly number[])[]): Sequences {
  const offsets = [0];
  for (const list of lists) offsets.push(offsets.at(-1)! + list.length);
  const items = Int32Array.from(lists.flat());
  return { offsets: Int32Array.from(offsets), items, times: undefined, ratings: undefined };
}

const texts = [
  'Red tea, red cup',
  'green TEA',
  'a red cup',
  '',
  'salt',
  ...Array.from({ length: 15 }, () => 'x'),
  '红茶 杯子',
  '绿茶 杯子',
];

test('tf-idf by hand: rare words count more, common ones and those of one text alone not at all', () => {
  const { offsets, words, weights } = itemWords(texts);
  const ofItem = (item: number) => [...weights.subarray(offsets[item], offsets[item + 1])];
  // red, tea and cup are in two texts of 22 each, x in too many, green and salt in one
  const rarity = Math.log(texts.length / 2);
  const red = (1 + Math.log(2)) * rarity;
  const length = Math.hypot(red, rarity, rarity);
  const expected = [red / length, rarity / length, rarity / length];
  for (const [i, weight] of ofItem(0).entries()) assert.ok(Math.abs(weight - expected[i]!) < 1e-6);
  assert.deepEqual(ofItem(1), [1]);
  for (const silent of [3, 4, 5]) assert.deepEqual(ofItem(silent), []);
  assert.ok(ofItem(20).length >= 1, 'Chinese is cut into words');
  const back = itemsOfWords({ offsets, words, weights });
  const tea = words[offsets[1]!]!;
  assert.deepEqual([...back.items.subarray(back.offsets[tea], back.offsets[tea + 1])], [0, 1]);
});

test('the texts of the columns, item by item', () => {
  const columns = new Map([
    ['title', ['One', 'Two']],
    ['genre', ['Drama', '']],
  ]);
  assert.deepEqual(wordTexts({ ids: ['b', 'a'], columns }, ['a', 'b', 'c'], ['title', 'genre', 'none']), [
    'Two  ',
    'One Drama ',
    '  ',
  ]);
});

test('EASE with words is the inverse of both Gram matrices, and knows an item that nobody met', async () => {
  const train = trainingOf([
    [0, 1],
    [0, 1, 2],
    [2, 3],
  ]);
  const items = 5; // nobody met the last one, whose words are those of item 3
  const words = itemWords(['a b', 'c d', 'c e', 'f g', 'f g', 'a h', 'b i', 'd j', 'e h', 'i j']);
  const own = { ...words, offsets: words.offsets.slice(0, items + 1) };
  const [weight, regularisation] = [2, 0.7];
  const gram = Array.from({ length: items }, (_, i) =>
    Array.from({ length: items }, (_, j) => (i === j ? regularisation : 0)),
  );
  for (const list of [
    [0, 1],
    [0, 1, 2],
    [2, 3],
  ])
    for (const i of list) for (const j of list) gram[i]![j]! += 1;
  const row = (item: number) => {
    const dense = new Array<number>(20).fill(0);
    for (let at = own.offsets[item]!; at < own.offsets[item + 1]!; at++) dense[own.words[at]!] = own.weights[at]!;
    return dense;
  };
  for (let i = 0; i < items; i++) {
    for (let j = 0; j < items; j++) gram[i]![j]! += weight * row(i).reduce((sum, x, k) => sum + x * row(j)[k]!, 0);
  }
  const weights = await fitEase(train, items, { regularisation, texts: { words: own, weight }, tileEdge: 3 });
  const inverse = invert(gram);
  for (let i = 0; i < items; i++) {
    const found = weights(i);
    for (let j = 0; j < items; j++) {
      const expected = i === j ? 0 : -inverse[i]![j]! / inverse[j]![j]!;
      assert.ok(Math.abs(found[j]! - expected) < 1e-4, `${i}, ${j}: ${found[j]} instead of ${expected}`);
    }
  }
  const scores = new Float32Array(items);
  easeScorer(weights, train, items).scoreUser(Int32Array.of(3), scores);
  assert.ok(scores[4]! > scores[0]! && scores[4]! > scores[1]!);
});

/** By Gauss and Jordan. */
function invert(matrix: readonly (readonly number[])[]): number[][] {
  const n = matrix.length;
  const rows = matrix.map((row, i) => [...row, ...Array.from({ length: n }, (_, j) => (i === j ? 1 : 0))]);
  for (let c = 0; c < n; c++) {
    const pivot = rows[c]![c]!;
    rows[c] = rows[c]!.map((x) => x / pivot);
    for (let r = 0; r < n; r++) {
      if (r === c) continue;
      const factor = rows[r]![c]!;
      rows[r] = rows[r]!.map((x, k) => x - factor * rows[c]![k]!);
    }
  }
  return rows.map((row) => row.slice(n));
}
