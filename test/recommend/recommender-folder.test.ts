import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  readRecommender,
  type SavedRecommender,
  writeRecommender,
} from '../../src/recommend/folder/recommender-folder.js';
import { randomRecommender } from './random-recommender.js';

const folder = await mkdtemp(join(tmpdir(), 'softprompt-recommender-folder-'));
after(() => rm(folder, { recursive: true }));
const recommender = (seed: number) =>
  randomRecommender({ items: 20, users: 3, width: 4, historyLength: 2, maxLength: 2, seed });

test('a folder that is overwritten, but not to the end, does not read as a recommender', async () => {
  const [first, second] = [recommender(1), recommender(2)];
  await writeRecommender(folder, first);
  const cutShort = {
    ...second,
    get users(): readonly string[] {
      throw new Error('stopped after the network was written');
    },
  };
  await assert.rejects(writeRecommender(folder, cutShort), /stopped after/);
  await assert.rejects(readRecommender(folder), { code: 'RECOMMENDER_INVALID' });
  await writeRecommender(folder, second);
  const { recommender: read } = await readRecommender(folder);
  assert.deepEqual(read.network.weights, second.recommender.network.weights);
});

test('a record that is old, foreign or edited is refused, and what is wrong with it is said', async () => {
  await writeRecommender(folder, recommender(3));
  const path = join(folder, 'softprompt.json');
  const whole = await readFile(path, 'utf8');
  const record = JSON.parse(whole);
  const edited: [unknown, RegExp][] = [
    [{ ...record, formatVersion: 1 }, /older softprompt wrote it, in format version 1/],
    [{ ...record, formatVersion: 99 }, /newer softprompt wrote it, in format version 99/],
    [{ formatVersion: 1, task: 'classification', template: '[soft:4]{text}{label}' }, /that of a prompt/],
    [{ ...record, shape: { ...record.shape, width: '4' } }, /'shape\.width' is wrong/],
    [{ ...record, shape: { ...record.shape, heads: 3 } }, /'shape\.heads' is wrong/],
    [{ ...record, shape: undefined }, /'shape' is wrong/],
    [{ ...record, mixture: { weight: 1, recency: 0.5 } }, /'mixture\.floor' is wrong/],
    [{ ...record, userAttributes: [{ attribute: 'age', names: 'young' }] }, /'userAttributes\.0\.names' is wrong/],
    [null, /expected object/],
  ];
  for (const [content, message] of edited) {
    await writeFile(path, JSON.stringify(content));
    await assert.rejects(readRecommender(folder), { code: 'RECOMMENDER_INVALID', message });
  }
  await writeFile(path, whole.slice(0, -20));
  await assert.rejects(readRecommender(folder), { code: 'RECOMMENDER_INVALID', message: /not JSON/ });
  await writeFile(path, whole);
  await readRecommender(folder);
});

/** Writes a recommender anew, edits one of its files, and reads it back. */
async function readEdited(name: string, edit: (text: string) => string, record = (whole: object): object => whole) {
  await writeRecommender(folder, recommender(4));
  const recordPath = join(folder, 'softprompt.json');
  const whole = JSON.parse(await readFile(recordPath, 'utf8'));
  await writeFile(recordPath, JSON.stringify(record(whole)));
  const path = join(folder, name);
  await writeFile(path, edit(await readFile(path, 'utf8')));
  return readRecommender(folder);
}

const withoutHashes = ({ files: _, ...record }: { files?: object }) => record;

test('a file that is not the one it was written with is refused, and named', async () => {
  const edits: [name: string, edit: (text: string) => string][] = [
    ['users.jsonl', (text) => text.replace('"u1"\n', '')],
    ['users.jsonl', (text) => text.replace('"u1"', '"u9"')],
    ['users.jsonl', (text) => text.replace('"u0"\n"u1"', '"u1"\n"u0"')],
    ['items.jsonl', (text) => text.replace('"even"', '"odd"')],
    ['items.jsonl', (text) => text.split('\n').toSpliced(3, 1).join('\n')],
  ];
  for (const [name, edit] of edits) {
    const message = new RegExp(`: ${name.replace('.', '\\.')} is not what softprompt\\.json was written with`);
    await assert.rejects(readEdited(name, edit), { code: 'RECOMMENDER_INVALID', message });
  }
  for (const name of ['histories.safetensors', 'network.safetensors', 'users.jsonl']) {
    await writeRecommender(folder, recommender(5));
    const other = await readFile(join(folder, name));
    const different =
      name === 'users.jsonl' ? '"u0"\n"u1"\n"u3"\n' : Buffer.concat([other.subarray(0, -4), Buffer.of(1, 0, 0, 0)]);
    await writeFile(join(folder, name), different);
    await assert.rejects(readRecommender(folder), { code: 'RECOMMENDER_INVALID', message: new RegExp(name) });
    await rm(join(folder, name));
    await assert.rejects(readRecommender(folder), { code: 'RECOMMENDER_INVALID', message: new RegExp(name) });
  }
});

test('files of an older version, which has no hashes, are held to each other by what they count', async () => {
  await readEdited('users.jsonl', (text) => text, withoutHashes);
  const edits: [name: string, edit: (text: string) => string, message: RegExp][] = [
    ['users.jsonl', (text) => text.replace('"u1"\n', ''), /3 users with a history, but 2 users/],
    ['users.jsonl', (text) => `${text}"u3"\n`, /3 users with a history, but 4 users/],
    ['users.jsonl', (text) => text.replace('"u1"', '"u2"'), /two users of the same id/],
    ['users.jsonl', (text) => text.replace('"u1"', '7'), /the user in line 2 has no id/],
    ['items.jsonl', (text) => text.replace('["i3","odd"]\n', ''), /20 items in the network, but 19 items/],
    ['items.jsonl', (text) => text.replace('["i3","odd"]', '["i3"]'), /no value in the column 'parity' .* line 5/],
  ];
  for (const [name, edit, message] of edits) {
    await assert.rejects(readEdited(name, edit, withoutHashes), { code: 'RECOMMENDER_INVALID', message });
  }
  const saved = recommender(6);
  const { network } = saved.recommender;
  const { offsets, items } = saved.histories;
  const apart: [Partial<SavedRecommender>, RegExp][] = [
    [{ histories: { offsets, items: items.subarray(1) } }, /5 interactions in the histories, but 6 by their ends/],
    [{ histories: { offsets: Int32Array.of(0, 4, 2, 6), items } }, /histories whose ends are not in order/],
    [{ histories: { offsets, items: items.with(0, 20) } }, /histories of items that there are not/],
    [
      { recommender: { ...saved.recommender, network: { ...network, popularity: new Float32Array(19) } } },
      /19 counts of popularity, but 20 items/,
    ],
    [
      { recommender: { ...saved.recommender, network: { ...network, shape: { ...network.shape, layers: 2 } } } },
      /0 numbers in the weight .* by the shape of the network/,
    ],
  ];
  for (const [changes, message] of apart) {
    await writeRecommender(folder, { ...saved, ...changes });
    await assert.rejects(readRecommender(folder), { code: 'RECOMMENDER_INVALID', message });
  }
});
