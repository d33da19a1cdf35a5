import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import type { ErrorCode, SoftpromptError } from '../src/errors.js';
import type { DataSet } from '../src/hub/data-sets/data-set.js';
import { dataSetNamed } from '../src/hub/data-sets/data-sets.js';
import { type FetchHooks, fetchData } from '../src/hub/data-sets/fetch-data.js';
import { describeData } from '../src/recommend/preparation/describe-data.js';
import { jsonEvents, softprompt } from './cli/spawn-softprompt.js';
import { makeZip } from './make-zip.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-fetch-'));
const at = (...names: string[]) => join(folder, ...names);
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex');
const hooks: FetchHooks = { patience: { delayMs: 1, attempts: 3, stallMs: 2000 } };

/** What the publisher has, by path. */
const files = new Map<string, Uint8Array | string>();
const requests: { readonly url: string; readonly range: string | undefined; readonly authorization?: string }[] = [];
let fault: (request: IncomingMessage, response: ServerResponse) => boolean = () => false;
const server = createServer((request, response) => {
  const { url = '', headers } = request;
  requests.push({ url, range: headers.range, ...(headers.authorization && { authorization: headers.authorization }) });
  if (fault(request, response)) return;
  const content = files.get(url);
  if (content === undefined) return void response.writeHead(404).end();
  const bytes = Buffer.from(content);
  const start = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
  if (start >= bytes.length) {
    return void response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
  }
  response.writeHead(start > 0 ? 206 : 200, {
    'content-length': bytes.length - start,
    ...(start > 0 ? { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` } : {}),
  });
  response.end(bytes.subarray(start));
});
let endpoint: string;
/** Where nobody listens. */
let closed: string;
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpoint = addressOf(server);
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  closed = addressOf(other);
  await new Promise((resolve) => other.close(resolve));
});
const addressOf = (of: Server) => `http://127.0.0.1:${(of.address() as AddressInfo).port}`;
after(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  files.clear();
  requests.length = 0;
  fault = () => false;
});

/** Offers a zip as that of a set, whose digest becomes the zip's. */
function publish(name: string, zip: Uint8Array): DataSet {
  const set = dataSetNamed(name);
  files.set(new URL(set.url).pathname, zip);
  return { ...set, md5: md5(zip) };
}
const rejects = (promise: Promise<unknown>, code: ErrorCode, words: RegExp) =>
  assert.rejects(promise, (error: SoftpromptError) => {
    assert.equal(error.code, code, error.stack);
    assert.match(error.message, words);
    return true;
  });

const latin = (text: string) => Buffer.from(text, 'latin1');
const flags = (...genres: number[]) => Array.from({ length: 3 }, (_, i) => Number(genres.includes(i))).join('|');
const ML_100K = makeZip({
  'ml-100k/README': 'a file that nobody asks for',
  'ml-100k/u.data': '1\t2\t5\t881250949\n2\t1\t3\t881250950\n1\t1\t4\t881250951\n',
  'ml-100k/u.genre': 'unknown|0\nAction|1\nComedy|2\n\n',
  'ml-100k/u.item': latin(
    `1|Misérables, Les (1995)|01-Jan-1995||http://x|${flags(1, 2)}\n2|"Quoted", a tale (1996)|||http://y|${flags()}\n`,
  ),
  'ml-100k/u.user': '1|24|M|technician|85711\n2|53|F|other|94043\n',
});

test('MovieLens 100K becomes plain tables, its source and terms beside them; nothing is left over', async () => {
  const set = publish('ml-100k', ML_100K);
  const progress: number[] = [];
  const out = at('ml-100k');
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  const left = join(out, `.unpacked.${pid}.0badcafe.tmp`);
  mkdirSync(join(left, 'ml-100k'), { recursive: true });
  utimesSync(left, 1, 1);
  const result = await fetchData(set, { out, endpoint }, { ...hooks, onProgress: (bytes) => progress.push(bytes) });
  assert.deepEqual(
    result.files.map(({ path, rows }) => [path, rows]),
    [
      [join(out, 'interactions.csv'), 3],
      [join(out, 'items.csv'), 2],
      [join(out, 'users.csv'), 2],
    ],
  );
  const read = (name: string) => readFileSync(join(out, name), 'utf8');
  assert.equal(
    read('interactions.csv'),
    'user_id,item_id,rating,timestamp\n1,2,5,881250949\n2,1,3,881250950\n1,1,4,881250951\n',
  );
  assert.equal(
    read('items.csv'),
    'item_id,title,year,genres\n1,"Misérables, Les",1995,"Action, Comedy"\n2,"""Quoted"", a tale",1996,\n',
  );
  assert.equal(read('users.csv'), 'user_id,age,gender,occupation,zip\n1,24,M,technician,85711\n2,53,F,other,94043\n');
  assert.match(read('SOURCE.md'), /files\.grouplens\.org.*no redistribution.*Harper/s);
  assert.deepEqual(readdirSync(out).sort(), ['SOURCE.md', 'interactions.csv', 'items.csv', 'ml-100k.zip', 'users.csv']);
  assert.equal(progress.at(-1), ML_100K.length);
  const described = await describeData({
    ...{ interactions: join(out, 'interactions.csv'), items: join(out, 'items.csv'), users: join(out, 'users.csv') },
  });
  assert.match(JSON.stringify(described), /"interactions":3|"rows":3/);

  await rejects(fetchData(set, { out, endpoint }, hooks), 'DATA_OUTPUT_EXISTS', /SOURCE\.md/);
  rmSync(join(out, 'SOURCE.md'));
  await rejects(fetchData(set, { out, endpoint }, hooks), 'DATA_OUTPUT_EXISTS', /interactions\.csv/);
  requests.length = 0;
  await fetchData(set, { out, endpoint, overwrite: true }, hooks);
  assert.deepEqual(requests, [], 'the zip that lies there is taken');
});

test('MovieLens 1M: codes of people are written out', async () => {
  const zip = makeZip({
    'ml-1m/ratings.dat': '1::10::5::978300760\n2::10::1::978300761\n',
    'ml-1m/movies.dat': latin("10::Café: the 3::1 film (2000)::Animation|Children's\n"),
    'ml-1m/users.dat': '1::F::1::10::48067\n2::M::56::16::70072\n',
  });
  const titled = makeZip({
    'ml-1m/ratings.dat': '1::10::5::978300760\n2::10::1::978300761\n',
    'ml-1m/movies.dat': latin("10::Café (2000)::Animation|Children's\n"),
    'ml-1m/users.dat': '1::F::1::10::48067\n2::M::56::16::70072\n',
  });
  const out = at('ml-1m');
  await fetchData(publish('ml-1m', titled), { out, endpoint }, hooks);
  assert.equal(
    readFileSync(join(out, 'items.csv'), 'utf8'),
    'item_id,title,year,genres\n10,Café,2000,"Animation, Children\'s"\n',
  );
  assert.equal(
    readFileSync(join(out, 'users.csv'), 'utf8'),
    'user_id,gender,age,occupation,zip\n1,F,under 18,K-12 student,48067\n2,M,56 or older,self-employed,70072\n',
  );
  // a row that cannot be read is an error of the data, and leaves no half-made set behind
  await rejects(fetchData(publish('ml-1m', zip), { out: at('torn'), endpoint }, hooks), 'DATA_ROW_RAGGED', /:1/);
  assert.deepEqual(readdirSync(at('torn')), ['ml-1m.zip']);
});

test('sentences with labels, in an order that is always the same', async () => {
  const lines = (word: string) => Array.from({ length: 30 }, (_, i) => `a ${word} film , number ${i} \n`).join('');
  const zip = makeZip({
    'sentence_polarity/rt-polarity.pos': lines('good'),
    'sentence_polarity/rt-polarity.neg': lines('bad'),
  });
  const set = publish('sentence-polarity', zip);
  const [first, second] = [at('polarity'), at('again')];
  for (const out of [first, second]) await fetchData(set, { out, endpoint }, hooks);
  for (const name of ['train.csv', 'test.csv']) {
    const rows = readFileSync(join(first, name), 'utf8').trim().split('\n');
    assert.equal(rows[0], 'text,label');
    assert.equal(rows.length, 31);
    assert.ok(rows.slice(1).every((row) => /^"a (good|bad) film , number \d+",(positive|negative)$/.test(row)));
    assert.ok(rows.slice(1).every((row) => row.includes('good') === row.endsWith('positive')));
    assert.ok(rows.some((row) => row.includes('good')) && rows.some((row) => row.includes('bad')));
    assert.equal(readFileSync(join(second, name), 'utf8'), readFileSync(join(first, name), 'utf8'));
  }
});

test('a wrong checksum: nothing is kept; a partial file of another version is thrown away first', async () => {
  const set = publish('ml-100k', ML_100K);
  const out = at('wrong');
  await rejects(
    fetchData({ ...set, md5: md5(latin('other')) }, { out, endpoint }, hooks),
    'DATA_SET_CHECKSUM',
    /came with the MD5 [0-9a-f]{32}.*Nothing was kept/,
  );
  assert.deepEqual(readdirSync(out), []);
  writeFileSync(join(out, 'ml-100k.zip.part'), 'something else of an older version');
  await fetchData(set, { out, endpoint }, hooks);
  assert.ok(existsSync(join(out, 'SOURCE.md')));
  assert.deepEqual(
    requests.slice(-2).map(({ range }) => range),
    ['bytes=34-', undefined],
  );
});

test('cut off, it goes on where it ended; interrupted, the next command does', async () => {
  const set = publish('ml-100k', ML_100K);
  const half = ML_100K.length >> 1;
  let cut = () => {};
  fault = ({ headers }, response) => {
    if (headers.range !== undefined) return false;
    response.writeHead(200, { 'content-length': ML_100K.length });
    response.write(ML_100K.subarray(0, half));
    cut = () => response.destroy();
    return true;
  };
  await fetchData(set, { out: at('cut'), endpoint }, { ...hooks, onProgress: () => cut() });
  assert.deepEqual(
    requests.map(({ range }) => range),
    [undefined, `bytes=${half}-`],
  );

  const abort = new AbortController();
  fault = (_, response) => {
    response.writeHead(200, { 'content-length': ML_100K.length });
    response.write(ML_100K.subarray(0, half));
    return true;
  };
  const stopped = fetchData(
    set,
    { out: at('stopped'), endpoint },
    { ...hooks, signal: abort.signal, onProgress: () => abort.abort() },
  );
  await assert.rejects(stopped, (error) => error === abort.signal.reason);
  fault = () => false;
  requests.length = 0;
  await fetchData(set, { out: at('stopped'), endpoint }, hooks);
  assert.deepEqual(
    requests.map(({ range }) => range),
    [`bytes=${half}-`],
  );
});

test('a part that is whole already needs no more than the word of the publisher that nothing follows', async () => {
  const set = publish('ml-100k', ML_100K);
  const out = at('whole');
  mkdirSync(out);
  writeFileSync(join(out, 'ml-100k.zip.part'), ML_100K);
  await fetchData(set, { out, endpoint }, hooks);
  assert.deepEqual(
    requests.map(({ range }) => range),
    [`bytes=${ML_100K.length}-`],
  );
  assert.ok(existsSync(join(out, 'SOURCE.md')));
});

test('unreachable, missing, failing: what could not be reached, and what to do instead', async () => {
  const set = publish('ml-100k', ML_100K);
  files.clear();
  const out = at('nowhere');
  const advice =
    /--endpoint.*download https:\/\/files\.grouplens\.org\S+ elsewhere, put it at \S+nowhere.ml-100k\.zip.*softprompt start/;
  await rejects(fetchData(set, { out, endpoint }, hooks), 'DATA_SET_UNREACHABLE', /answered 404/);
  await rejects(fetchData(set, { out, endpoint }, hooks), 'DATA_SET_UNREACHABLE', advice);
  await rejects(
    fetchData(set, { out, endpoint: closed }, hooks),
    'DATA_SET_UNREACHABLE',
    /127\.0\.0\.1:\d+ cannot be reached/,
  );
  await rejects(fetchData(set, { out, endpoint: 'mirror' }, hooks), 'DATA_SET_UNREACHABLE', /no web address/);
  requests.length = 0;
  fault = (_, response) => {
    response.writeHead(503).end();
    return true;
  };
  await rejects(fetchData(set, { out, endpoint }, hooks), 'DATA_SET_UNREACHABLE', /503/);
  assert.equal(requests.length, 3);
  // brought by hand, it needs no network
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, 'ml-100k.zip'), ML_100K);
  assert.equal((await fetchData(set, { out, endpoint: closed }, hooks)).files.length, 3);
  writeFileSync(join(out, 'ml-100k.zip'), 'not it');
  await rejects(fetchData(set, { out, endpoint: closed, overwrite: true }, hooks), 'DATA_SET_CHECKSUM', /Remove it/);
  writeFileSync(at('a file'), '');
  await rejects(fetchData(set, { out: at('a file', 'x'), endpoint }, hooks), 'DATA_UNWRITABLE', /--out/);
});

test('a zip that lacks a file, is none, or has names that lead elsewhere is refused', async () => {
  const bad: Record<string, Buffer> = {
    'has no ml-100k/u.item': makeZip({ 'ml-100k/u.data': '1\t2\t5\t881250949\n' }),
    'cannot be unpacked': Buffer.from('this is no zip, however long it may be, and it goes on'),
    'invalid relative path': makeZip({ '../../evil.txt': 'evil', 'ml-100k/u.data': '1\t2\t5\t881250949\n' }),
    'absolute path': makeZip({ '/tmp/evil.txt': 'evil' }),
  };
  for (const [words, zip] of Object.entries(bad)) {
    const out = at(`bad ${words.slice(0, 10).replace('/', '')}`);
    await rejects(fetchData(publish('ml-100k', zip), { out, endpoint }, hooks), 'DATA_SET_INVALID', new RegExp(words));
    assert.deepEqual(readdirSync(out), ['ml-100k.zip']);
  }
  assert.ok(!existsSync(at('evil.txt')) && !existsSync(join(folder, '..', 'evil.txt')));
});

const SMALL = makeZip({
  'ml-latest-small/ratings.csv':
    'userId,movieId,rating,timestamp\n1,1,4.5,964982703\n1,3,4.0,964981247\n2,1,0.5,964981248\n',
  'ml-latest-small/movies.csv':
    'movieId,title,genres\n1,"Toy Story (1995)",Adventure|Animation\n3,"Grumpier, Old",(no genres listed)\n',
});

test('the command line: the digest that the publisher lays beside the zip, the next command, JSON, the list', async () => {
  const path = '/datasets/movielens/ml-latest-small.zip';
  files.set(path, SMALL);
  files.set(`${path}.md5`, `MD5 (ml-latest-small.zip) = ${md5(SMALL)}\n`);
  const fetch = (...more: string[]) => softprompt(['data', 'fetch', ...more], { cwd: folder });
  const { code, stdout, stderr } = await fetch('ml-latest-small', '--endpoint', endpoint);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^Wrote {3}ml-latest-small.items\.csv: 2 rows of item_id, title, year, genres$/m);
  assert.match(
    stdout,
    /^Terms {3}.*^Cite {4}.*^Try:\n {2}npx softprompt recommend fit --interactions ml-latest-small\//ms,
  );
  assert.equal(
    readFileSync(at('ml-latest-small', 'items.csv'), 'utf8'),
    'item_id,title,year,genres\n1,Toy Story,1995,"Adventure, Animation"\n3,"Grumpier, Old",,\n',
  );
  assert.ok(requests.every(({ authorization }) => authorization === undefined));

  files.set(`${path}.md5`, `${md5(latin('another'))}  ml-latest-small.zip\n`);
  const wrong = await fetch('ml-latest-small', '--endpoint', endpoint, '--out', 'x', '--json');
  assert.equal(wrong.code, 1);
  assert.equal(jsonEvents(wrong).at(-1)!.code, 'DATA_SET_CHECKSUM');

  const listed = await fetch('--list');
  assert.match(listed.stdout, /^ml-100k +5 MiB {2}100,000 ratings/m);
  const unknown = await fetch('ml-2m');
  assert.match(unknown.stderr, /^DATA_SET_UNKNOWN: .*ml-1m/);
  assert.match((await fetch()).stderr, /^FLAG_MISSING: /);
});

test('a zip brought by hand whose digest cannot be fetched is taken, and the report says so', async () => {
  const out = at('by-hand');
  mkdirSync(out);
  writeFileSync(join(out, 'ml-latest-small.zip'), SMALL);
  const notes: string[] = [];
  const quiet = { ...hooks, onNote: (text: string) => notes.push(text) };
  const result = await fetchData(dataSetNamed('ml-latest-small'), { out, endpoint: closed }, quiet);
  assert.equal(result.files.length, 2);
  assert.match(notes.join(), /taken as it is/);
});
