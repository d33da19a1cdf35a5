/** Prompts in PEFT's place (in front) give PEFT's numbers; the fixtures are made by `compare/peft_*.py`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gradientDifference } from '../../compare/gradient-difference.js';
import { readPeftPrompt } from '../../src/artifact/read-prompt.js';
import { promptNetwork } from '../../src/model/prompt-network.js';
import { learnedToken } from '../../src/prompt/sequence.js';
import { fixtureModels, readJson, relativeError, stories } from './fixtures.js';

const PEFT = 'test/fixtures/peft';
const open = fixtureModels();

const behindPrompt = (learnedTokens: number, text: readonly number[]): Int32Array =>
  Int32Array.from([...Array.from({ length: learnedTokens }, (_, k) => learnedToken(k)), ...text]);

test('a prompt saved by PEFT gives the logits it gives there', async () => {
  const { inputIds, logits } = readJson<{ inputIds: number[][]; logits: number[][] }>('peft', 'expected.json');
  const checkpoint = await open(`${PEFT}/model`);
  const V = checkpoint.config.vocabularySize;
  const { embeddings } = await readPeftPrompt(`${PEFT}/prompt`);
  const P = embeddings.tokens;
  // scores of one-token candidates are their logits
  const candidates = Array.from({ length: V }, (_, word) => Int32Array.of(word));
  const batch = inputIds.map((text) => ({ context: behindPrompt(P, text), candidates, target: undefined }));
  for (const sharedRows of [0, P]) {
    const network = promptNetwork(checkpoint, { loss: 'labels', learnedTokens: P, sharedRows, maxPositions: 32 });
    const scores = await network.scores(embeddings.values, batch);
    await network.release();
    logits.forEach((expected, row) => {
      const error = relativeError(scores.subarray(row * V, (row + 1) * V), expected);
      assert.ok(error < 1e-5, `row ${row}: relative error ${error}`);
    });
  }
});

interface GradientFixture {
  readonly learnedTokens: number;
  readonly prompt: number[];
  readonly sequences: readonly { readonly text: number[]; readonly label: number[] }[];
  readonly loss: number;
  readonly gradient: number[];
}

for (const { name, folder, skip } of [
  { name: 'tiny', folder: `${PEFT}/model`, skip: false },
  { name: 'stories260k', ...stories },
]) {
  test(`${name}: loss and gradient of the full-vocabulary cross-entropy are PEFT's`, { skip }, async () => {
    const fixture = readJson<GradientFixture>('peft', `gradient-${name}.json`);
    const P = fixture.learnedTokens;
    const batch = fixture.sequences.map(({ text, label }) => ({
      context: behindPrompt(P, text),
      candidates: [Int32Array.from(label)],
      target: 0,
    }));
    const network = promptNetwork(await open(folder), {
      loss: 'vocabulary',
      learnedTokens: P,
      sharedRows: P,
      maxPositions: 64,
    });
    const { loss, gradient } = await network.lossAndGradient(Float32Array.from(fixture.prompt), batch);
    await network.release();
    assert.ok(Math.abs(loss - fixture.loss) < 1e-6 * fixture.loss, `loss ${loss}, by PEFT ${fixture.loss}`);
    const { cosine, relativeError: error } = gradientDifference(gradient, fixture.gradient);
    assert.ok(cosine > 0.999999 && error < 1e-5, `cosine ${cosine}, relative error ${error}`);
  });
}
