import assert from 'node:assert/strict';
import { test } from 'node:test';
import { macroArea } from './macro-area.js';

// sklearn 1.9.1: roc_auc_score(y, p[:, 1]) and roc_auc_score(y, p, multi_class='ovr'), p the softmax of the scores
test('areas under the curve are those of scikit-learn', () => {
  const two = Float32Array.of(0.2, 1.1, 0.7, 0.4, -0.3, 0.9, 1.2, 0.1, 0.5, 0.6, 0, 0.3);
  assert.equal(macroArea({ values: two, classes: 2 }, Int32Array.of(1, 0, 1, 1, 0, 0)), 2 / 3);
  const three = Float32Array.of(
    0.1,
    0.9,
    0.2,
    1.4,
    0.2,
    0.3,
    0.4,
    0.1,
    0.8,
    0.6,
    0.7,
    0.5,
    0.9,
    0.3,
    1.1,
    0.2,
    0.4,
    0.1,
  );
  const area = macroArea({ values: three, classes: 3 }, Int32Array.of(1, 0, 2, 1, 0, 2));
  assert.ok(Math.abs(area! - 0.875) < 1e-9, `${area}`);
  assert.equal(
    macroArea({ values: three, classes: 3 }, Int32Array.of(1, 0, 1, 1, 0, 0)),
    undefined,
    'a label is missing',
  );
});
