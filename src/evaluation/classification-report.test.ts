import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { SoftpromptError } from '../errors.js';
import { evaluateClassification } from './classification-report.js';
import { percentile } from './percentile.js';

interface Fixture {
  readonly cases: readonly {
    readonly name: string;
    readonly classes: number;
    readonly scores: readonly number[];
    readonly targets: readonly number[];
    readonly accuracy: number;
    readonly macroF1: number;
    readonly nll: number;
    readonly expectedCalibrationError: number;
    readonly confusion: readonly (readonly number[])[];
    readonly precision: readonly number[];
    readonly recall: readonly number[];
    readonly f1: readonly number[];
    readonly examples: readonly number[];
  }[];
  readonly percentiles: {
    readonly values: readonly number[];
    readonly shares: readonly number[];
    readonly expected: readonly number[];
  };
}

const fixture: Fixture = JSON.parse(readFileSync('test/fixtures/metrics/classification.json', 'utf8'));

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-12, `${actual} is not ${expected}`);
}

for (const expected of fixture.cases) {
  test(`figures equal scikit-learn's: ${expected.name}`, () => {
    const report = evaluateClassification({
      scores: { values: Float32Array.from(expected.scores), classes: expected.classes },
      targets: Int32Array.from(expected.targets),
      labels: Array.from({ length: expected.classes }, (_, c) => `label ${c}`),
      seed: 0,
    });
    assert.equal(report.examples, expected.targets.length);
    near(report.accuracy, expected.accuracy);
    near(report.macroF1, expected.macroF1);
    near(report.nll, expected.nll);
    near(report.expectedCalibrationError, expected.expectedCalibrationError);
    assert.deepEqual(report.confusion, expected.confusion);
    report.labels.forEach((label, c) => {
      assert.equal(label.label, `label ${c}`);
      assert.equal(label.examples, expected.examples[c]);
      near(label.precision, expected.precision[c]!);
      near(label.recall, expected.recall[c]!);
      near(label.f1, expected.f1[c]!);
    });
    const { accuracy, macroF1 } = report.intervals;
    assert.ok(accuracy[0] < report.accuracy && report.accuracy < accuracy[1]);
    assert.ok(macroF1[0] < report.macroF1 && report.macroF1 < macroF1[1]);
    assert.deepEqual(JSON.parse(JSON.stringify(report)), report, 'a report is plain JSON');
  });
}

test('percentiles interpolate as NumPy does', () => {
  const { values, shares, expected } = fixture.percentiles;
  const sorted = Float64Array.from(values).sort();
  shares.forEach((share, i) => {
    near(percentile(sorted, share), expected[i]!);
  });
});

test('a constant scorer gets nothing: ties count against the model', () => {
  const report = evaluateClassification({
    scores: { values: new Float32Array(12), classes: 3 },
    targets: Int32Array.of(0, 1, 2, 0),
    labels: ['a', 'b', 'c'],
    seed: 0,
  });
  assert.equal(report.accuracy, 0);
  assert.deepEqual(report.confusion, [
    [0, 2, 0],
    [1, 0, 0],
    [1, 0, 0],
  ]);
  near(report.nll, Math.log(3));
  near(report.expectedCalibrationError, 1 / 3);
});

test('mistakes in the input are named', () => {
  const good = {
    scores: { values: Float32Array.of(1, 2, 3, 4), classes: 2 },
    targets: Int32Array.of(0, 1),
    labels: ['a', 'b'],
    seed: 0,
  };
  const cases = [
    ['EVALUATION_SHAPE', { ...good, scores: { values: Float32Array.of(1, 2, 3), classes: 2 } }],
    ['EVALUATION_SHAPE', { ...good, scores: { values: Float32Array.of(1, 2), classes: 1 }, labels: ['a'] }],
    ['EVALUATION_SHAPE', { ...good, targets: Int32Array.of(0) }],
    ['EVALUATION_SHAPE', { ...good, labels: ['a', 'b', 'c'] }],
    ['EVALUATION_EMPTY', { ...good, scores: { values: new Float32Array(0), classes: 2 } }],
    ['EVALUATION_TARGET', { ...good, targets: Int32Array.of(0, 2) }],
    ['EVALUATION_TARGET', { ...good, targets: Int32Array.of(-1, 0) }],
    ['EVALUATION_NOT_FINITE', { ...good, scores: { values: Float32Array.of(1, 2, Number.NaN, 4), classes: 2 } }],
    ['EVALUATION_NOT_FINITE', { ...good, scores: { values: Float32Array.of(1, -Infinity, 3, 4), classes: 2 } }],
  ] as const;
  for (const [code, input] of cases) {
    assert.throws(
      () => evaluateClassification(input),
      (error) => error instanceof SoftpromptError && error.code === code,
      code,
    );
  }
});
