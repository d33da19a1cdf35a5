import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../random.js';
import { trainCharacterTrigrams } from './character-trigrams.js';

const random = new Random(4);
const words = ['banana', 'ananas', '香蕉', '苹果 ', 'nab ', '😀'];
const documents = Array.from({ length: 60 }, () =>
  Array.from({ length: 12 }, () => words[random.integer(words.length)]!).join(' '),
);
const model = trainCharacterTrigrams(documents);
const counted = documents.filter((_, i) => i % 20 !== 19);

/** The formula, read off the documents for each character anew. */
function bruteForce(context: readonly string[], character: string): number {
  let p = 1 / (0x110000 - 2048);
  for (let length = 0; length < 3; length++) {
    const wanted = context.slice(context.length - length).join('');
    const followers: string[] = [];
    for (const document of counted) {
      const all = ['^', '^', ...document];
      for (let i = 2; i < all.length; i++) {
        if (all.slice(i - length, i).join('') === wanted) followers.push(all[i]!);
      }
    }
    const kept = model.strengths[length]! * new Set(followers).size;
    const count = followers.filter((follower) => follower === character).length;
    if (followers.length > 0) p = (count + kept * p) / (followers.length + kept);
  }
  return p;
}

test('equals the formula, for known, unknown and first characters', () => {
  for (const text of ['banana 香蕉', '😀😀', 'zzé', 'b', '蕉香 n']) {
    let nats = 0;
    const all = ['^', '^', ...text];
    for (let i = 2; i < all.length; i++) nats -= Math.log(bruteForce(all.slice(i - 2, i), all[i]!));
    assert.ok(Math.abs(model.nats(text) - nats) < 1e-9, `${text}: ${model.nats(text)} instead of ${nats}`);
  }
});

test('probabilities sum to 1 over all characters', () => {
  const known = [...new Set(documents.join(''))];
  const unknown = 0x110000 - 2048 - known.length;
  for (const context of ['', 'b', 'na', '香', 'zz']) {
    const p = (character: string) => Math.exp(model.nats(context) - model.nats(context + character));
    const sum = known.reduce((total, character) => total + p(character), 0) + unknown * p('é');
    assert.ok(Math.abs(sum - 1) < 1e-6, `${sum} after ${context}`);
  }
});

test('beats a unigram model by far, and its strengths are tuned', () => {
  const text = documents[19]!;
  const all = counted.join('');
  const frequency = new Map<string, number>();
  for (const character of all) frequency.set(character, (frequency.get(character) ?? 0) + 1);
  const unigram = [...text].reduce((sum, c) => sum - Math.log(frequency.get(c)! / [...all].length), 0);
  assert.ok(model.nats(text) < 0.5 * unigram, `${model.nats(text)}, unigram ${unigram}`);
  assert.notDeepEqual(model.strengths, [1, 1, 1]);
});
