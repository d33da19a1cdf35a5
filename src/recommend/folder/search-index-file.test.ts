import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readSearchIndex, writeSearchIndex } from './search-index-file.js';

const folder = await mkdtemp(join(tmpdir(), 'softprompt-search-index-'));
after(() => rm(folder, { recursive: true }));

test('an index is read back; a damaged one, or one of other vectors, is not', async () => {
  const vectors = Float32Array.of(1, 0, 0, 1, 1, 1);
  const index = {
    centroids: Float32Array.of(1, 0, 0.5, 1),
    offsets: Int32Array.of(0, 1, 3),
    items: Int32Array.of(0, 2, 1),
    rows: Float32Array.of(1, 0, 1, 1, 0, 1),
    width: 2,
  };
  assert.equal(await readSearchIndex(folder, vectors), undefined);
  await writeSearchIndex(folder, vectors, { index, probes: 1, recall: 0.5 });
  assert.deepEqual(await readSearchIndex(folder, vectors), { index, probes: 1, recall: 0.5 });
  assert.equal(await readSearchIndex(folder, vectors.with(5, 2)), undefined);
  const path = join(folder, 'approximate.safetensors');
  const whole = await readFile(path);
  for (const at of [whole.length - 4, whole.length - 20, whole.length - 30, whole.length - 44]) {
    const damaged = Buffer.from(whole);
    damaged[at]! ^= 1;
    await writeFile(path, damaged);
    assert.equal(await readSearchIndex(folder, vectors), undefined, `byte ${at}`);
  }
});
