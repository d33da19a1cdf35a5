import assert from 'node:assert/strict';
import { test } from 'node:test';
import { percent, verdictKind } from './verdict.js';

test('an interval above 0 is better, one below it worse, and one that holds it no difference, its ends included', () => {
  assert.equal(verdictKind([0.001, 0.2]), 'better');
  assert.equal(verdictKind([0, 0.2]), 'no-difference');
  assert.equal(verdictKind([-0.1, 0.2]), 'no-difference');
  assert.equal(verdictKind([-0.2, 0]), 'no-difference');
  assert.equal(verdictKind([-0.2, -0.001]), 'worse');
  assert.equal(percent(0.0312), '3.1 %');
});
