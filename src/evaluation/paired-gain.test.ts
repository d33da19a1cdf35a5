import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../random.js';
import { isWorthKeeping, pairedGain } from './paired-gain.js';

test('the gain and its standard error are those of the differences', () => {
  const { gain, standardError } = pairedGain(Float64Array.of(1, 3, 2, 6), Float64Array.of(0, 1, 2, 1));
  assert.equal(gain, 2); // of 1, 2, 0, 5
  assert.ok(Math.abs(standardError - Math.sqrt((1 + 0 + 4 + 9) / 3 / 4)) < 1e-12);
  assert.equal(pairedGain(Float64Array.of(1), Float64Array.of(0)).standardError, Number.POSITIVE_INFINITY);
});

test('what is no better is seldom worth keeping, what is clearly better always', () => {
  const random = new Random(1);
  const draw = (by: number) => Float64Array.from({ length: 400 }, () => by + random.normal());
  const kept = (by: number) => Array.from({ length: 200 }, () => isWorthKeeping(pairedGain(draw(by), draw(0))));
  const share = kept(0).filter((is) => is).length / 200;
  assert.ok(share > 0.08 && share < 0.25, `a normal gain is beyond its deviation in 16 % of the draws: ${share}`);
  assert.ok(kept(0.5).every((is) => is));
  assert.equal(isWorthKeeping({ gain: 0, standardError: 0 }), false);
});
