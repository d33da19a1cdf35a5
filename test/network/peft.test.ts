/** Prompts in PEFT's place (in front) give PEFT's numbers; the fixtures are made by `compare/peft_*.py`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gradientDifference } from '../../compare/gradient-difference.js';
import { trained } from '../../src/methods/encoded.js';
import type { MethodOptions } from '../../src/methods/method-options.js';
import { METHODS, type MethodName } from '../../src/methods/registry.js';
import { softPrompt } from '../../src/methods/soft-prompt.js';
import { promptNetwork } from '../../src/network/prompt-network.js';
import { learnedToken, type PromptSequence } from '../../src/prompt/sequence.js';
import { matchBaseModel } from '../../src/tasks/prompt-folder/base-model-match.js';
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

for (const folder of ['lora', 'ia3', 'p-tuning', 'multitask', 'cpt', 'prefix-projection']) {
  test(`what PEFT saved of ${folder} gives the logits it gives there`, async () => {
    const expected = readJson<{ inputIds: number[][] } & Record<string, number[][]>>('peft', 'expected-changes.json');
    const checkpoint = await open(`${PEFT}/model`);
    const { config } = checkpoint;
    const { learned } = await readPeftPrompt(`${PEFT}/${folder}`);
    matchBaseModel({ learned, baseModel: undefined }, checkpoint);
    const candidates = Array.from({ length: config.vocabularySize }, (_, word) => Int32Array.of(word));
    const { settle, trainable, tokens } = METHODS[learned.method];
    const inFront = tokens === 'rows' ? learned.tokens : 0;
    const contexts = expected.inputIds.map((text) => behindPrompt(inFront, text));
    const network = promptNetwork(checkpoint, {
      loss: 'labels',
      trainable: trainable(learned.tokens, config, settle(learned.options, config)),
      ...{ sharedRows: 0, maxPositions: 32 },
    });
    const batch = contexts.map((context) => ({ context, candidates, target: undefined }));
    const scores = await network.logits(learned.values, batch);
    await network.release();
    expected[folder]!.forEach((logits, row) => {
      const V = config.vocabularySize;
      const error = relativeError(scores.subarray(row * V, (row + 1) * V), logits);
      assert.ok(error < 1e-5, `row ${row}: relative error ${error}`);
    });
  });
}

interface GradientFixture {
  readonly method: 'prompt' | 'prefix' | 'prefix-projection' | 'p-tuning' | 'multitask' | 'lora' | 'ia3';
  readonly learnedTokens: number;
  /** Of a method that changes the model's layers: what PEFT's configuration was made with. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly prompt: number[];
  /** `masks`: where the label's words stand in the text of a masked model. */
  readonly sequences: readonly { readonly text: number[]; readonly label: number[]; readonly masks?: number[] }[];
  readonly loss: number;
  readonly gradient: number[];
}

/** PEFT's words for a method's settings. */
const OPTIONS: Readonly<Record<string, keyof MethodOptions>> = {
  ...{ encoder_reparameterization_type: 'encoder', encoder_hidden_size: 'encoderSize' },
  ...{ encoder_num_layers: 'encoderLayers', prefix_projection: 'projection', num_ranks: 'rank' },
  ...{ r: 'rank', lora_alpha: 'alpha', use_rslora: 'rslora', target_modules: 'targetModules' },
};

const optionsOf = (config: Readonly<Record<string, unknown>>): MethodOptions =>
  Object.fromEntries(
    Object.entries(config).map(([name, value]) => [OPTIONS[name]!, value === 'LSTM' ? 'lstm' : value]),
  );

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
  ...['p-tuning-mlp', 'p-tuning-lstm', 'prefix-projection', 'multitask'].map((name) => ({
    ...{ name, folder: `${PEFT}/model`, skip: false },
  })),
  ...(['lora', 'ia3'] as const).flatMap((method) => [
    { name: `${method}-tiny`, folder: `${PEFT}/model`, skip: false },
    { name: `${method}-gpt2`, folder: `${MODELS}/gpt2`, skip: false },
    { name: `${method}-bert`, folder: `${MODELS}/bert`, skip: false },
    { name: `${method}-stories260k`, ...stories },
  ]),
]) {
  test(`${name}: loss and gradient of the full-vocabulary cross-entropy are PEFT's`, { skip }, async () => {
    const fixture = readJson<GradientFixture>('peft', `gradient-${name}.json`);
    const { method, learnedTokens: P } = fixture;
    const checkpoint = await open(folder);
    const { config } = checkpoint;
    const names = { prompt: 'soft', 'prefix-projection': 'prefix' } as const;
    const chosen = METHODS[method in names ? names[method as keyof typeof names] : (method as MethodName)];
    const inFront = ['prompt', 'p-tuning', 'multitask'].includes(method) ? P : 0;
    const batch = fixture.sequences.map(({ text, label, masks }): PromptSequence => {
      const context = behindPrompt(inFront, text);
      const masked = masks && [{ ids: context, masks: masks.map((place) => inFront + place) }];
      return { context, candidates: [Int32Array.from(label)], target: 0, masked };
    });
    const isMasked = batch[0]!.masked !== undefined;
    for (const sharedRows of isMasked ? [0] : [0, inFront + 1]) {
      const network = promptNetwork(checkpoint, {
        loss: 'vocabulary',
        trainable: trained(chosen, P, config, chosen.settle(optionsOf(fixture.config ?? {}), config)),
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
