/** A newcomer's first day, from the CSV of Excel to a forgotten customer; `bench/newcomers-walk.ts` has the times of a larger shop. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { newcomersWalk, SHOP } from './newcomers-walk.js';

const folder = await mkdtemp(join(tmpdir(), 'softprompt-walk-'));
after(() => rm(folder, { recursive: true, force: true }));

test('from a CSV in GB18030 to recommendations with reasons, an update, a report and a forgotten customer', async () => {
  const steps = await newcomersWalk(folder, { customers: 90, goods: 60 });
  const said = (what: string) => steps.find((step) => step.what === what)!.stdout;
  assert.match(said('fit'), /--encoding gb18030/, 'what was inferred is said');
  assert.match(said('fit'), /Of 90 people, \d+ found their next choice among 10 suggestions \(popularity \d+/);
  assert.match(said('recommendations with reasons'), /号.*\n[\s\S]*号/, 'titles, and reasons by their titles');
  assert.match(said('update'), /\d+ new interactions of 33/);
  assert.match(said('update'), /1 new user, 4 new items/);
  const lists = (await readFile(join(folder, 'lists.csv'), 'utf8')).trim().split('\n');
  assert.equal(lists[0], 'user_id,rank,item_id,score,title');
  assert.equal(lists.length, 1 + 5 * 91);
  assert.match(lists[1]!, /号$/);
  assert.match(said('a customer forgotten'), /Forgotten: 1 person/);
  for (const name of (await readdir(join(folder, SHOP))).filter((file) => file.endsWith('.jsonl'))) {
    const lines = (await readFile(join(folder, SHOP, name), 'utf8')).split('\n').filter(Boolean);
    assert.ok(
      !lines.some((line) => [line, ...Object.values(JSON.parse(line))].includes('客户7') || line === '"客户7"'),
      name,
    );
  }
});
