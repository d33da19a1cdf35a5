import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LabelScores } from '../evaluation/label-scores.js';
import { type Alternative, chooseAlternative } from './alternatives.js';
import { nextStep, promptVerdict } from './prompt-verdict.js';

/** Scores of two labels that are right for the first `right` of texts whose label is 1. */
const scores = (texts: number, right: number, from = 0): LabelScores => ({
  values: Float32Array.from({ length: 2 * texts }, (_, i) => {
    const text = Math.floor(i / 2);
    const isRight = text >= from && text < from + right;
    return (i % 2 === 1) === isRight ? 1 : 0;
  }),
  classes: 2,
});
const ones = (texts: number) => new Int32Array(texts).fill(1);
const verdict = (texts: number, prompt: number, words: number, split: 'test' | 'validation' = 'test') =>
  promptVerdict(scores(texts, prompt), [{ name: 'bag of words', scores: scores(texts, words) }], ones(texts), {
    split,
    seed: 0,
  });

test('better, worse, or no difference, by the interval of the difference', () => {
  const better = verdict(100, 80, 50);
  assert.equal(better.kind, 'better');
  assert.equal(better.next, 'use');
  assert.match(better.text, /^Of 100 test texts, the prompt labels 80 right \(bag of words 50: measurably more\)/);
  const worse = verdict(12, 5, 11);
  assert.equal(worse.kind, 'worse');
  assert.equal(worse.next, 'use-baseline');
  assert.match(worse.text, /not worth using: bag of words/);
  const none = promptVerdict(scores(200, 100, 1), [{ name: 'bag of words', scores: scores(200, 100) }], ones(200), {
    split: 'test',
    seed: 0,
  });
  assert.equal(none.kind, 'no-difference');
  assert.equal(none.next, 'another-model');
});

test('the next step, on both sides of each rule', () => {
  assert.equal(nextStep('worse', 1000, 'validation'), 'use-baseline');
  assert.equal(nextStep('better', 1000, 'validation'), 'test-data');
  assert.equal(nextStep('better', 1000, 'test'), 'use');
  assert.equal(nextStep('no-difference', 99, 'test'), 'more-data');
  assert.equal(nextStep('no-difference', 100, 'test'), 'another-model');
});

const examples = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ id: `${i}`, fields: { text: 'a' }, label: 'b' }));
const alternative = (name: Alternative['name'], valid: LabelScores) => ({ name, valid, scores: valid }) as Alternative;

test('what is simpler is kept, unless the prompt is right more often by more than a standard error', () => {
  const keys = ['a', 'b'];
  const words = alternative('bag of words', scores(20, 14));
  const head = alternative('head', scores(20, 15));
  const choose = (prompt: LabelScores) => chooseAlternative(prompt, [words, head], examples(20), keys)?.name;
  assert.equal(choose(scores(20, 10)), 'head');
  assert.equal(choose(scores(20, 15)), 'head');
  assert.equal(choose(scores(20, 15, 1)), 'head', 'right elsewhere, not more often');
  assert.equal(choose(scores(20, 19)), undefined);
  assert.equal(chooseAlternative(scores(20, 1), [], examples(20), keys), undefined);
});
