import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PromptSequence } from '../prompt/sequence.js';
import type { PromptNetwork } from './prompt-network.js';
import { scoreSequences } from './score-sequences.js';

const LENGTHS = [400, 3, 90, 200, 5, 300, 600, 1];
const sequences = LENGTHS.map(
  (length): PromptSequence => ({
    context: new Int32Array(length),
    candidates: [Int32Array.of(1), Int32Array.of(2, 3)],
    target: undefined,
  }),
);

/** Scores a sequence with its length, and its length negated. */
function recordingNetwork(runs: number[][]): Pick<PromptNetwork, 'logits' | 'sharedRows'> {
  return {
    sharedRows: 0,
    logits: async (_, batch) => {
      const lengths = batch.map(({ context }) => context.length);
      runs.push(lengths);
      return Float32Array.from(lengths.flatMap((length) => [length, -length]));
    },
  };
}

test('scores come in the order of the sequences, though similar lengths run together', async () => {
  const runs: number[][] = [];
  const progress: number[] = [];
  const scores = await scoreSequences(recordingNetwork(runs), new Float32Array(0), sequences, {
    onProgress: (done, all) => {
      assert.equal(all, LENGTHS.length);
      progress.push(done);
    },
  });
  assert.deepEqual(
    [...scores],
    LENGTHS.flatMap((length) => [length, -length]),
  );
  assert.deepEqual(
    runs.flat(),
    [...LENGTHS].sort((a, b) => a - b),
  );
  assert.ok(runs.length > 1 && runs[0]!.length > 1);
  assert.equal(progress.length, runs.length);
  assert.equal(progress.at(-1), LENGTHS.length);
});

test('no sequences have no scores', async () => {
  assert.equal((await scoreSequences(recordingNetwork([]), new Float32Array(0), [])).length, 0);
});

test('an abort stops before the next run', async () => {
  const controller = new AbortController();
  const runs: number[][] = [];
  const scoring = scoreSequences(recordingNetwork(runs), new Float32Array(0), sequences, {
    signal: controller.signal,
    onProgress: () => controller.abort(),
  });
  await assert.rejects(scoring, { name: 'AbortError' });
  assert.equal(runs.length, 1);
});
