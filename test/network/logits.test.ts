import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Checkpoint, WeightLocation } from '../../src/network/checkpoint/checkpoint.js';
import { FAMILIES, findFamily } from '../../src/network/families/registry.js';
import { promptNetwork } from '../../src/network/prompt-network.js';
import { NOTHING } from '../../src/network/trainable.js';
import { fixtureModels, MODELS, readJson, relativeError, stories } from './fixtures.js';
import { logitsEverywhere } from './logits-everywhere.js';

/** One or more of every family: see `compare/logits_fixture.py`, which made them with transformers. */
const ALL = readdirSync(MODELS).filter((name) => existsSync(join(MODELS, name, 'expected.json')));
/** Those whose rows see only what stands before them, so that examples can share rows. */
const CAUSAL = ALL.filter((name) => {
  const { model_type } = readJson<{ model_type: string }>('models', name, 'config.json');
  return findFamily(model_type)?.sees === 'before';
});
const TOLERANCE = 1e-4;
const open = fixtureModels();

interface Expected {
  readonly inputIds: readonly (readonly number[])[];
  /** [row][position][word] */
  readonly logits: readonly (readonly (readonly number[])[])[];
}

for (const model of ALL) {
  test(`${model}: logits of every position are transformers'`, async () => {
    const { inputIds, logits } = readJson<Expected>('models', model, 'expected.json');
    const actual = await logitsEverywhere(await open(model), inputIds, 0);
    inputIds.forEach((ids, row) => {
      assert.equal(actual[row]!.length, logits[row]!.length);
      assert.ok(logits[row]!.length >= ids.length);
      for (const position of logits[row]!.keys()) {
        const error = relativeError(actual[row]![position]!, logits[row]![position]!);
        assert.ok(error < TOLERANCE, `row ${row}, position ${position}: relative error ${error}`);
      }
    });
  });
}

/** Made of the same models by `compare/gguf_families_fixture.py`, as llama.cpp's converter writes them. */
const GGUF = 'test/fixtures/gguf/families';
for (const model of readdirSync(GGUF).map((file) => file.replace('.gguf', ''))) {
  test(`${model} from GGUF: the same logits`, async () => {
    const { inputIds, logits } = readJson<Expected>('models', model, 'expected.json');
    const opened = await open(`${GGUF}/${model}.gguf`);
    // llama.cpp knows the scale of Gemma's scores from a model's size; these tiny models have another
    const { attentionScale } = (await open(model)).config as { attentionScale?: number };
    const scaled = /^gemma[23]/.test(model) ? { attentionScale } : {};
    const actual = await logitsEverywhere({ ...opened, config: { ...opened.config, ...scaled } }, inputIds, 0);
    for (const [row, expected] of logits.entries()) {
      for (const [position, own] of expected.entries()) {
        assert.ok(relativeError(actual[row]![position]!, own) < TOLERANCE, `row ${row}, position ${position}`);
      }
    }
  });
}

test('every family has a model here', () => {
  const tested = ALL.map((name) => readJson<{ model_type: string }>('models', name, 'config.json').model_type);
  assert.deepEqual(
    FAMILIES.map(({ name }) => name).filter((name) => !tested.includes(name)),
    [],
  );
});

for (const model of CAUSAL) {
  test(`${model}: the same where examples share their first rows`, async () => {
    const { inputIds, logits } = readJson<Expected>('models', model, 'expected.json');
    const checkpoint = await open(model);
    const longest = inputIds[0]!;
    // 11 shared rows are more than mistral's window of 8: some rows no longer see the first of them
    for (const sharedRows of [1, 11]) {
      const lengths = [longest.length, sharedRows + 1, 17];
      const rows = lengths.map((length) => longest.slice(0, length));
      const actual = await logitsEverywhere(checkpoint, rows, sharedRows);
      rows.forEach((ids, row) => {
        assert.equal(actual[row]!.length, ids.length - sharedRows);
        actual[row]!.forEach((own, i) => {
          const error = relativeError(own, logits[0]![sharedRows + i]!);
          assert.ok(error < TOLERANCE, `row ${row}, position ${sharedRows + i}: relative error ${error}`);
        });
      });
    }
  });
}

test('grouped keys and values equal ungrouped ones that repeat them', async () => {
  const { inputIds } = readJson<Expected>('models', 'llama-untied', 'expected.json');
  const grouped = await open('llama-untied');
  const folder = mkdtempSync(join(tmpdir(), 'softprompt-ungrouped-'));
  try {
    const rows = [inputIds[0]!, inputIds[0]!.slice(0, 9)];
    const actual = await logitsEverywhere(ungrouped(grouped, folder), rows, 4);
    const expected = await logitsEverywhere(grouped, rows, 4);
    for (const [row, own] of expected.entries()) {
      for (const [i, logits] of own.entries()) assert.ok(relativeError(actual[row]![i]!, logits) < 1e-5);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('stories260k: with every word as a candidate, scores are the logits of the last position', {
  skip: stories.skip,
}, async () => {
  const { inputIds, lastLogits } = readJson<{ inputIds: number[][]; lastLogits: number[][] }>(
    'models',
    'stories260k.expected.json',
  );
  const checkpoint = await open(stories.folder);
  const V = checkpoint.config.vocabularySize;
  const network = promptNetwork(checkpoint, { loss: 'labels', trainable: NOTHING, sharedRows: 0, maxPositions: 128 });
  const candidates = Array.from({ length: V }, (_, word) => Int32Array.of(word));
  const batch = inputIds.map((ids) => ({ context: Int32Array.from(ids), candidates, target: undefined }));
  const scores = await network.logits(new Float32Array(0), batch);
  await network.release();
  lastLogits.forEach((expected, row) => {
    const error = relativeError(scores.subarray(row * V, (row + 1) * V), expected);
    assert.ok(error < TOLERANCE, `row ${row}: relative error ${error}`);
  });
});

/** The same function with a key and a value head for each query head. */
function ungrouped(checkpoint: Checkpoint, folder: string): Checkpoint {
  const { heads, keyValueHeads, headSize, hiddenSize } = checkpoint.config;
  const headBytes = headSize * hiddenSize * 4;
  const weights = [...checkpoint.weights].map(([name, weight]): [string, WeightLocation] => {
    if (!/[kv]_proj\.weight$/.test(name)) return [name, weight];
    const bytes = readFileSync(weight.file).subarray(weight.offset, weight.offset + weight.byteLength);
    const repeated = Array.from({ length: heads }, (_, head) => {
      const from = Math.floor((head * keyValueHeads) / heads) * headBytes;
      return bytes.subarray(from, from + headBytes);
    });
    const file = join(folder, name);
    writeFileSync(file, Buffer.concat(repeated));
    const shape = [heads * headSize, hiddenSize];
    return [name, { name, shape, file, offset: 0, byteLength: heads * headBytes }];
  });
  return { ...checkpoint, config: { ...checkpoint.config, keyValueHeads: heads }, weights: new Map(weights) };
}
