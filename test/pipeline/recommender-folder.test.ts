import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readRecommender, writeRecommender } from '../../src/artifact/recommender-folder.js';
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
  await assert.rejects(writeRecommender(folder, cutShort), { code: 'PROMPT_FOLDER_UNWRITABLE' });
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
