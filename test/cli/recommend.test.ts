import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { writeRecommender } from '../../src/recommend/folder/recommender-folder.js';
import { randomRecommender } from '../recommend/random-recommender.js';
import { writeStyles } from '../tasks/style-task.js';
import { type Ended, jsonEvents, type SpawnOptions, softprompt } from './spawn-softprompt.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-recommend-cli-'));
after(() => rmSync(folder, { recursive: true }));
const recommend = (args: string[], options: SpawnOptions = {}) =>
  softprompt(['recommend', ...args, '--threads', '1'], { cwd: folder, ...options });
const succeeded = (ended: Ended) => {
  assert.deepEqual([ended.code, ended.stderr], [0, '']);
  return ended;
};
const resultOf = (ended: Ended) => jsonEvents(succeeded(ended)).at(-1)!;

const NETWORK = ['--epochs', '5', '--width', '8', '--max-history', '8', '--batch-size', '16', '--lr', '0.01'];
before(async () => {
  await writeStyles(folder);
  const files = ['--interactions', 'styles.csv', '--items', 'styles-items.csv'];
  const fitted = succeeded(await recommend(['fit', ...files, ...NETWORK, '--out', 'styles', '--baselines']));
  assert.match(fitted.stdout, /^popularity( +0\.\d{4}){7}$/m);
  assert.match(fitted.stdout, /^NDCG@10 against EASE +[+−]0\.\d{4} \[.*\], p = [01]\.\d{3}$/m);
});

test('for: filters, boosts, lists from files, notes', async () => {
  writeFileSync(join(folder, 'stock.txt'), 'a1\na2\nb3\nsold\n');
  const told = resultOf(
    await recommend([
      ...['for', 'styles', '--history', 'a4,zz,a5', '--skip-unknown', '--allow', 'stock.txt', '--deny', 'a2'],
      ...['--where', "style = 'light' OR year < 2004", '--boost', "style = 'dark':100", '--k', '2', '--json'],
    ]),
  );
  const items = (told.list as { item_id: string; score: number }[]).map(({ item_id }) => item_id);
  assert.deepEqual(items, ['b3', 'a1']);
  assert.equal((told.notes as string[]).length, 2);
  const said = succeeded(await recommend(['for', 'styles', '--history', '', '--k', '3', '--diversity', '0.5']));
  assert.match(said.stdout, /^Note {4}the history is empty: the list is what is popular\n {2}1\. a0/);
  const code = async (...args: string[]) => {
    const ended = await recommend(['for', 'styles', ...args, '--json']);
    assert.equal(ended.code, 1);
    return jsonEvents(ended).at(-1)?.code;
  };
  assert.equal(await code('--history', 'zz'), 'RECOMMEND_REQUEST');
  assert.equal(await code('--user', 'u1', '--where', 'colour = 2'), 'RECOMMEND_FILTER');
});

test('similar and audience', async () => {
  const similar = resultOf(
    await recommend(['similar', 'styles', 'a3', '--k', '4', '--where', "style = 'light'", '--json']),
  );
  assert.equal((similar.list as unknown[]).length, 4);
  const audience = ['audience', 'styles', 'a3', '--k', '2'];
  const said = succeeded(await recommend(audience));
  const { list: users } = resultOf(await recommend([...audience, '--json'])) as unknown as {
    list: { user_id: string }[];
  };
  assert.equal(users.length, 2);
  const [first, second] = users.map(({ user_id }) => user_id);
  assert.match(
    said.stdout,
    new RegExp(`^ {2}1\\. ${first} {2}\\(\\d+(?:\\.\\d)? times the average\\)\\n {2}2\\. ${second} `),
  );
});

test('lists have one shape in every command, the keys of the files of batch among them', async () => {
  const keys = async (...args: string[]) => {
    const { list } = resultOf(await recommend([...args, '--json'])) as unknown as { list: Record<string, unknown>[] };
    assert.deepEqual(
      list.map(({ rank }) => rank),
      list.map((_, i) => i + 1),
    );
    const because = list.flatMap((entry) => (entry.because as object[] | undefined) ?? []);
    assert.ok(because.every((reason) => Object.keys(reason).join() === 'item_id,weight'));
    return Object.keys(list[0]!).join();
  };
  const shared = 'rank,item_id,score,attributes';
  assert.equal(await keys('for', 'styles', '--history', 'a4,a5'), shared);
  assert.equal(await keys('for', 'styles', '--history', 'a4,a5', '--explain'), `${shared},because`);
  assert.equal(await keys('similar', 'styles', 'a3'), shared);
  assert.equal(await keys('audience', 'styles', 'a3'), 'rank,user_id,score');
  succeeded(await recommend(['batch', 'styles', '--out', 'shape.jsonl', '--k', '1']));
  const [row] = readFileSync(join(folder, 'shape.jsonl'), 'utf8').split('\n');
  assert.equal(Object.keys(JSON.parse(row!)).join(), 'user_id,rank,item_id,score,title');
});

test('evaluate: one table for people, everything for programs', async () => {
  const said = succeeded(await recommend(['evaluate', 'styles', '--against', 'styles']));
  assert.match(said.stdout, /^history ranked too( +\d\.\d{4}){7}$/m);
  assert.match(said.stdout, /^NDCG@10 against styles +\+0\.0000 \[\+0\.0000, \+0\.0000\], p = 1\.000$/m);
  assert.match(said.stdout, /^popular +\d+( +\d\.\d{4}){3} +\[\d\.\d{4}, \d\.\d{4}\]$/m);
  const told = resultOf(await recommend(['evaluate', 'styles', '--baselines', '--json']));
  assert.equal((told.models as unknown[]).length, 10);
  assert.ok((told.test as Record<string, number>)['map@10']! > 0);
});

test('batch: Ctrl-C ends with 130, the same command goes on to the same file', async () => {
  const sizes = { items: 300, users: 6000, width: 8, historyLength: 5, maxLength: 5 };
  await writeRecommender(join(folder, 'random'), randomRecommender(sizes));
  const batch = (out: string, options: SpawnOptions = {}) =>
    recommend(['batch', 'random', '--out', out, '--k', '3', '--where', "parity = 'even'", '--json'], options);
  const whole = resultOf(await batch('whole.jsonl'));
  assert.equal(whole.users, 6000);
  const stopped = await batch('parts.jsonl', {
    onLine: (line, child) => JSON.parse(line).event === 'progress' && !child.killed && child.kill('SIGINT'),
  });
  assert.equal(stopped.code, 130);
  const { ended, users } = jsonEvents(stopped).at(-1)! as unknown as { ended: string; users: number };
  assert.equal(ended, 'interrupted');
  assert.ok(users > 0 && users < 6000 && !existsSync(join(folder, 'parts.jsonl')));
  const resumed = resultOf(await batch('parts.jsonl'));
  assert.equal(resumed.resumed_after, users);
  const content = (name: string) => readFileSync(join(folder, name), 'utf8');
  assert.equal(content('parts.jsonl'), content('whole.jsonl'));
  assert.equal(content('whole.jsonl').split('\n').length, 18_001);
  assert.deepEqual(Object.keys(JSON.parse(content('whole.jsonl').split('\n')[0]!)), [
    'user_id',
    'rank',
    'item_id',
    'score',
  ]);
  const again = jsonEvents(await batch('whole.jsonl')).at(-1)!;
  assert.equal(again.code, 'DATA_OUTPUT_EXISTS');
  const few = succeeded(await recommend(['batch', 'random', '--out', 'few.csv', '--only-users', 'u7,u9', '--k', '1']));
  assert.match(few.stdout, /^Wrote {3}few\.csv: the lists of 2 users/m);
});
