import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { writeFileAtomically } from '../src/files/atomic-file.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-atomic-'));
after(() => rmSync(folder, { recursive: true }));
const { pid: gone } = spawnSync(process.execPath, ['-e', '']);

test('what a killed process left of a file is removed by the next write; of others, and of running ones, it stays', async () => {
  const kept = [`.a.txt.${process.pid}.0badcafe.tmp`, `.a.txt.old.${gone}.0badcafe.tmp`, `.a.txt.${gone}.tmp`];
  const fresh = `.a.txt.${gone}.00000001.tmp`; // perhaps of a process in another container
  for (const name of [...kept, fresh, `.a.txt.${gone}.0badcafe.tmp`]) {
    writeFileSync(join(folder, name), 'part');
    if (name !== fresh) utimesSync(join(folder, name), 1, 1);
  }
  await writeFileAtomically(join(folder, 'a.txt'), 'whole');
  assert.deepEqual(readdirSync(folder).sort(), [...kept, fresh, 'a.txt'].sort());
  assert.equal(readFileSync(join(folder, 'a.txt'), 'utf8'), 'whole');
});
