import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../random.js';
import { fitWhitening, whiten } from './whitening.js';

const d = 32;
/** Items of four kinds: the kind's own vector and noise of a third of its size. */
function catalogue(items: number): Float32Array {
  const random = new Random(1);
  const kinds = Array.from({ length: 4 }, () => Float32Array.from({ length: d }, () => random.normal()));
  return Float32Array.from(
    { length: items * d },
    (_, i) => kinds[Math.floor(i / d) % 4]![i % d]! + random.normal() / 3,
  );
}
const all = (items: number) => Int32Array.from({ length: items }, (_, i) => i);

/** Share of items whose nearest other item, by cosine, is of their kind. */
function sameKind(vectors: Float32Array, width: number): number {
  const items = vectors.length / width;
  const rows = Array.from(all(items), (i) => {
    const row = vectors.subarray(i * width, (i + 1) * width);
    const length = Math.hypot(...row);
    return row.map((x) => x / length);
  });
  const nearest = rows.map((row, i) =>
    rows
      .map((other, j) => (i === j ? -2 : row.reduce((sum, x, k) => sum + x * other[k]!, 0)))
      .reduce((best, score, j, scores) => (score > scores[best]! ? j : best), 0),
  );
  return nearest.filter((other, i) => other % 4 === i % 4).length / items;
}

test('whitened items are uncorrelated, with variance 1, but for the ridge', () => {
  const items = 400;
  const vectors = catalogue(items);
  const whitening = fitWhitening(vectors, d, all(items), 3);
  const white = whiten(vectors, whitening, all(items));
  for (let a = 0; a < 3; a++) {
    for (let b = 0; b < 3; b++) {
      let sum = 0;
      for (let i = 0; i < items; i++) sum += white[i * 3 + a]! * white[i * 3 + b]!;
      assert.ok(Math.abs(sum / items - Number(a === b)) < 0.01, `${a} ${b}: ${sum / items}`);
    }
  }
});

test('in a small catalogue the nearest by text is still of the same kind, for there are fewer directions than items', () => {
  const vectors = catalogue(24);
  const whitening = fitWhitening(vectors, d, all(24), 128);
  assert.equal(whitening.width, 6);
  assert.equal(sameKind(whiten(vectors, whitening, all(24)), 6), 1);
  assert.equal(fitWhitening(vectors, d, all(2), 128).width, 1);
  assert.equal(fitWhitening(catalogue(400), d, all(400), 128).width, d);
});
