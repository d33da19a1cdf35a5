import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LabelScores } from '../evaluation/label-scores.js';
import { type Alternative, chooseAlternative, tooFarAhead } from './alternatives.js';
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

test('it is compared with the best of what costs less, not with any of it', () => {
  const beside = (head: number) =>
    promptVerdict(
      scores(100, 80),
      [
        { name: 'bag of words', scores: scores(100, 50) },
        { name: 'head', scores: scores(100, head) },
      ],
      ones(100),
      { split: 'test', seed: 0 },
    );
  const best = beside(79);
  assert.equal(best.kind, 'no-difference');
  assert.match(best.text, /bag of words 50: measurably more; head 79: no measurable difference/);
  assert.match(best.text, /not measurably better than head/);
  assert.equal(beside(60).kind, 'better');
  assert.equal(beside(99).kind, 'worse');
  const alone = promptVerdict(scores(100, 80), [], ones(100), { split: 'test', seed: 0 });
  assert.match(alone.text, /Nothing was measured beside it/);
});

test('the next step, on both sides of each rule', () => {
  assert.equal(nextStep('worse', 1000, 'validation'), 'use-baseline');
  assert.equal(nextStep('worse', 99, 'test'), 'use-baseline');
  assert.equal(nextStep('no-difference', 99, 'validation'), 'test-data');
  assert.equal(nextStep('better', 99, 'cross-validation'), 'use', 'each row was left out once');
  assert.equal(nextStep('no-difference', 99, 'cross-validation'), 'more-data');
  assert.equal(nextStep('better', 1000, 'validation'), 'test-data');
  assert.equal(nextStep('better', 1000, 'test'), 'use');
  assert.equal(nextStep('no-difference', 99, 'test'), 'more-data');
  assert.equal(nextStep('no-difference', 100, 'test'), 'another-model');
});

test('where a label is rare, macro F1 decides, and both are said; else accuracy does', () => {
  // 90 rows of label 0 and 10 of label 1
  const targets = Int32Array.from({ length: 100 }, (_, i) => Number(i >= 90));
  const labels = (label: (i: number) => number): LabelScores => ({
    values: Float32Array.from({ length: 200 }, (_, i) => (i % 2 === label(i >> 1) ? 1 : 0)),
    classes: 2,
  });
  const finds = labels((i) => Number(i < 4 || i >= 90));
  const always = [{ name: "always '0'", scores: labels(() => 0) }];
  const rare = promptVerdict(finds, always, targets, { split: 'test', seed: 0 });
  assert.equal(rare.measure, 'macroF1');
  assert.equal(rare.kind, 'better');
  assert.match(rare.text, /A label is rare, so macro F1 decides: the prompt 0\.9\d, always '0' 0\.47\./);
  const even = promptVerdict(
    finds,
    always,
    Int32Array.from({ length: 100 }, (_, i) => Number(i >= 70)),
    {
      split: 'test',
      seed: 0,
    },
  );
  assert.equal(even.measure, 'accuracy');
  assert.doesNotMatch(even.text, /macro F1/);
});

test('what is kept in its place is named, and where nothing is, what would keep it', () => {
  const judged = (kept?: string) =>
    promptVerdict(scores(100, 50), [{ name: 'bag of words', scores: scores(100, 90) }], ones(100), {
      ...{ split: 'test', seed: 0, kept },
    }).text;
  assert.match(judged('bag of words'), /The bag of words is kept in its place\.$/);
  assert.match(judged(), /Next: keep that one \(--method auto does\)/);
});

const KEYS = ['a', 'b'];
/** Labels a and b by turns. */
const examples = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ id: `${i}`, fields: { text: 'a' }, label: KEYS[i % 2]! }));
/** Scores of them that are right but for those at these places. */
const wrongAt = (places: readonly number[], count = 40): LabelScores => ({
  values: Float32Array.from({ length: 2 * count }, (_, i) => {
    const row = i >> 1;
    return (i % 2 === row % 2) === places.includes(row) ? 0 : 1;
  }),
  classes: 2,
});
const alternative = (name: Alternative['name'], valid: LabelScores) => ({ name, valid, scores: valid }) as Alternative;
const upTo = (count: number, from = 0) => Array.from({ length: count }, (_, i) => i + from);

test('what is simpler is kept, unless the prompt is better by two standard errors', () => {
  const words = alternative('bag of words', wrongAt(upTo(12)));
  const head = alternative('head', wrongAt(upTo(10)));
  const choose = (prompt: LabelScores) => chooseAlternative(prompt, [words, head], examples(40), KEYS)?.name;
  assert.equal(choose(wrongAt(upTo(20))), 'head');
  assert.equal(choose(wrongAt(upTo(10))), 'head', 'between equals');
  assert.equal(choose(wrongAt(upTo(9, 15))), 'head', 'one more, but right elsewhere');
  assert.equal(choose(wrongAt([0])), undefined);
  assert.equal(chooseAlternative(wrongAt(upTo(39)), [], examples(40), KEYS), undefined);
});

test('a prompt that is surer where it is wrong is not kept, nor one that is hardly better', () => {
  const words = [alternative('bag of words', wrongAt(upTo(10)))];
  const choose = (prompt: LabelScores) => chooseAlternative(prompt, words, examples(40), KEYS)?.name;
  const [some, most] = [wrongAt(upTo(8)), wrongAt([0])];
  const surer = (scores: LabelScores) => ({ ...scores, values: scores.values.map((score) => 40 * score) });
  assert.equal(choose(some), 'bag of words');
  assert.equal(choose(most), undefined);
  assert.equal(choose(surer(most)), 'bag of words');
});

test('a training is given up where no more of it changes what is kept', () => {
  const targets = Int32Array.from({ length: 40 }, (_, i) => i % 2);
  const ahead = (wrong: number, ofPrompt: number, share: number) =>
    tooFarAhead(wrongAt(upTo(ofPrompt)), share, [alternative('bag of words', wrongAt(upTo(wrong)))], targets);
  assert.equal(ahead(10, 30, 0.4), undefined, 'it may come back');
  assert.equal(ahead(10, 30, 0.5), 'bag of words', 'worse by two standard errors');
  assert.equal(ahead(10, 12, 0.9), undefined, 'hardly worse');
  assert.equal(ahead(2, 6, 0.3), undefined, 'too early');
  assert.equal(ahead(2, 6, 0.4), 'bag of words', 'nothing is better than two mistakes by two standard errors');
  assert.equal(ahead(2, 1, 0.4), undefined, 'better, though not by enough');
  assert.equal(tooFarAhead(wrongAt(upTo(39)), 1, [], targets), undefined);
});

test('of two that are right as often, the one of the lower loss is kept', () => {
  const sure = wrongAt(upTo(10));
  const surer = { ...sure, values: sure.values.map((score) => 9 * score) };
  const kept = chooseAlternative(
    wrongAt(upTo(20)),
    [alternative('bag of words', surer), alternative('head', sure)],
    examples(40),
    KEYS,
  );
  assert.equal(kept?.name, 'head');
});
