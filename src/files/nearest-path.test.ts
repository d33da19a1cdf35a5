import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { nearestName, nearestPath } from './nearest-path.js';

const root = mkdtempSync(join(tmpdir(), 'softprompt-nearest-'));
after(() => rmSync(root, { recursive: true }));
mkdirSync(join(root, 'Models', 'smollm-135m'), { recursive: true });
writeFileSync(join(root, 'Models', 'smollm-135m', 'model.gguf'), '');

test('the nearest name is the one but for case, or a letter in three away', () => {
  const names = ['embedded', 'README.md', '模型'];
  const meant: [string, string | undefined][] = [
    ['embeded', 'embedded'],
    ['EMBEDDED', 'embedded'],
    ['embdeded', 'embedded'],
    ['readme.md', 'README.md'],
    ['模形', undefined],
    ['embers', undefined],
    ['', undefined],
  ];
  for (const [name, want] of meant) assert.equal(nearestName(name, names), want, name);
});

test('the nearest path differs by case, spelling, slashes or the way it is written', () => {
  const want = join(root, 'Models', 'smollm-135m');
  assert.equal(nearestPath(join(root, 'models', 'SmolLM-135M')), want);
  assert.equal(nearestPath(join(root, 'Model', 'smolm-135m')), want);
  assert.equal(nearestPath(join(root, 'Models', 'smollm-135m', 'modle.gguf')), join(want, 'model.gguf'));
  assert.equal(nearestPath(` ${want} `), want);
  assert.equal(nearestPath(pathToFileURL(want).href), want);
  if (process.platform !== 'win32') assert.equal(nearestPath(want.replaceAll('/', '\\')), want);
  for (const nothing of ['qwen/qwen-7b', '', '/', '.', '..', join(root, 'Models', 'another-thing')]) {
    assert.ok([undefined, nothing].includes(nearestPath(nothing)), nothing);
  }
  const home = process.cwd();
  process.chdir(join(root, 'Models'));
  try {
    assert.equal(nearestPath('smolm-135m'), 'smollm-135m');
    assert.equal(nearestPath('./smolm-135m/model.gguf'), join('smollm-135m', 'model.gguf'));
    assert.equal(nearestPath('../models/smollm-135m'), join('..', 'Models', 'smollm-135m'));
  } finally {
    process.chdir(home);
  }
});
