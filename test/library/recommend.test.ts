import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { recommend } from 'softprompt';
import { open } from 'softprompt/recommend';
import { writeStyles } from '../tasks/style-task.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-door-recommend-'));
after(() => rmSync(folder, { recursive: true }));
const options = { refit: false, seed: 0, threads: 1, network: { epochs: 2, width: 8 } };

test('rows in memory and files give the same recommender, which answers, is measured, saved and opened', async () => {
  const files = await writeStyles(folder);
  const [header, ...lines] = readFileSync(files.interactions, 'utf8').trim().split('\n');
  const columns = header!.split(',');
  const rows = lines.map((line) => Object.fromEntries(line.split(',').map((value, i) => [columns[i]!, value])));
  const events: string[] = [];
  const fromRows = await recommend.fit(rows, {
    ...options,
    items: files.items,
    onEvent: ({ event }) => events.push(event),
  });
  const fromFiles = await recommend.fit(files.interactions, { ...options, items: files.items });
  assert.ok(events.includes('epoch') && events.includes('data'));
  assert.deepEqual(fromRows.report!.test, fromFiles.report!.test);

  const best = await fromRows.recommend({ user: 'u1' }, { k: 3, where: "style = 'dark'" });
  assert.equal(best.length, 3);
  assert.ok(best.every(({ attributes }) => attributes.style === 'dark'));
  assert.deepEqual(await fromFiles.recommend({ user: 'u1' }, { k: 3, where: "style = 'dark'" }), best);
  const history = await fromRows.recommend({ history: ['a1', 'a2'] }, { k: 5 });
  assert.ok(history.every(({ item }) => item !== 'a1' && item !== 'a2'));
  assert.equal((await fromRows.similar('b1', { k: 2 })).length, 2);
  assert.equal((await fromRows.audience('b1', { k: 2 })).length, 2);
  assert.deepEqual((await fromRows.evaluate()).test, fromRows.report!.test);

  await fromRows.save(join(folder, 'shop'));
  await assert.rejects(fromRows.save(join(folder, 'shop')), { code: 'PROMPT_FOLDER_EXISTS' });
  await fromRows.close();
  await assert.rejects(fromRows.recommend({ user: 'u1' }), { code: 'CLOSED' });
  const opened = await open(join(folder, 'shop'));
  assert.deepEqual(await opened.recommend({ user: 'u1' }, { k: 3, where: "style = 'dark'" }), best);
  assert.deepEqual((await opened.evaluate({ interactions: files.interactions })).test, fromFiles.report!.test);
  await opened.close();
  await fromFiles.close();
});

test('a signal ends a fit with its reason', async () => {
  const { interactions } = await writeStyles(folder);
  const abort = new AbortController();
  const reason = new Error('enough');
  const fitting = recommend.fit(interactions, {
    ...options,
    signal: abort.signal,
    onEvent: ({ event }) => event === 'epoch' && abort.abort(reason),
  });
  await assert.rejects(fitting, reason);
});
