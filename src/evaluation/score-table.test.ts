import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluateClassification } from './classification-report.js';
import { majorityBaseline } from './majority-baseline.js';
import { formatConfusion, formatScores, majorityRow, reportRow } from './score-table.js';

const labels = ['正向', 'negative'];
const targets = Int32Array.of(0, 1, 1, 1);
const report = evaluateClassification({
  scores: { values: Float32Array.of(0, -1, 0, -1, -1, 0, -2, 0), classes: 2 },
  targets,
  labels,
  seed: 0,
});

test('a prompt stands beside its baseline, Chinese takes two columns', () => {
  const rows = [reportRow('提示', report), majorityRow(majorityBaseline(Int32Array.of(0, 0, 1), targets, 2), labels)];
  const [low, high] = report.intervals.macroF1.map((value) => value.toFixed(3));
  assert.equal(
    formatScores(rows),
    [
      `                                   accuracy              macro F1    NLL    ECE`,
      `提示                   0.750 [0.250, 1.000]  0.733 [${low}, ${high}]  0.517  0.078`,
      `majority class (正向)                 0.250                 0.200      –      –`,
    ].join('\n'),
  );
});

test('the confusion matrix shows right labels as rows', () => {
  assert.equal(
    formatConfusion(report),
    [
      'right \\ predicted  正向  negative  precision  recall     F1',
      '正向                  1         0      0.500   1.000  0.667',
      'negative              1         2      1.000   0.667  0.800',
    ].join('\n'),
  );
});
