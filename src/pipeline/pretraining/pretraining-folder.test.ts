import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pretrainingFolder } from './pretraining-folder.js';
import type { PretrainingOptions } from './pretraining-options.js';

const scratch = mkdtempSync(join(tmpdir(), 'softprompt-pretraining-'));
after(() => rmSync(scratch, { recursive: true }));
const fresh = () => mkdtempSync(join(scratch, 'run-'));
const options: PretrainingOptions = { data: ['en=en.txt'], out: 'given' };

test('options come back with the folder as it was named now, endless numbers too', async () => {
  const folder = fresh();
  const given = { ...options, clipNorm: Infinity };
  await pretrainingFolder(folder).start(given, '{}');
  assert.deepEqual(await pretrainingFolder(folder).readOptions(), { ...given, out: folder });
});
