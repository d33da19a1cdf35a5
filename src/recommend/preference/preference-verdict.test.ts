import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../random.js';
import { nextStep, preferenceVerdict } from './preference-verdict.js';

/** Answers of 60 users, and log odds that tell them with more or less noise. */
function judged(own: number, other: number) {
  const random = new Random(1);
  const liked = Array.from({ length: 600 }, () => random.integer(2));
  const users = liked.map((_, i) => `u${i % 60}`);
  const odds = (noise: number) => liked.map((yes) => yes + noise * random.normal());
  return { liked, users, logOdds: odds(own), others: [{ name: "the item's like rate", logOdds: odds(other) }] };
}

test('better, worse, or no difference, by the interval over users of the difference from the best', () => {
  const better = preferenceVerdict(judged(0.5, 3), 0)!;
  assert.equal(better.kind, 'better');
  assert.match(
    better.text,
    /^Of 100 pairs of something liked and something not, \d\d are put in the right order \(the item's like rate \d\d: measurably more; chance 50: measurably more\)\. It is worth using/,
  );
  assert.equal(preferenceVerdict(judged(3, 0.5), 0)!.kind, 'worse');
  const same = judged(1, 1);
  assert.equal(
    preferenceVerdict({ ...same, others: [{ name: 'itself', logOdds: same.logOdds }] }, 0)!.kind,
    'no-difference',
  );
  assert.equal(preferenceVerdict({ ...same, logOdds: same.liked.map(() => 0), others: [] }, 0)!.kind, 'no-difference');
  assert.equal(preferenceVerdict({ ...same, liked: same.liked.map(() => 1) }, 0), undefined);
});

test('the next step, on both sides of each rule', () => {
  assert.equal(nextStep('better', 10), 'use');
  assert.equal(nextStep('worse', 10), 'use-baseline');
  assert.equal(nextStep('no-difference', 199), 'more-data');
  assert.equal(nextStep('no-difference', 200), 'another-model');
});
