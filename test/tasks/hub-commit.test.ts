import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openPrompt } from '../../src/tasks/open-prompt.js';
import type { TuneHooks } from '../../src/tasks/tune-events.js';
import { resumeTuning, tunePrompt } from '../../src/tasks/tune-prompt.js';
import { type FakeHub, startFakeHub } from '../fake-hub.js';
import { otherWeights, TINY_MODEL, wordTask, wordTaskFolder } from './word-task.js';

const [FIRST, SECOND] = ['1'.repeat(40), '2'.repeat(40)];
const folder = wordTaskFolder();
const filesOf = (model: string) =>
  Object.fromEntries(readdirSync(model).map((name) => [name, readFileSync(join(model, name))]));
const first = filesOf(TINY_MODEL);
const second = filesOf(otherWeights(join(folder, 'second')));
const freshCache = () => mkdtempSync(join(folder, 'hub-'));

let hub: FakeHub;
before(async () => {
  hub = await startFakeHub({ 'org/tiny': { commit: FIRST, files: first } });
});
after(async () => {
  await hub.close();
  rmSync(folder, { recursive: true });
});

const asking = (cacheFolder: string, offline = false): Pick<TuneHooks, 'hub'> => ({
  hub: { endpoint: hub.endpoint, cacheFolder, offline, patience: { delayMs: 1 } },
});
const options = (out: string) => ({ ...wordTask(folder, out), model: 'org/tiny', maxSteps: 2, baselines: false });
const main = (commit: string, files: typeof first, former?: Record<string, typeof first>) => {
  hub.repositories['org/tiny'] = { commit, files, ...(former && { former }) };
};
const record = (path: string) => JSON.parse(readFileSync(path, 'utf8'));

test('a prompt is opened on the commit that it was learned with, or says which other one it is opened on', async () => {
  const cache = freshCache();
  const out = join(folder, 'pinned');
  await tunePrompt({ ...options('pinned'), out }, asking(cache));
  const { baseModel } = record(join(out, 'softprompt.json'));
  assert.equal(baseModel.source, 'org/tiny');
  assert.deepEqual(baseModel.hub, { repository: 'org/tiny', commit: FIRST });
  const adapter = record(join(out, 'adapter_config.json'));
  assert.deepEqual([adapter.base_model_name_or_path, adapter.revision], ['org/tiny', FIRST]);

  main(SECOND, second, { [FIRST]: first });
  const open = async (cacheFolder: string, offline = false) => {
    const prompt = await openPrompt(out, asking(cacheFolder, offline));
    await prompt.task.network.release();
    return prompt;
  };
  const elsewhere = freshCache();
  const anew = await open(elsewhere);
  assert.deepEqual([anew.match, anew.modelNote], ['same', undefined]);
  assert.deepEqual(readdirSync(join(elsewhere, 'models--org--tiny', 'snapshots')), [FIRST]);
  hub.requests.length = 0;
  assert.equal((await open(elsewhere)).match, 'same');
  assert.deepEqual(hub.requests, [], 'a commit that is there needs no network');

  const newer = freshCache();
  const latest = await openPrompt(out, { ...asking(newer), model: 'org/tiny' });
  await latest.task.network.release();
  assert.equal(latest.match, 'other-weights', 'whoever names the model gets what they name');
  const offline = await open(newer, true);
  assert.equal(offline.match, 'other-weights');
  assert.match(offline.modelNote!, /commit 111111111111 of org\/tiny.*commit 222222222222 is used/);
  await assert.rejects(open(freshCache(), true), { code: 'HUB_OFFLINE', message: new RegExp(`org/tiny@${FIRST}`) });
  main(SECOND, second);
  await assert.rejects(open(freshCache()), { code: 'HUB_NOT_FOUND', message: /learned for.*--model/ });

  delete baseModel.hub;
  const path = join(out, 'softprompt.json');
  writeFileSync(path, JSON.stringify({ ...record(path), baseModel }));
  assert.equal((await open(newer)).match, 'other-weights', 'a folder written before opens as it did');
});

test('a run goes on with the commit that it began with', async () => {
  main(FIRST, first);
  const cache = freshCache();
  const out = join(folder, 'resumed');
  const stop = new AbortController();
  const hooks = {
    ...asking(cache),
    signal: stop.signal,
    onEvent: ({ event }: { event: string }) => event === 'step' && stop.abort(),
  };
  assert.equal((await tunePrompt({ ...options('resumed'), out, maxSteps: 9 }, hooks)).ended, 'interrupted');
  main(SECOND, second, { [FIRST]: first });
  assert.equal((await resumeTuning(out, asking(freshCache()))).ended, 'finished');
  assert.equal(record(join(out, 'softprompt.json')).baseModel.hub.commit, FIRST);
});
