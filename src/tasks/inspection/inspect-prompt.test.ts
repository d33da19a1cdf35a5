import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { SoftpromptError } from '../../errors.js';
import { type FrozenModel, loadModel } from '../../network/load-model.js';
import { Random } from '../../random.js';
import { describeBaseModel } from '../prompt-folder/base-model-match.js';
import { readPeftPrompt } from '../prompt-folder/read-prompt.js';
import type { SavedPrompt } from '../prompt-folder/saved-prompt.js';
import { formatInspection } from './inspect-format.js';
import { inspectPrompt } from './inspect-prompt.js';
import { scanVocabulary } from './inspect-vocabulary.js';

const scratch = mkdtempSync(join(tmpdir(), 'softprompt-inspect-'));
after(() => rmSync(scratch, { recursive: true }));

const model = await loadModel('test/fixtures/peft/model', { cacheFolder: scratch });
const { embeddings, learned } = await readPeftPrompt('test/fixtures/peft/prompt');
const width = model.checkpoint.config.hiddenSize;
const table = tableOf(model);
const word = (id: number) => table.slice(id * width, (id + 1) * width);
const baseModel = describeBaseModel(model.checkpoint);

/** The whole embedding table, read in one piece. */
function tableOf({ checkpoint }: FrozenModel): number[] {
  const { file, offset, byteLength } = checkpoint.weights.get('model.embed_tokens.weight')!;
  const bytes = readFileSync(file).subarray(offset, offset + byteLength);
  return Array.from({ length: byteLength / 4 }, (_, i) => bytes.readFloatLE(4 * i));
}

const length = (a: readonly number[]) => Math.hypot(...a);
const gap = (a: readonly number[], b: readonly number[]) => Math.hypot(...a.map((x, i) => x - b[i]!));
const angle = (a: readonly number[], b: readonly number[]) =>
  a.reduce((sum, x, i) => sum + x * b[i]!, 0) / (length(a) * length(b));

/** All other words by cosine, nearest first. */
function byBruteForce(vector: readonly number[], vocabulary: readonly (readonly number[])[], own?: number) {
  return vocabulary
    .map((row, id) => ({ id, cosine: angle(vector, row), distance: gap(vector, row) }))
    .filter(({ id, cosine }) => id !== own && !Number.isNaN(cosine))
    .sort((a, b) => b.cosine - a.cosine);
}

function close(actual: number, expected: number, message?: string) {
  assert.ok(Math.abs(actual - expected) <= 1e-6 * (1 + Math.abs(expected)), `${message} ${actual} ≠ ${expected}`);
}

test('nearest words, norms, drift and yardsticks are those of brute force', async () => {
  const starts = [9, 33, 4, 50];
  const initial = Float32Array.from(starts.flatMap(word));
  initial[3 * width]! += 0.5; // the last token starts from no word
  const saved: Pick<SavedPrompt, 'learned' | 'initial' | 'initialTokens' | 'baseModel'> = {
    learned,
    initial,
    initialTokens: [21, null, null, null],
    baseModel,
  };
  const { tokens, vocabulary } = await inspectPrompt(saved, model, { words: 7 });
  const words = Array.from({ length: 64 }, (_, id) => word(id));
  assert.equal(tokens.length, 4);
  for (const { token, nearest, norm, drift } of tokens) {
    const vector = [...embeddings.values.subarray(token * width, (token + 1) * width)];
    const start = [...initial.subarray(token * width, (token + 1) * width)];
    const expected = byBruteForce(vector, words).slice(0, 7);
    assert.deepEqual(
      nearest.map(({ id }) => id),
      expected.map(({ id }) => id),
    );
    nearest.forEach((near, i) => {
      close(near.cosine, expected[i]!.cosine, 'cosine');
      close(near.distance, expected[i]!.distance, 'distance');
      assert.equal(near.word, model.tokenizer.describe(near.id));
    });
    close(norm, length(vector), 'norm');
    close(drift!.distance, gap(vector, start), 'drift');
    close(drift!.cosine, angle(vector, start), 'cosine to the start');
  }
  assert.deepEqual(
    tokens.map(({ drift }) => drift!.from),
    ['r', 'D', 'a', undefined],
    'the word the template gave, else the word whose embedding it was',
  );
  const ordinary = words.flatMap((row, id) => (model.tokenizer.special.has(id) ? [] : [{ row, id }]));
  const usual = ordinary.map(({ row, id }) => byBruteForce(row, words, id)[0]!);
  const median = (values: readonly number[]) => {
    const sorted = [...values].sort((a, b) => a - b);
    return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
  };
  assert.equal(vocabulary.words, 64);
  assert.equal(vocabulary.sampledWords, 61);
  close(vocabulary.meanNorm, words.reduce((sum, row) => sum + length(row), 0) / 64, 'mean norm');
  close(vocabulary.nearestCosine, median(usual.map((near) => near.cosine)), 'usual cosine');
  close(vocabulary.nearestDistance, median(usual.map((near) => near.distance)), 'usual distance');
});

test('a token that never moved from a word is at distance 0 from it', async () => {
  const values = Float32Array.from([...word(12), ...word(40)]);
  const still = { ...learned, tokens: 2, arrays: { prompt: [2, width] }, values };
  const saved = { learned: still, initial: values, initialTokens: undefined, baseModel };
  const { tokens } = await inspectPrompt(saved, model, { words: 1 });
  for (const [k, id] of [12, 40].entries()) {
    const { nearest, drift } = tokens[k]!;
    assert.equal(nearest.length, 1);
    assert.equal(nearest[0]!.id, id);
    assert.equal(nearest[0]!.distance, 0);
    close(nearest[0]!.cosine, 1);
    assert.deepEqual(
      { from: drift!.from, distance: drift!.distance },
      { from: model.tokenizer.describe(id), distance: 0 },
    );
  }
});

test('fewer words than one are refused', async () => {
  const saved = { learned, initial: undefined, initialTokens: undefined, baseModel };
  for (const words of [0, -1, 1.5]) {
    await assert.rejects(inspectPrompt(saved, model, { words }), { code: 'TUNING_SETTING' });
  }
});

test('a large vocabulary is read in blocks; rows beyond the tokenizer are no words', async () => {
  const [rows, words, wide] = [40_000, 39_990, 32];
  const random = new Random(5);
  const values = Float32Array.from({ length: rows * wide }, () => random.normal());
  values.fill(0, 7 * wide, 8 * wide); // a word without an embedding
  const file = join(scratch, 'large.bin');
  const skip = 12;
  writeFileSync(file, Buffer.concat([Buffer.alloc(skip), Buffer.from(values.buffer)]));
  const large: FrozenModel = {
    checkpoint: {
      ...model.checkpoint,
      config: { ...model.checkpoint.config, hiddenSize: wide, vocabularySize: rows },
      weights: new Map([
        [
          'model.embed_tokens.weight',
          { name: 'model.embed_tokens.weight', shape: [rows, wide], file, offset: skip, byteLength: values.byteLength },
        ],
      ]),
    },
    tokenizer: { ...model.tokenizer, size: words },
  };
  const row = (id: number) => values.subarray(id * wide, (id + 1) * wide);
  const vocabulary = Array.from({ length: words }, (_, id) => [...row(id)]);
  const own = [3, 35_000, undefined];
  const vectors = [row(3), row(35_000), row(39_995)];
  const queries = vectors.map((vector, q) => ({ vector, ownId: own[q] }));
  const { nearest, meanNorm } = await scanVocabulary(large, queries, 6, 1);
  for (const [q, found] of nearest.entries()) {
    const expected = byBruteForce([...vectors[q]!], vocabulary, own[q]);
    assert.deepEqual(
      found.map(({ id }) => id),
      expected.slice(0, 6).map(({ id }) => id),
    );
  }
  close(meanNorm, vocabulary.reduce((sum, vector) => sum + length(vector), 0) / words, 'mean norm');
});

test('a prompt of another width is refused', async () => {
  const saved = {
    learned: { ...learned, tokens: 2, arrays: { prompt: [2, 3] }, values: new Float32Array(6) },
    initial: undefined,
    initialTokens: undefined,
    baseModel,
  };
  await assert.rejects(inspectPrompt(saved, model), (error: SoftpromptError) => error.code === 'PROMPT_BASE_MODEL');
});

test('the text for a terminal shows every word with both distances, and the yardsticks', async () => {
  const saved = { learned, initial: undefined, initialTokens: undefined, baseModel };
  const inspection = await inspectPrompt(saved, model);
  const lines = formatInspection(inspection).split('\n');
  const { vocabulary, tokens } = inspection;
  const short = (x: number) => String(Number(x.toPrecision(3)));
  assert.match(lines[0]!, /4 learned tokens beside a vocabulary of 64 words/);
  assert.ok(lines[1]!.includes(`${short(vocabulary.nearestCosine)} (${short(vocabulary.nearestDistance)})`));
  assert.equal(lines.length, 3 + 2 * 4);
  for (const { token, nearest } of tokens) {
    assert.ok(lines[3 + 2 * token]!.startsWith(`[${token}]  norm`));
    assert.ok(!lines[3 + 2 * token]!.includes('moved'), 'the start was not kept');
    for (const { word: text, cosine, distance } of nearest) {
      assert.ok(lines[4 + 2 * token]!.includes(`'${text}' ${short(cosine)} (${short(distance)})`));
    }
  }
});
