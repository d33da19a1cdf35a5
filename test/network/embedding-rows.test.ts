import assert from 'node:assert/strict';
import { test } from 'node:test';
import { embeddingScale, readEmbeddingRows } from '../../src/network/checkpoint/embedding-rows.js';
import { readSafetensorsHeader, readTensorAsFloat32 } from '../../src/weights/safetensors.js';
import { fixtureModels } from './fixtures.js';

const open = fixtureModels();

test('embedding rows and their size are those of the whole table', async () => {
  const checkpoint = await open('llama-tied');
  const { hiddenSize: d, vocabularySize: V } = checkpoint.config;
  const header = await readSafetensorsHeader('test/fixtures/models/llama-tied/model.safetensors');
  const table = await readTensorAsFloat32(header, 'model.embed_tokens.weight');
  const ids = [0, V - 1, 7, 7];
  assert.deepEqual(
    [...(await readEmbeddingRows(checkpoint, ids))],
    ids.flatMap((id) => [...table.subarray(id * d, (id + 1) * d)]),
  );
  for (const id of [-1, V]) await assert.rejects(readEmbeddingRows(checkpoint, [id]), RangeError);
  const meanSquare = table.reduce((sum, x) => sum + x * x, 0) / table.length;
  assert.ok(Math.abs((await embeddingScale(checkpoint)) - Math.sqrt(meanSquare)) < 1e-6);
});
