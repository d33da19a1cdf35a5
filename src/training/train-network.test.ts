import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Random } from '../random.js';
import { readSafetensorsHeader } from '../weights/safetensors.js';
import { readTensorFile, writeTensorFile } from '../weights/tensor-file.js';
import { adamWInPlace, adamWStart, adamWStep } from './adamw.js';
import { dropoutMasks } from './dropout-masks.js';
import { constantStart, fanInStart, initialWeights, normalStart, xavierStart } from './network-weights.js';
import { writeTrainingState } from './state-file.js';
import { bestEpoch, type NetworkState, type NetworkTraining, readNetworkState, trainNetwork } from './train-network.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-network-'));
after(() => rmSync(folder, { recursive: true }));

const adam = { beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0.1 };

test('AdamW in place is AdamW, bit for bit', () => {
  const random = new Random(1);
  const numbers = () => Float32Array.from({ length: 50 }, () => random.normal());
  const inPlace = numbers();
  const moments = { first: new Float32Array(50), second: new Float32Array(50) };
  let parameters: Float32Array = inPlace.slice();
  let state = adamWStart(50);
  for (let step = 1; step <= 20; step++) {
    const gradient = numbers();
    const next = adamWStep(parameters, gradient, state, 0.05, adam);
    ({ parameters, state } = next);
    // halving is exact
    const doubled = gradient.map((g) => 2 * g);
    adamWInPlace(inPlace, doubled, moments, 0.5, step, 0.05, adam);
    assert.deepEqual(inPlace, parameters);
  }
  assert.deepEqual([moments.first, moments.second], [state.firstMoment, state.secondMoment]);
});

test('initial weights have the promised shapes and spread, and follow from the seed', () => {
  const specs = {
    one: constantStart(1, [3]),
    normal: normalStart(0.02, [100, 100]),
    xavier: xavierStart(50, 100),
    fanIn: fanInStart(50, 100),
  };
  const weights = initialWeights(specs, 7);
  assert.deepEqual(weights, initialWeights(specs, 7));
  assert.notDeepEqual(weights, initialWeights(specs, 8));
  const deviation = (values: Float32Array) => Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);
  assert.deepEqual(weights.one, Float32Array.of(1, 1, 1));
  const expected = { normal: 0.02, xavier: Math.sqrt(6 / 150 / 3), fanIn: 0.1 / Math.sqrt(3) };
  for (const [name, value] of Object.entries(expected)) {
    assert.ok(Math.abs(deviation(weights[name]!) / value - 1) < 0.05, `${name}: ${deviation(weights[name]!)}`);
  }
  assert.ok(weights.fanIn!.every((x) => Math.abs(x) <= 0.1));
});

test('dropout masks keep the mean, differ, and follow from the seed', () => {
  const masks = dropoutMasks(0.2, 10_000, 1);
  const [first, second] = [masks.draw(10_000, new Random(1)), masks.draw(10_000, new Random(2))];
  assert.deepEqual(new Set(first), new Set([0, Math.fround(1.25)]));
  assert.ok(Math.abs(first.reduce((sum, x) => sum + x, 0) / 10_000 - 1) < 0.02);
  assert.notDeepEqual(first, second);
  assert.deepEqual(dropoutMasks(0.2, 10_000, 1).draw(10_000, new Random(1)), first);
});

/** Least squares: y = w·x + b from noisy rows; two weights by name, two batches an epoch. */
function leastSquares(changes: Partial<NetworkTraining<number>> = {}): NetworkTraining<number> {
  return {
    initial: () => ({ w: Float32Array.of(0, 0), b: Float32Array.of(0) }),
    settings: {
      ...adam,
      weightDecay: 0,
      learningRate: 0.1,
      warmUp: 0.1,
      decay: 'linear',
      epochs: 60,
      clipNorm: 1,
      patience: Number.POSITIVE_INFINITY,
      seed: 4,
    },
    batches: (epoch) => (epoch % 2 === 0 ? [0, 1] : [1, 0]),
    lossAndGradients: async ({ w, b }, batch, random) => {
      const x = [random.normal() + batch, random.normal()] as const;
      const error = w![0]! * x[0] + w![1]! * x[1] + b![0]! - (3 * x[0] - 2 * x[1] + 0.5);
      const gradients = { w: Float32Array.of(error * x[0], error * x[1]), b: Float32Array.of(error) };
      return { loss: (error * error) / 2, gradients };
    },
    validate: async ({ w, b }) => -Math.hypot(w![0]! - 3, w![1]! + 2, b![0]! - 0.5),
    ...changes,
  };
}

test('a network is learned, and the best epoch kept', async () => {
  const { state, ended } = await trainNetwork(leastSquares());
  assert.equal(ended, 'finished');
  assert.equal(state.step, 120);
  assert.ok(state.best!.validation > -0.2, `${state.best!.validation}`);
  assert.equal(state.best!.validation, Math.max(...state.history.map(({ validation }) => validation!)));
  assert.ok(state.history[0]!.validation! < -3);
});

test('without validation it ends where it is told, on the way of a run that is validated', async () => {
  const whole: NetworkState[] = [];
  const save = async (state: NetworkState) => void whole.push(structuredClone(state));
  await trainNetwork(leastSquares({ save }));
  const { state, ended } = await trainNetwork(leastSquares({ stopAfter: 20, validate: async () => undefined }));
  assert.deepEqual([ended, state.history.length, state.best], ['finished', 20, undefined]);
  assert.deepEqual(state.weights, whole[19]!.weights);
  assert.ok(state.history.every((line) => !('validation' in line) && !line.best));
});

test('interrupted within an epoch and resumed from its file, it ends bit for bit the same', async () => {
  const whole = await trainNetwork(leastSquares());
  const controller = new AbortController();
  const path = join(folder, 'state.safetensors');
  const training = leastSquares();
  let updates = 0;
  const first = await trainNetwork({
    ...training,
    signal: controller.signal,
    lossAndGradients: (...given) => {
      if (++updates === 41) controller.abort();
      return training.lossAndGradients(...given);
    },
    save: (state: NetworkState) => writeTrainingState(path, state, { note: 1 }),
  });
  assert.deepEqual([first.ended, first.state.history.length, first.state.lossCount], ['interrupted', 20, 1]);
  const { state, context } = await readNetworkState(path);
  assert.deepEqual(context, { note: 1 });
  const before = structuredClone(state);
  const resumed = await trainNetwork(leastSquares({ state }));
  assert.deepEqual(withoutTime(resumed.state), withoutTime(whole.state));
  assert.deepEqual(state, before, 'the given state stays as it is');
});

test('a state file is a safetensors file: numbers of any count, and what is damaged is said', async () => {
  const path = join(folder, 'numbers.safetensors');
  const { state } = await trainNetwork(leastSquares());
  await writeTrainingState(path, state, null);
  const { tensors } = await readSafetensorsHeader(path);
  assert.deepEqual([...tensors.keys()].slice(0, 2), ['weights w', 'weights b']);
  assert.deepEqual(await readNetworkState(path), { state, context: null });
  truncateSync(path, statSync(path).size - 1);
  await assert.rejects(readNetworkState(path), { code: 'STATE_UNREADABLE' });
  await assert.rejects(readNetworkState(join(folder, 'none')), { code: 'STATE_UNREADABLE' });
  await writeTensorFile(path, { w: Float32Array.of(1) });
  await assert.rejects(readNetworkState(path), { code: 'STATE_UNREADABLE' });
});

test('a state of another version, or whose record or moments were changed, is refused', async () => {
  const path = join(folder, 'changed.safetensors');
  const { state } = await trainNetwork(leastSquares());
  const change = async (edit: (metadata: Map<string, string>, arrays: Record<string, Float32Array>) => void) => {
    await writeTrainingState(path, state, null);
    const metadata = new Map((await readSafetensorsHeader(path)).metadata);
    const arrays = (await readTensorFile(path)) as Record<string, Float32Array>;
    edit(metadata, arrays);
    await writeTensorFile(path, arrays, Object.fromEntries(metadata));
  };
  const refused = (message: RegExp) => assert.rejects(readNetworkState(path), { code: 'STATE_UNREADABLE', message });
  await change((metadata) => metadata.set('format', 'softprompt network state 2'));
  await refused(/its format is 'softprompt network state 2'/);
  await change((metadata) => metadata.set('state', metadata.get('state')!.replace(/"step":\d+/, '"step":"many"')));
  await refused(/'step' is wrong/);
  await change((metadata) => metadata.delete('context'));
  await refused(/not JSON/);
  await change((_, arrays) => delete arrays['firstMoments w']);
  await refused(/do not fit/);
});

test('it stops without progress, and says when numbers run away', async () => {
  const settings = { ...leastSquares().settings, patience: 3 };
  const stuck = await trainNetwork(leastSquares({ settings, validate: async () => 0 }));
  assert.deepEqual([stuck.ended, stuck.state.history.length, bestEpoch(stuck.state)], ['early', 4, 1]);
  const lossAndGradients = async () => ({ loss: 1, gradients: { w: Float32Array.of(NaN, 0), b: Float32Array.of(0) } });
  await assert.rejects(trainNetwork(leastSquares({ lossAndGradients })), { code: 'TUNING_NOT_FINITE' });
});

/** A state without the time it took, which differs between runs. */
const withoutTime = (state: NetworkState) => ({ ...state, trainingSeconds: 0 });
