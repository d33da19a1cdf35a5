import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openStore } from './open-store.js';
import { newPart, partId } from './queued-part.js';
import { fetchTree, hashOfTree, putTree, treeAt, treeOf, treeOnThisMachine } from './trees.js';

const scratch = mkdtempSync(join(tmpdir(), 'softprompt-trees-'));
after(() => rmSync(scratch, { recursive: true }));
const at = (...parts: string[]) => join(scratch, ...parts);
const write = (path: string, text: string) => {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
};
const cache = at('cache');

test('a folder is what its files hold, wherever it lies, and comes whole to another machine', async () => {
  for (const place of ['one', 'two']) {
    write(at(place, 'model', 'weights.bin'), 'numbers');
    write(at(place, 'model', 'deep', 'config.json'), '{}');
    write(at(place, 'model', '.weights.bin.1.ab.tmp'), 'of a process that runs');
  }
  const tree = await treeAt(at('one', 'model'), cache);
  assert.deepEqual(tree, await treeAt(at('two', 'model'), cache));
  const store = await openStore(at('store'));
  const hash = await putTree(store, tree, at('one', 'model'));
  assert.equal(hash, hashOfTree(tree));
  assert.equal(
    await treeOnThisMachine(store, hash, at('two', 'model'), cache),
    at('two', 'model'),
    'it is there already',
  );
  rmSync(at('two', 'model'), { recursive: true });
  const fetched = await treeOnThisMachine(store, hash, at('two', 'model'), cache);
  assert.match(fetched, /model$/);
  assert.equal(readFileSync(join(fetched, 'deep', 'config.json'), 'utf8'), '{}');
  write(at('two', 'model', 'weights.bin'), 'other numbers');
  assert.equal(
    await treeOnThisMachine(store, hash, at('two', 'model'), cache),
    fetched,
    'what lies there is another one',
  );
});

test('a file keeps its name, and a damaged store is found out', async () => {
  write(at('data', 'texts.csv'), 'a,b\n');
  const store = await openStore(at('store'));
  const tree = await treeAt(at('data', 'texts.csv'), cache);
  const hash = await putTree(store, tree, at('data'));
  assert.match(await treeOnThisMachine(store, hash, at('elsewhere', 'texts.csv'), at('other cache')), /texts\.csv$/);
  const { sha256 } = tree.files[0]!;
  writeFileSync(at('store', 'objects', sha256.slice(0, 2), sha256), 'spoilt');
  await assert.rejects(fetchTree(store, hash, at('spoilt')), { code: 'QUEUE_CONTENT_DAMAGED' });
  assert.ok(!existsSync(at('spoilt', 'texts.csv')));
  rmSync(at('store', 'objects', sha256.slice(0, 2), sha256));
  await assert.rejects(fetchTree(store, hash, at('spoilt')), { code: 'QUEUE_CONTENT_MISSING' });
  await assert.rejects(openStore('ftp://host'), { code: 'QUEUE_STORE' });
});

test('parts of a folder are those that are there', async () => {
  write(at('job', 'training', 'seed-0.safetensors'), 'state');
  write(at('job', 'learned', 'set', 'a.json'), 'a');
  const { files } = await treeOf(at('job'), ['training/seed-0.safetensors', 'learned', 'missing'], cache);
  assert.deepEqual(
    files.map(({ path }) => path),
    ['learned/set/a.json', 'training/seed-0.safetensors'],
  );
});

test('a part is named by what is computed, not by where it lies, who computes it, or where it goes', () => {
  const part = (plan: object, files: Record<string, string>, part = 'seed-0') =>
    partId(
      newPart({
        ...{ version: '1', work: 'tune', plan: { ...plan }, inputs: {}, part, files },
        ...{ makes: ['x'], store: '/store', memoryMib: 1 },
      }),
    );
  const one = part({ train: '/a/t.csv', steps: 3, out: '/a/out', threads: 1 }, { '/a/t.csv': 'ff' });
  assert.equal(one, part({ train: '/b/t.csv', steps: 3, out: '/elsewhere', threads: 2 }, { '/b/t.csv': 'ff' }));
  assert.notEqual(one, part({ train: '/a/t.csv', steps: 4 }, { '/a/t.csv': 'ff' }));
  assert.notEqual(one, part({ train: '/a/t.csv', steps: 3 }, { '/a/t.csv': 'ee' }));
  assert.notEqual(one, part({ train: '/a/t.csv', steps: 3 }, { '/a/t.csv': 'ff' }, 'seed-1'));
});
