import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluateClassification } from './classification-report.js';
import { majorityBaseline } from './majority-baseline.js';
import { alignColumns, formatConfusion, formatScores, majorityRow, reportRow } from './score-table.js';

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

test('what a terminal does not hold goes on below, under the first column again', () => {
  const many = [
    ['right', 'alpha', 'beta', '伽马'],
    ['a long name of a label', '1', '20', '3'],
    ['b', '4', '5', '60'],
  ];
  assert.equal(
    alignColumns(many, 36),
    [
      'right                   alpha  beta',
      'a long name of a label      1    20',
      'b                           4     5',
      '',
      'right                   伽马',
      'a long name of a label     3',
      'b                         60',
    ].join('\n'),
  );
  assert.equal(alignColumns(many, 42).split('\n').length, 3);
  for (const line of alignColumns(many, 20).split('\n')) assert.ok(line.length <= 20, line);
  assert.match(alignColumns(many, 20), /^a long name … {6}1$/m);
});
