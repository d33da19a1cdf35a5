import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cutCandidates } from '../../network/cut-candidates.js';
import type { PromptSequence } from '../../prompt/sequence.js';
import { Random } from '../../random.js';
import { type LikelihoodNetwork, titleLikelihoods } from './title-likelihoods.js';

const random = new Random(4);
const titles = Array.from({ length: 300 }, () =>
  Int32Array.from({ length: 1 + random.integer(7) }, () => random.integer(4)),
);

/** Rows of the tree that titles form behind one context row, counted by their distinct beginnings. */
function treeRows(places: readonly number[]): number {
  const beginnings = new Set(
    places.flatMap((place) => [...titles[place]!.keys()].map((length) => titles[place]!.subarray(0, length).join(' '))),
  );
  return beginnings.size;
}

test('titles are cut into trees of bounded size, each title once', () => {
  for (const rows of [1, 8, 40, 10_000]) {
    const parts = cutCandidates(titles, rows);
    assert.deepEqual(
      parts.flat().sort((a, b) => a - b),
      [...titles.keys()],
    );
    for (const part of parts) if (part.length > 1) assert.ok(treeRows(part) <= rows + 1, `${treeRows(part)} rows`);
  }
  assert.equal(cutCandidates(titles, 10_000).length, 1);
  // beginnings are shared: a thousandth of what 300 titles have alone would not do
  assert.ok(cutCandidates(titles, 40).length < 30);
  assert.deepEqual(cutCandidates([], 5), []);
});

test('likelihoods come in the order of the titles; an abort stops before the next run', async () => {
  let runs = 0;
  const network: LikelihoodNetwork = {
    vocabularySize: 4,
    logits: async () => new Float32Array(0),
    logLikelihoods: async (_, batch: readonly PromptSequence[]) => {
      runs += 1;
      return Float32Array.from(batch[0]!.candidates, (ids) =>
        ids.reduce((sum, id, i) => sum + id * 4 ** i, ids.length),
      );
    },
    likelihoodAttributions: async () => new Float32Array(0),
  };
  const context = Int32Array.of(1);
  const prompt = new Float32Array(0);
  const values = await titleLikelihoods(network, prompt, context, titles, { rowsARun: 20 });
  assert.ok(runs > 1);
  for (const [i, ids] of titles.entries()) {
    assert.equal(
      values[i],
      ids.reduce((sum, id, j) => sum + id * 4 ** j, ids.length),
    );
  }
  const controller = new AbortController();
  runs = 0;
  const stopped = titleLikelihoods(network, prompt, context, titles, {
    rowsARun: 20,
    signal: controller.signal,
    onProgress: () => controller.abort(),
  });
  await assert.rejects(stopped, { name: 'AbortError' });
  assert.equal(runs, 1);
});
