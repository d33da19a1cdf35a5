import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LearningCurve } from './learning-curve.js';
import { sparkline } from './sparkline.js';

test('a sparkline spans the lowest and the highest value, and a longer curve is thinned to its width', () => {
  assert.equal(sparkline([0, 1, 2, 3, 4, 5, 6, 7]), '▁▂▃▄▅▆▇█');
  assert.equal(sparkline([5, 5, 5]), '▁▁▁');
  assert.equal(sparkline([]), '');
  const long = sparkline(
    Array.from({ length: 1000 }, (_, i) => i),
    10,
  );
  assert.equal([...long].length, 10);
  assert.ok(long.startsWith('▁') && long.endsWith('█'));
});

test('a run is told in one line, with what was best and when; without validation its loss alone', () => {
  const words = { name: 'ids', unit: 'epochs', score: 'NDCG@10', format: (score: number) => score.toFixed(4) } as const;
  const curve = new LearningCurve(words);
  curve.add({ at: 1, loss: 6, score: 0.05, best: true });
  curve.add({ at: 2, loss: 4, score: 0.09, best: true });
  curve.add({ at: 3, loss: 3, score: 0.08, best: false });
  assert.equal(curve.detail(), 'loss 3.000, best NDCG@10 0.0900');
  assert.equal(curve.summary(), 'Learned ids: 3 epochs, loss █▃▁ 6.000 to 3.000, NDCG@10 ▁█▆ best 0.0900 after 2');
  const blind = new LearningCurve({ ...words, score: undefined });
  blind.add({ at: 1, loss: 2 });
  assert.equal(blind.detail(), 'loss 2.000');
  assert.equal(blind.summary(), 'Learned ids: 1 epochs, loss ▁ 2.000 to 2.000');
});
