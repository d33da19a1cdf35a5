import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { distanceNetwork } from '../../test/training/distance-network.js';
import type { SoftpromptError } from '../errors.js';
import type { PromptSequence } from '../prompt/sequence.js';
import type { TuningSettings } from './settings.js';
import { type TuningRun, tune } from './tune.js';
import { readTuningState, type TuningState, writeTuningState } from './tuning-state.js';

const network = distanceNetwork();
const train: PromptSequence[] = Array.from({ length: 24 }, (_, i) => ({
  context: Int32Array.of(3 + (i % 3) - 1, 5),
  candidates: [Int32Array.of(1)],
  target: 0,
}));
const settings: TuningSettings = {
  steps: 200,
  batchSize: 4,
  accumulation: 1,
  learningRate: 0.2,
  warmUp: 0.1,
  decay: 'linear',
  beta1: 0.9,
  beta2: 0.98,
  epsilon: 1e-8,
  weightDecay: 0,
  clipNorm: Number.POSITIVE_INFINITY,
  evaluateEvery: 20,
  patience: Number.POSITIVE_INFINITY,
  seed: 3,
};
const validate: TuningRun['validate'] = async (prompt) => ({
  accuracy: 0,
  loss: Math.hypot(prompt[0]! - 3, prompt[1]! - 5),
});
const run: TuningRun = { network, train, initial: Float32Array.of(0, 0), settings, validate };

test('the prompt goes to where the loss is least', async () => {
  const { state, ended } = await tune(run);
  assert.equal(ended, 'finished');
  assert.ok(state.best!.validation.loss < 0.1, `ended ${state.best!.validation.loss} away`);
  assert.equal(state.history.length, 10);
});

test('a run interrupted anywhere, saved, read and resumed ends with the same bits', async () => {
  const whole = await tune(run);
  const folder = await mkdtemp(join(tmpdir(), 'softprompt-'));
  try {
    for (const pauseAt of [1, 20, 133]) {
      const path = join(folder, 'state.safetensors');
      await tune({ ...run, pauseAt, save: (state) => writeTuningState(path, state, { note: pauseAt }) });
      const { state, context } = await readTuningState(path);
      assert.deepEqual(context, { note: pauseAt });
      const resumed = await tune({ ...run, state });
      assert.deepEqual(comparable(resumed.state), comparable(whole.state));
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('pieces of a batch give the update of the whole batch', async () => {
  const whole = await tune(run);
  const pieces = await tune({ ...run, settings: { ...settings, accumulation: 3 } });
  whole.state.weights.prompt!.forEach((x, i) => {
    assert.ok(Math.abs(x - pieces.state.weights.prompt![i]!) < 1e-4);
  });
});

test('the best prompt is kept, and patience ends a run that no longer improves', async () => {
  let validations = 0;
  const { state, ended } = await tune({
    ...run,
    settings: { ...settings, patience: 3 },
    validate: async () => ({ accuracy: [0.5, 0.7, 0.6, 0.6, 0.6][validations++]!, loss: 1 }),
  });
  assert.equal(ended, 'early');
  assert.equal(state.step, 100);
  assert.equal(state.best!.step, 40);
  assert.notDeepEqual(state.best!.weights, state.weights);
});

test('an aborted run saves and says so', async () => {
  const abort = new AbortController();
  let saved: TuningState | undefined;
  const { ended } = await tune({
    ...run,
    signal: abort.signal,
    onStep: ({ step }) => step === 7 && abort.abort(),
    save: async (state) => {
      saved = state;
    },
  });
  assert.equal(ended, 'interrupted');
  assert.equal(saved?.step, 7);
});

test('an infinite loss stops the run with a clear error', async () => {
  const broken: TuningRun['network'] = {
    prepareTraining: async () => {},
    lossAndGradient: async () => ({ loss: Number.NaN, gradient: new Float32Array(2) }),
  };
  await assert.rejects(
    tune({ ...run, network: broken }),
    (error: SoftpromptError) => error.code === 'TUNING_NOT_FINITE',
  );
});

test('settings outside their range and damaged states are refused', async () => {
  for (const wrong of [{ steps: 0 }, { learningRate: -1 }, { warmUp: 1 }, { accumulation: 5 }, { batchSize: 1.5 }]) {
    await assert.rejects(
      tune({ ...run, settings: { ...settings, ...wrong } }),
      (error: SoftpromptError) => error.code === 'TUNING_SETTING',
    );
  }
  await assert.rejects(tune({ ...run, train: [] }), { code: 'TUNING_SETTING', message: /train is empty/ });
  const folder = await mkdtemp(join(tmpdir(), 'softprompt-'));
  try {
    await writeFile(join(folder, 'earlier'), '{"format":"softprompt training state 1","state":{}}');
    for (const name of ['earlier', 'missing']) {
      await assert.rejects(
        readTuningState(join(folder, name)),
        (error: SoftpromptError) => error.code === 'STATE_UNREADABLE',
      );
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** A state without the times, which differ between runs. */
function comparable({ trainingSeconds: _, history, ...state }: TuningState) {
  return { ...state, history: history.map(({ examplesPerSecond: __, ...line }) => line) };
}
