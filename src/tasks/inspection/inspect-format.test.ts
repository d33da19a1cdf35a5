import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DecisionExplanation, summarizeDecisions } from './inspect-decision.js';
import { formatDecision, formatDecisionSummary } from './inspect-format.js';

const decision = (promptShare: number | undefined): DecisionExplanation => ({
  predicted: 'good',
  right: undefined,
  probabilities: { good: 0.75, bad: 0.25 },
  pieces: [
    ...(promptShare === undefined ? [] : [{ kind: 'learned', token: 0, attribution: -1, share: promptShare } as const]),
    { kind: 'text', ids: [7], text: ' fun', attribution: 3, share: 1 - (promptShare ?? 0) },
  ],
  promptShare,
});

test('learned tokens of the input have their share of a decision', () => {
  assert.match(formatDecision(decision(0.25)), /gradient × input; learned tokens 25\.0%\n/);
  const summary = summarizeDecisions([decision(0.25), decision(0.5)], 1);
  assert.deepEqual([summary.promptShare, summary.textShare, summary.tokenShares], [0.375, 0.625, [0.375]]);
  assert.match(formatDecisionSummary(summary), /learned tokens 37\.5%.*\nlearned tokens by share: \[0\] 37\.5%$/);
});

test('a prefix, which is no part of the input, is not said to count for nothing', () => {
  assert.doesNotMatch(formatDecision(decision(undefined)), /learned tokens/);
  const summary = summarizeDecisions([decision(undefined), decision(undefined)], 5);
  assert.equal(summary.promptShare, undefined);
  assert.deepEqual(summary.tokenShares, []);
  assert.match(formatDecisionSummary(summary), /^over 2 examples; what was learned is no part of the input[^%]*$/);
});
