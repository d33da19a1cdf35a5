import assert from 'node:assert/strict';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  evaluateRecommender,
  type FitEvent,
  fitRecommender,
  type RecommendOptions,
  resumeRecommender,
  weighWords,
} from '../../src/library/recommend.js';
import { readWords } from '../../src/recommend/folder/words-file.js';
import { TINY_MODEL } from '../tasks/word-task.js';
import { RING_ITEMS, writeWalks } from './ring-walks.js';

const folder = await mkdtemp(join(tmpdir(), 'softprompt-recommend-resuming-'));
after(() => rm(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

await writeWalks(at('walks.csv'));
const titles = Array.from({ length: RING_ITEMS }, (_, i) => `i${i},word ${String.fromCharCode(97 + i)}\n`);
await writeFile(at('items.csv'), `item_id,title\n${titles.join('')}`);
const options = (name: string, changes: Partial<RecommendOptions> = {}): RecommendOptions => ({
  ...{ interactions: at('walks.csv'), out: at(name), threads: 1 },
  network: { width: 8, layers: 1, maxLength: 8, batchSize: 32, epochs: 3, patience: Infinity, learningRate: 0.01 },
  ...changes,
});

/** Fits, and interrupts after the first event of the kind. */
async function interrupted(chosen: RecommendOptions, after: (event: FitEvent) => boolean) {
  const stop = new AbortController();
  const hooks = { signal: stop.signal, onEvent: (event: FitEvent) => after(event) && stop.abort() };
  const result = await fitRecommender(chosen, hooks);
  assert.equal(result.ended, 'interrupted');
}
const afterEpoch = ({ event }: FitEvent) => event === 'epoch';

test('a fit does not go on with other interactions or other texts', async () => {
  const texts = { items: at('changing.csv'), model: TINY_MODEL, itemTemplate: '{title}', textWidth: 4 };
  const rows = await readFile(at('walks.csv'), 'utf8');
  await writeFile(at('changing-walks.csv'), rows);
  await writeFile(texts.items, await readFile(at('items.csv')));
  await interrupted(options('changed', { ...texts, interactions: at('changing-walks.csv') }), afterEpoch);

  await writeFile(at('changing-walks.csv'), rows.replace(/,i1,/, ',i2,'));
  await assert.rejects(resumeRecommender(at('changed')), { code: 'RUN_DATA_CHANGED' });
  await writeFile(at('changing-walks.csv'), rows);
  await writeFile(texts.items, (await readFile(at('items.csv'), 'utf8')).replace('word c', 'words c'));
  await assert.rejects(resumeRecommender(at('changed')), { code: 'RUN_DATA_CHANGED' });
  await writeFile(texts.items, await readFile(at('items.csv')));
  assert.equal((await resumeRecommender(at('changed'))).ended, 'finished');
});

test('Ctrl-C after training stops as well, and nothing is trained twice', async () => {
  const chosen = options('late', { baselines: true });
  await interrupted(chosen, ({ event }) => event === 'mixture');
  assert.ok(!existsSync(join(chosen.out, 'softprompt.json')));
  const events: FitEvent[] = [];
  const stop = new AbortController();
  const onEvent = (event: FitEvent) => {
    events.push(event);
    if (event.event === 'stage' && event.text.includes('popularity')) stop.abort();
  };
  assert.equal((await resumeRecommender(chosen.out, { onEvent, signal: stop.signal })).ended, 'interrupted');
  const { ended, baselines } = await resumeRecommender(chosen.out, { onEvent });
  assert.equal(ended, 'finished');
  assert.ok(baselines!.some(({ name }) => name === 'SASRec on ids'));
  const own = events.filter((event) => event.event === 'epoch' && event.network === 'ids');
  assert.deepEqual(own, [], 'the three epochs were kept');
});

test('a folder that cannot be written is an error with a remedy, at the start and in training', async () => {
  const code = 'PROMPT_FOLDER_UNWRITABLE';
  await assert.rejects(fitRecommender(options('walks.csv/inside')), { code });
  const chosen = options('full');
  const block = ({ event }: FitEvent) => {
    if (event !== 'epoch') return;
    rmSync(join(chosen.out, 'training'), { recursive: true });
    writeFileSync(join(chosen.out, 'training'), 'a file where the folder should be');
  };
  await assert.rejects(fitRecommender(chosen, { onEvent: block }), { code, message: /softprompt resume/ });
});

test('resumed and evaluated from another folder, with the paths that were given in the first', async () => {
  const here = process.cwd();
  process.chdir(folder);
  try {
    await interrupted(options('moved', { interactions: 'walks.csv', out: 'moved' }), afterEpoch);
    process.chdir(tmpdir());
    const resumed = await resumeRecommender(at('moved'));
    assert.equal(resumed.epochs, 3, 'endless patience is kept');
    assert.deepEqual((await evaluateRecommender(at('moved'))).test, resumed.test);
  } finally {
    process.chdir(here);
  }
});

test('a weight of titles that was chosen while baselines were still to come stays when they are measured', async () => {
  const chosen = options('weighed', { baselines: true, items: at('items.csv') });
  await interrupted(chosen, (event) => event.event === 'stage' && event.text.includes('popularity'));
  const weighed = await weighWords(chosen.out, { wordsModel: TINY_MODEL, validUsers: 2, rerankTop: 3 });
  const resumed = await resumeRecommender(chosen.out);
  assert.equal(resumed.ended, 'finished');
  assert.deepEqual(await readWords(chosen.out), weighed);
  assert.ok(!existsSync(join(chosen.out, 'training')), 'what a fit needs to go on goes when it has ended');
  await assert.rejects(resumeRecommender(chosen.out), { code: 'RUN_NOT_FOUND', message: /nothing to go on with/ });
  assert.equal((await evaluateRecommender(chosen.out, { baselines: true, threads: 1 })).ended, 'finished');
  assert.ok(!existsSync(join(chosen.out, 'training')), 'nor do measured baselines leave any');
});
