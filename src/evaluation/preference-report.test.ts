import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Random } from '../random.js';
import { areaPerGroup, areaUnderCurve } from './area-under-curve.js';
import { preferenceReport } from './preference-report.js';

const random = new Random(1);
const yes = Array.from({ length: 120 }, () => Number(random.uniform() < 0.4));
const scores = yes.map((y) => Math.round(3 * (random.normal() + y)) / 3); // with ties

/** Over all pairs. */
const byPairs = (s: readonly number[], y: readonly number[]) => {
  let [wins, pairs] = [0, 0];
  y.forEach((a, i) => {
    y.forEach((b, j) => {
      if (a !== 1 || b !== 0) return;
      pairs += 1;
      wins += s[i]! > s[j]! ? 1 : s[i] === s[j] ? 0.5 : 0;
    });
  });
  return wins / pairs;
};

describe('the area under the curve', () => {
  it('is the share of pairs in the right order, ties one half', () => {
    assert.ok(Math.abs(areaUnderCurve(scores, yes)! - byPairs(scores, yes)) < 1e-12);
    assert.equal(areaUnderCurve([1, 2], [1, 1]), undefined);
  });

  it('of groups is the plain mean over those with both answers', () => {
    const groups = yes.map((_, i) => (i < 3 ? 'all alike' : `g${i % 4}`));
    const alike = yes.map((y, i) => (i < 3 ? 1 : y));
    const expected = [0, 1, 2, 3].map((g) => {
      const rows = alike.flatMap((_, i) => (i >= 3 && i % 4 === g ? [i] : []));
      return byPairs(
        rows.map((i) => scores[i]!),
        rows.map((i) => alike[i]!),
      );
    });
    const { mean, groups: counted } = areaPerGroup(scores, alike, groups);
    assert.ok(Math.abs(mean! - expected.reduce((sum, area) => sum + area, 0) / 4) < 1e-12);
    assert.equal(counted, 4);
  });
});

describe('the report of predicted answers', () => {
  const users = yes.map((_, i) => `u${i % 9}`);
  const warm = { user: users.map((user) => user !== 'u0'), item: yes.map((_, i) => i % 2 === 0) };
  const report = preferenceReport({ logOdds: scores, liked: yes, users }, warm);

  it('holds log loss, calibration and groups, with intervals around what they are of', () => {
    const loss = yes.reduce((sum, y, i) => sum + Math.log1p(Math.exp(y ? -scores[i]! : scores[i]!)), 0) / yes.length;
    assert.ok(Math.abs(report.logLoss! - loss) < 1e-12);
    assert.ok(report.calibrationError! >= 0 && report.calibrationError! <= 1);
    assert.ok(report.aucInterval![0] < report.auc! && report.auc! < report.aucInterval![1]);
    assert.ok(report.uaucInterval![0] <= report.uauc! && report.uauc! <= report.uaucInterval![1]);
    assert.equal(report.warmUser.rows + report.coldUser.rows, yes.length);
    assert.equal(report.warmItem.rows, 60);
  });

  it('is perfectly calibrated where chances are those of the answers', () => {
    const odds = Array.from({ length: 1000 }, (_, i) => (i % 2 === 0 ? 40 : -40));
    const right = preferenceReport(
      { logOdds: odds, liked: odds.map((z) => Number(z > 0)), users: odds.map((_, i) => `u${i % 5}`) },
      { user: odds.map(() => true), item: odds.map(() => true) },
    );
    assert.ok(right.calibrationError! < 1e-9 && right.logLoss! < 1e-9 && right.auc === 1);
    assert.equal(right.coldUser.auc, null);
  });
});
