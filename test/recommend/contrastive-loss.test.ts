/** The contrastive loss against plain float64, and its gradients against finite differences. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../src/random.js';
import { type ContrastiveHead, contrastiveLoss } from '../../src/recommend/reading/contrastive-loss.js';
import { projectedWhitening } from '../../src/recommend/reading/projected-whitening.js';
import { whiten } from '../../src/recommend/reading/whitening.js';

const [B, d, k] = [4, 5, 3];
const random = new Random(3);
const normal = (length: number) => Float32Array.from({ length }, () => random.normal());
const whitening = { mean: normal(d), matrix: normal(k * d), width: k };
const vectors = normal(B * d);
const head: ContrastiveHead = { projection: normal(k * k).map((x) => 0.3 * x), sharpness: Float32Array.of(0.7) };
const items = Int32Array.of(7, 2, 9, 4);
// the last item is near no other
const targets = Float32Array.from([0, 0.25, 0.75, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);

function expected(x: Float32Array, { projection, sharpness }: ContrastiveHead): number {
  const seen = whiten(x, projectedWhitening(whitening, projection), Int32Array.of(0, 1, 2, 3));
  const row = (i: number) => [...seen.subarray(i * k, (i + 1) * k)];
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, j) => sum + value * b[j]!, 0);
  const cosine = (i: number, j: number) => dot(row(i), row(j)) / Math.sqrt(dot(row(i), row(i)) * dot(row(j), row(j)));
  let loss = 0;
  for (let i = 0; i < 3; i++) {
    const others = [0, 1, 2, 3].filter((j) => j !== i);
    const all = others.reduce((sum, j) => sum + Math.exp(Math.exp(sharpness[0]!) * cosine(i, j)), 0);
    for (const j of others) {
      loss -= (targets[i * B + j]! / 3) * (Math.exp(sharpness[0]!) * cosine(i, j) - Math.log(all));
    }
  }
  return loss;
}

test('the loss is InfoNCE over cosines, its gradients are those of finite differences', async () => {
  const program = await contrastiveLoss(whitening, { threads: 1 });
  const run = await program.run(vectors, head, { items, targets });
  await program.release();
  assert.ok(Math.abs(run.loss - expected(vectors, head)) < 1e-5, `${run.loss}`);
  const step = 1e-3;
  const moved = (values: Float32Array, at: number, by: number) => values.map((x, i) => (i === at ? x + by : x));
  const check = (name: string, gradient: Float32Array, values: Float32Array, of: (x: Float32Array) => number) => {
    assert.equal(gradient.length, values.length);
    for (const i of values.keys()) {
      const slope = (of(moved(values, i, step)) - of(moved(values, i, -step))) / (2 * step);
      assert.ok(Math.abs(slope - gradient[i]!) < 2e-3, `${name} ${i}: ${gradient[i]} instead of ${slope}`);
    }
  };
  check('vectors', run.vectors, vectors, (x) => expected(x, head));
  check('projection', run.projection, head.projection, (projection) => expected(vectors, { ...head, projection }));
  check('sharpness', run.sharpness, head.sharpness, (sharpness) => expected(vectors, { ...head, sharpness }));
});

test('texts that all say the same have a loss, and a gradient of finite numbers', async () => {
  const program = await contrastiveLoss(whitening, { threads: 1 });
  const run = await program.run(
    new Float32Array(B * d).map((_, i) => whitening.mean[i % d]!),
    head,
    { items, targets },
  );
  await program.release();
  assert.ok(Math.abs(run.loss - Math.log(3)) < 1e-5);
  for (const gradient of [run.vectors, run.projection]) assert.ok(gradient.every(Number.isFinite));
});
