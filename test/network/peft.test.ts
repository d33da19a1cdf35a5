/** Prompts in PEFT's place (in front) give PEFT's numbers; the fixtures are made by `compare/peft_*.py`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gradientDifference } from '../../compare/gradient-difference.js';
import { prefix } from '../../src/methods/prefix.js';
import { softPrompt } from '../../src/methods/soft-prompt.js';
import { promptNetwork } from '../../src/network/prompt-network.js';
import { learnedToken, type PromptSequence } from '../../src/prompt/sequence.js';
import { readPeftPrompt } from '../../src/tasks/prompt-folder/read-prompt.js';
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
    const network = promptNetwork(checkpoint, {
      loss: 'labels',
      trainable: softPrompt(P, embeddings.width),
      sharedRows,
      maxPositions: 32,
    });
    const scores = await network.logits(embeddings.values, batch);
    await network.release();
    logits.forEach((expected, row) => {
      const error = relativeError(scores.subarray(row * V, (row + 1) * V), expected);
      assert.ok(error < 1e-5, `row ${row}: relative error ${error}`);
    });
  }
});

interface GradientFixture {
  readonly method: 'prompt' | 'prefix';
  readonly learnedTokens: number;
  readonly prompt: number[];
  /** `masks`: where the label's words stand in the text of a masked model. */
  readonly sequences: readonly { readonly text: number[]; readonly label: number[]; readonly masks?: number[] }[];
  readonly loss: number;
  readonly gradient: number[];
}

const MODELS = 'test/fixtures/models';

for (const { name, folder, skip } of [
  { name: 'tiny', folder: `${PEFT}/model`, skip: false },
  { name: 'gpt2', folder: `${MODELS}/gpt2`, skip: false },
  { name: 'bert', folder: `${MODELS}/bert`, skip: false },
  { name: 'stories260k', ...stories },
  { name: 'prefix-tiny', folder: `${PEFT}/model`, skip: false },
  { name: 'prefix-gpt2', folder: `${MODELS}/gpt2`, skip: false },
  { name: 'prefix-qwen2', folder: `${MODELS}/qwen2`, skip: false },
  { name: 'prefix-stories260k', ...stories },
]) {
  test(`${name}: loss and gradient of the full-vocabulary cross-entropy are PEFT's`, { skip }, async () => {
    const fixture = readJson<GradientFixture>('peft', `gradient-${name}.json`);
    const { method, learnedTokens: P } = fixture;
    const checkpoint = await open(folder);
    const { config } = checkpoint;
    const inFront = method === 'prompt' ? P : 0;
    const batch = fixture.sequences.map(({ text, label, masks }): PromptSequence => {
      const context = behindPrompt(inFront, text);
      const masked = masks && [{ ids: context, masks: masks.map((place) => inFront + place) }];
      return { context, candidates: [Int32Array.from(label)], target: 0, masked };
    });
    const isMasked = batch[0]!.masked !== undefined;
    for (const sharedRows of isMasked ? [0] : [0, inFront + 1]) {
      const network = promptNetwork(checkpoint, {
        loss: 'vocabulary',
        trainable: method === 'prompt' ? softPrompt(P, config.hiddenSize) : prefix(P, config),
        sharedRows,
        maxPositions: 64,
      });
      const { loss, gradient } = await network.lossAndGradient(Float32Array.from(fixture.prompt), batch);
      await network.release();
      assert.ok(Math.abs(loss - fixture.loss) < 1e-6 * fixture.loss, `loss ${loss}, by PEFT ${fixture.loss}`);
      const { cosine, relativeError: error } = gradientDifference(gradient, fixture.gradient);
      assert.ok(cosine > 0.999999 && error < 1e-5, `cosine ${cosine}, relative error ${error}`);
    }
  });
}
