import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
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
