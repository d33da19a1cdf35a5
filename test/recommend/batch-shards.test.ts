import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parse } from 'yaml';
import { readTable } from '../../src/data/read-table.js';
import { type BatchOptions, openRecommender, recommendBatch } from '../../src/library/recommend.js';
import { writeRecommender } from '../../src/recommend/folder/recommender-folder.js';
import { softprompt } from '../cli/spawn-softprompt.js';
import { randomRecommender } from './random-recommender.js';

const folder = await mkdtemp(join(tmpdir(), 'softprompt-shards-'));
const USERS = 1200;
const shape = { items: 300, users: USERS, width: 8, historyLength: 6, maxLength: 5 };
await writeRecommender(join(folder, 'random'), randomRecommender(shape));
const open = await openRecommender(join(folder, 'random'), { threads: 1 });
after(async () => {
  await open.close();
  await rm(folder, { recursive: true });
});
const at = (name: string) => join(folder, name);
const manifest = (name: string) => JSON.parse(readFileSync(at(`${name}.manifest.json`), 'utf8'));

test('parts hold together what one file holds, whoever makes them in whichever order', async () => {
  const whole = at('whole.csv');
  await recommendBatch(open, { out: whole, k: 3 });
  for (const index of [2, 3, 1]) {
    const { ended, users, files } = await recommendBatch(open, {
      out: at('parts.csv'),
      k: 3,
      shard: { index, count: 3 },
    });
    assert.deepEqual([ended, users, files], ['finished', 400, [at(`parts-0000${index}-of-00003.csv`)]]);
    assert.equal(manifest('parts').complete, index === 1);
  }
  const { shards, missing } = manifest('parts');
  assert.deepEqual(missing, []);
  const lines = (path: string) => readFileSync(path, 'utf8').trim().split('\n');
  const texts = shards.map(({ file }: { file: string }) => lines(at(file)));
  assert.deepEqual([texts[0][0], ...texts.flatMap((own: string[]) => own.slice(1))], lines(whole));
  for (const { file, sha256, answered } of shards) {
    assert.equal(
      sha256,
      createHash('sha256')
        .update(readFileSync(at(file)))
        .digest('hex'),
    );
    assert.equal(answered, 400);
  }
});

test('an interrupted batch in parts goes on with the part that it was at, and answers none twice', async () => {
  const options: BatchOptions = { out: at('cut.parquet'), k: 3, shards: 2 };
  const stop = new AbortController();
  const first = await recommendBatch(open, options, {
    signal: stop.signal,
    onProgress: (done) => done >= 600 && stop.abort(),
  });
  assert.equal(first.ended, 'interrupted');
  assert.deepEqual(first.files, [at('cut-00001-of-00002.parquet')]);
  assert.ok(!existsSync(at('cut-00002-of-00002.parquet')), 'a part is whole or not there');
  assert.deepEqual(manifest('cut').missing, ['cut-00002-of-00002.parquet']);
  const second = await recommendBatch(open, options);
  assert.deepEqual([second.ended, second.users, second.resumedAfter], ['finished', USERS, first.users]);
  const again = await recommendBatch(open, options);
  assert.deepEqual([again.resumedAfter, again.users], [USERS, USERS]);
  const users = [];
  for (const { file } of manifest('cut').shards)
    for await (const { values } of readTable(at(file))) users.push(values.get('user_id'));
  assert.equal(users.length, 3 * USERS);
  assert.deepEqual([...new Set(users)], open.saved.users);
  assert.ok(readdirSync(folder).every((name) => !name.includes('unfinished')));
});

test('parts of another request are neither mixed in nor replaced unasked', async () => {
  const options: BatchOptions = { out: at('other.csv'), k: 3, shard: { index: 1, count: 2 } };
  await recommendBatch(open, options);
  await assert.rejects(recommendBatch(open, { ...options, k: 4 }), { code: 'DATA_OUTPUT_EXISTS' });
  await recommendBatch(open, { ...options, k: 4, shard: { index: 2, count: 2 } });
  assert.equal(manifest('other').complete, false, 'two requests are no batch');
  await recommendBatch(open, { ...options, k: 4, overwrite: true });
  assert.equal(manifest('other').complete, true);
  // a part whose process died before it said that it was whole
  await rm(at('other-00001-of-00002.csv.shard.json'));
  await writeFile(at('other-00001-of-00002.csv'), 'half');
  await recommendBatch(open, { ...options, k: 4 });
  assert.ok(readFileSync(at('other-00001-of-00002.csv'), 'utf8').length > 1000);
});

test('the command line makes parts; deploy/ makes them on Kubernetes and with compose', async () => {
  const run = (...args: string[]) =>
    softprompt(['recommend', 'batch', 'random', '--out', 'cli.csv', '--k', '2', ...args], { cwd: folder });
  const both = await run('--shard', '1/2', '--shards', '2');
  assert.match(both.stderr, /--shards/);
  const wrong = await run('--shard', '3/2');
  assert.match(wrong.stderr, /--shard.*1\/8 to 8\/8/s);
  const ended = await run('--shards', '2');
  assert.deepEqual([ended.code, ended.stderr], [0, '']);
  assert.match(ended.stdout, /Wrote\s+2 files: the lists of 1200 users/);
  const job = parse(readFileSync('deploy/batch-job.yaml', 'utf8'));
  const { completions, completionMode, template } = job.spec;
  const [container] = template.spec.containers;
  assert.equal(completionMode, 'Indexed');
  assert.ok(container.args.join(' ').includes(`--shard $((JOB_COMPLETION_INDEX + 1))/${completions}`));
  const compose = parse(readFileSync('deploy/batch.compose.yaml', 'utf8'));
  const parts = Object.values(compose.services as Record<string, { command: string[] }>).map(
    ({ command }) => command[command.indexOf('--shard') + 1],
  );
  assert.deepEqual(parts, ['1/2', '2/2']);
});
