import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { jsonEvents, softprompt } from '../cli/spawn-softprompt.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-tour-'));
after(() => rmSync(folder, { recursive: true }));

test('an interrupted tour ends with a result that says where to go on', async () => {
  const ended = await softprompt(['start', '--out', 'stopped', '--json'], {
    cwd: folder,
    onLine: (line, child) => line.includes('"event":"step"') && !child.killed && child.kill('SIGINT'),
  });
  assert.equal(ended.code, 130, ended.stderr);
  const last = jsonEvents(ended).at(-1);
  assert.deepEqual(last, { event: 'result', ended: 'interrupted', out: join('stopped', 'sentiment-zh') });
});
