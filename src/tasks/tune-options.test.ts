import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SoftpromptError } from '../errors.js';
import { checkSettings } from '../training/settings.js';
import { resolveSettings, TUNING, type TuneOptions, tunePlan } from './tune-options.js';

const options: TuneOptions = {
  model: 'm',
  template: '[soft:4]{text}{label}',
  labels: { a: 'x', b: 'y' },
  train: 't',
  out: 'o',
};
const data = { trainExamples: 1000, validExamples: 100, scale: 0.2 };
const settingsOf = (changes: Partial<TuneOptions> = {}, counts = data) =>
  resolveSettings(tunePlan({ ...options, ...changes }), counts);

test('steps come from max steps, else from epochs, else from the default with its least number', () => {
  assert.equal(settingsOf({ maxSteps: 7, batchSize: 10 }).steps, 7);
  assert.equal(settingsOf({ epochs: 2, batchSize: 30 }).steps, 68);
  assert.equal(settingsOf({ epochs: 0.5, batchSize: 10 }).steps, 50);
  assert.equal(settingsOf({ epochs: 1 }, { ...data, trainExamples: 5 }).steps, 1);
  assert.equal(settingsOf({}, { ...data, trainExamples: 5 }).steps, TUNING.leastSteps);
  const most = settingsOf({}, { ...data, trainExamples: 16_000 });
  assert.equal(most.steps, TUNING.epochs * 1000);
});

test('a batch is never larger than the data, and the automatic rate follows the embeddings', () => {
  assert.equal(settingsOf({ batchSize: 64 }, { ...data, trainExamples: 20 }).batchSize, 20);
  assert.equal(settingsOf().learningRate, 0.1 * data.scale);
  assert.equal(settingsOf({ learningRate: 'auto' }).learningRate, settingsOf().learningRate);
  assert.equal(settingsOf({ learningRate: 0.3 }).learningRate, 0.3);
});

test('there are at least three validations, at most twenty, fewer where they cost much', () => {
  const validations = (validExamples: number) => {
    const { steps, evaluateEvery } = settingsOf({ maxSteps: 600 }, { ...data, validExamples });
    return Math.ceil(steps / evaluateEvery);
  };
  assert.equal(validations(10), 20);
  assert.equal(validations(1000), 9);
  assert.equal(validations(100_000), 3);
  assert.equal(settingsOf({ maxSteps: 1 }).evaluateEvery, 1);
  assert.equal(settingsOf({ evaluateEvery: 17 }).evaluateEvery, 17);
});

test('options and settings that make no sense are refused by name', () => {
  const wrong: [Partial<TuneOptions>, string][] = [
    [{ template: '{text}{label}' }, 'NOTHING_TO_LEARN'],
    [{ template: '[soft:4]{text}' }, 'TEMPLATE_INVALID'],
    [{ labels: { a: 'x' } }, 'LABELS_INVALID'],
    [{ seeds: 0 }, 'TUNING_SETTING'],
    [{ seeds: 1.5 }, 'TUNING_SETTING'],
    [{ maxSteps: 0 }, 'TUNING_SETTING'],
    [{ epochs: 0 }, 'TUNING_SETTING'],
    [{ batchSize: 0 }, 'TUNING_SETTING'],
    [{ accumulation: 0 }, 'TUNING_SETTING'],
    [{ accumulation: 17 }, 'TUNING_SETTING'],
    [{ evaluateEvery: 0 }, 'TUNING_SETTING'],
    [{ patience: 0 }, 'TUNING_SETTING'],
    [{ clipNorm: 0 }, 'TUNING_SETTING'],
    [{ learningRate: 0 }, 'TUNING_SETTING'],
    [{ warmUp: 1 }, 'TUNING_SETTING'],
  ];
  for (const [changes, code] of wrong) {
    const check = () => {
      checkSettings(settingsOf(changes));
    };
    assert.throws(check, (error: SoftpromptError) => error.code === code, JSON.stringify(changes));
  }
  tunePlan({ ...options, template: '[soft:"words"]{text}{label}' });
  checkSettings(settingsOf());
});
