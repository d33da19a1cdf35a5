import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../random.js';
import { oneFold } from './held-out-choice.js';
import { chooseLogisticRegression, fitLogisticRegression, logisticScores } from './logistic-regression.js';

/** Three classes around corners, in columns of very different size and place. */
function corners(count: number, seed: number) {
  const random = new Random(seed);
  const labels = Array.from({ length: count }, (_, n) => n % 3);
  const vectors = Float32Array.from(
    labels.flatMap((label) => [
      1000 + 30 * (random.normal() + 3 * Number(label === 0)),
      0.01 * (random.normal() + 3 * Number(label === 1)),
      7,
    ]),
  );
  return { vectors, labels };
}

test('classes in columns of any size are told apart, on rows that were not seen', () => {
  const rows = corners(180, 1);
  const { candidate, scores: heldOut } = chooseLogisticRegression(rows, oneFold(120, 60), 3);
  assert.equal(heldOut.values.length, 3 * 60);
  const fit = fitLogisticRegression(rows, 3, candidate);
  const fresh = corners(300, 3);
  const scores = logisticScores(fit, fresh.vectors);
  const right = fresh.labels.filter((label, n) => {
    const row = scores.subarray(3 * n, 3 * n + 3);
    return row.indexOf(Math.max(...row)) === label;
  });
  assert.ok(right.length / 300 > 0.85, `${right.length} of 300`);
});

test('at the minimum the gradient of the penalised loss is zero', () => {
  const train = corners(90, 4);
  const [width, classes, lambda] = [3, 3, 0.01];
  const { weights, biases } = fitLogisticRegression(train, classes, { regularisation: lambda, iterations: 5000 });
  const scores = logisticScores({ weights, biases, regularisation: lambda }, train.vectors);
  const gradient = new Float64Array(classes);
  for (let n = 0; n < 90; n++) {
    const row = scores.subarray(n * classes, (n + 1) * classes);
    const total = row.reduce((sum, score) => sum + Math.exp(score - Math.max(...row)), 0);
    for (let c = 0; c < classes; c++) {
      gradient[c]! += (Math.exp(row[c]! - Math.max(...row)) / total - Number(train.labels[n] === c)) / 90;
    }
  }
  for (const slope of gradient) assert.ok(Math.abs(slope) < 1e-4, `${[...gradient]}`);
  assert.equal(weights.length, width * classes);
});

test('of a rare class more is found where classes are weighed alike', () => {
  const random = new Random(5);
  const labels = Array.from({ length: 200 }, (_, n) => Number(n % 20 === 0));
  const vectors = Float32Array.from(labels.flatMap((label) => [random.normal() + 1.5 * label, random.normal()]));
  const found = (weighing: 'none' | 'balanced') => {
    const scores = logisticScores(
      fitLogisticRegression({ vectors, labels }, 2, { regularisation: 0.01, weighing }),
      vectors,
    );
    return labels.filter((label, n) => label === 1 && scores[2 * n + 1]! > scores[2 * n]!).length;
  };
  assert.ok(found('balanced') > found('none'), `${found('balanced')} and ${found('none')} of 10`);
});
