import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { adamWStart, adamWStep, clipGradient } from './adamw.js';
import { learningRateAt } from './schedule.js';

interface Reference {
  readonly start: number[];
  readonly gradients: number[][];
  readonly parameters: number[][];
  readonly rates: { readonly linear: number[]; readonly cosine: number[] };
}
/** Made by `compare/adamw_fixture.py`. */
const reference: Reference = JSON.parse(readFileSync('test/fixtures/tuning/adamw.json', 'utf8'));

test('AdamW takes the path that PyTorch takes', () => {
  let parameters = Float32Array.from(reference.start);
  let state = adamWStart(parameters.length);
  const settings = { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0.1 };
  reference.gradients.forEach((gradient, step) => {
    const next = adamWStep(parameters, Float32Array.from(gradient), state, 0.05, settings);
    ({ state } = next);
    parameters = Float32Array.from(next.parameters);
    reference.parameters[step]!.forEach((expected, i) => {
      assert.ok(Math.abs(parameters[i]! - expected) < 2e-6, `step ${step}: ${parameters[i]} instead of ${expected}`);
    });
  });
});

test('the schedules are those of transformers after the warm-up, which here starts above zero', () => {
  for (const decay of ['linear', 'cosine'] as const) {
    const settings = { learningRate: 1, warmUp: 0.1, decay };
    for (let step = 10; step < 100; step++) {
      assert.ok(Math.abs(learningRateAt(step, 100, settings) - reference.rates[decay][step]!) < 1e-9);
    }
    for (let step = 0; step < 10; step++) {
      assert.ok(Math.abs(learningRateAt(step, 100, settings) - (step + 1) / 10) < 1e-9);
    }
  }
});

test('a gradient longer than the limit is scaled, a shorter one is left alone', () => {
  const clipped = clipGradient(Float32Array.of(3, 4), 1);
  assert.equal(clipped.norm, 5);
  assert.deepEqual([...clipped.gradient], [Math.fround(0.6), Math.fround(0.8)]);
  assert.deepEqual([...clipGradient(Float32Array.of(3, 4), 6).gradient], [3, 4]);
});
