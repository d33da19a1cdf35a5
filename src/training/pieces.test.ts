import assert from 'node:assert/strict';
import { test } from 'node:test';
import { distanceNetwork } from '../../test/training/distance-network.js';
import type { PromptSequence } from '../prompt/sequence.js';
import { Random } from '../random.js';
import { cutEvenly, dropouts, type PieceGradients, sumOfPieces } from './pieces.js';
import type { TuningSettings } from './settings.js';
import { type TuningRun, tune } from './tune.js';
import type { TuningState } from './tuning-state.js';

test('pieces are consecutive, and their sizes differ by one at most', () => {
  assert.deepEqual(cutEvenly([1, 2, 3, 4, 5, 6, 7], 3), [
    [1, 2],
    [3, 4],
    [5, 6, 7],
  ]);
  assert.deepEqual(cutEvenly([1, 2], 8), [[1], [2]]);
  for (let pieces = 1; pieces < 20; pieces++)
    assert.deepEqual(cutEvenly([...Array(17).keys()], pieces).flat(), [...Array(17).keys()]);
});

test('sums are taken in float32, from the first piece to the last', () => {
  const piece = (...numbers: number[]) => ({ loss: 1, gradient: Float32Array.from(numbers) });
  const [large, small] = [2 ** 24, 1];
  const { loss, gradient } = sumOfPieces([piece(large, small), piece(small, small), piece(small, large)], 2);
  assert.equal(loss, 3);
  assert.deepEqual([...gradient], [2 ** 24, 2 ** 24 + 2]);
});

test('masks of a piece are its own and those of its update, whoever draws them and whenever', () => {
  const draw = (step: number, piece: number) => [...dropouts(0.5, 3)(step, piece)!(40)];
  assert.deepEqual(draw(4, 2), draw(4, 2));
  assert.notDeepEqual(draw(4, 2), draw(4, 1));
  assert.notDeepEqual(draw(4, 2), draw(5, 2));
});

const random = new Random(1);
const train = Array.from(
  { length: 30 },
  (): PromptSequence => ({
    context: Int32Array.of(1 + random.integer(9), 5),
    candidates: [Int32Array.of(1)],
    target: 0,
  }),
);
const network = distanceNetwork(7);
const settings: TuningSettings = {
  ...{ steps: 40, batchSize: 7, accumulation: 1, pieces: 3, learningRate: 0.1, warmUp: 0.1, decay: 'linear' },
  ...{ beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: 0, clipNorm: 1, evaluateEvery: 10, seed: 3 },
  patience: Number.POSITIVE_INFINITY,
};
const validate: TuningRun['validate'] = async (prompt) => ({ accuracy: 0, loss: Math.hypot(prompt[0]!, prompt[1]!) });
const run: TuningRun = { network, train, initial: Float32Array.of(0, 0), settings, validate };
const bits = ({ weights, best, step }: TuningState) => ({ weights, best, step });

test('whoever computes the pieces, and in whichever order, the bits are those of one process with the same cut', async () => {
  const here = await tune(run);
  const backwards =
    (one: PieceGradients): PieceGradients =>
    async (learned, update) => {
      const parts = [...update.pieces.entries()].map(async ([place, rows]) => {
        await new Promise((later) => setTimeout(later, update.pieces.length - place));
        return (await one(learned, { ...update, pieces: [rows] }))[0]!;
      });
      return Promise.all(parts);
    };
  const elsewhere = await tune({ ...run, pieces: backwards });
  assert.deepEqual(bits(elsewhere.state), bits(here.state));
  const whole = await tune({ ...run, settings: { ...settings, pieces: 1 } });
  whole.state.weights.prompt!.forEach((x, i) => {
    assert.ok(Math.abs(x - here.state.weights.prompt![i]!) < 1e-4);
  });
});

test('an update that the signal ends is not made; what was saved goes on with the same bits', async () => {
  const abort = new AbortController();
  let saved: TuningState | undefined;
  const keepNear = (prompt: Float32Array) => prompt.set(prompt.map((x) => x * 0.999));
  const waits =
    (one: PieceGradients): PieceGradients =>
    async (learned, update) => {
      if (update.step < 12) return one(learned, update);
      abort.abort();
      throw abort.signal.reason;
    };
  const save = async (state: TuningState) => {
    saved = { ...state, weights: { prompt: state.weights.prompt!.slice() } };
  };
  const stopped = await tune({ ...run, keepNear, pieces: waits, signal: abort.signal, save });
  assert.deepEqual([stopped.ended, saved!.step], ['interrupted', 12]);
  const whole = await tune({ ...run, keepNear });
  assert.deepEqual(bits((await tune({ ...run, keepNear, state: stopped.state })).state), bits(whole.state));
});
