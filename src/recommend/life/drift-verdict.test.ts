import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SavedRecommender } from '../folder/recommender-folder.js';
import { driftVerdict } from './drift-verdict.js';
import { driftOf } from './measure-drift.js';

const figures = { judged: 100, interval: [-0.05, 0.05], atFit: 0.2, waiting: 0 } as const;

test('a refit pays where people measurably find less', () => {
  assert.equal(driftVerdict({ ...figures, interval: [-0.2, -0.01] }, 0.02), 'finds-less');
  assert.equal(driftVerdict({ ...figures, interval: [-0.2, 0.01] }, 0.02), 'holds');
  assert.equal(driftVerdict({ ...figures, judged: 29, interval: [-0.2, -0.01] }, 0.02), 'too-few');
  assert.equal(driftVerdict({ ...figures, judged: 30, interval: [-0.2, -0.01] }, 0.02), 'finds-less');
  assert.equal(driftVerdict({ ...figures, judged: 30 }, 0.02), 'holds');
});

test('a refit pays where more waits for it than the figures are sure of', () => {
  assert.equal(driftVerdict({ ...figures, waiting: 0.21 }, 0.02), 'items-wait');
  assert.equal(driftVerdict({ ...figures, waiting: 0.19 }, 0.02), 'holds');
  assert.equal(driftVerdict({ ...figures, judged: 29, waiting: 0.21 }, 0.02), 'items-wait', 'whoever was asked');
  assert.equal(driftVerdict({ judged: 0, interval: null, atFit: 0.2, waiting: 0 }, 0.02), 'nothing-new');
  assert.equal(driftVerdict({ judged: 0, interval: null, atFit: 0.2, waiting: 0.1 }, 0.02), 'too-few');
  assert.equal(driftVerdict({ judged: 0, interval: null, atFit: null, waiting: 0.1 }, 0), 'items-wait');
  assert.equal(driftVerdict({ ...figures, interval: null, atFit: null }, 0), 'nothing-new', 'nothing to compare with');
});

const saved = (judged: number, hits: number) =>
  ({
    life: { sinceFit: { updates: 1, events: 300, users: 0, items: 0, changed: 0, waiting: 0, judged, hits } },
    metrics: { test: { 'recall@10': 0.3 }, testIntervals: { 'recall@10': [0.26, 0.34] } },
  }) as unknown as SavedRecommender;

test('the interval is of both shares, and never of no width', () => {
  const worse = driftOf(saved(300, 45));
  assert.equal(worse.verdict, 'finds-less');
  assert.ok(Math.abs(worse.difference! + 0.15) < 1e-12);
  const spread = Math.hypot(Math.sqrt(((46 / 302) * (256 / 302)) / 302), 0.04 / 1.96);
  assert.ok(Math.abs(worse.interval![1] - (-0.15 + 1.96 * spread)) < 1e-12);
  assert.equal(driftOf(saved(300, 84)).verdict, 'holds');
  const none = driftOf(saved(100, 0));
  assert.ok(none.interval![1] > none.interval![0]);
});
