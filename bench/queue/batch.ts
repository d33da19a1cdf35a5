/**
 * Lists for 200,000 users by one worker and by two, each worker on a core of its own, beside the same shards by one process
 * without a queue; the same with 1 and 10 ms of delay on the way to the queue. What the queue itself can do, and from all of that
 * on paper: lists for 100 million users on 100 machines.
 *
 *   node scripts/with-redis.mjs node dist/bench/queue/batch.js WORK [--users 200000] [--items 2000] [--repeats 2]
 *
 * WORK is a folder for the recommender (made once, of generated interactions) and the lists. Needs two cores and taskset. This
 * machine's kernel has no netem: the delay is that of a proxy of ours, in each direction, so that a round trip takes twice as
 * long. Writes bench/results/queue-batch.json.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from '../../src/evaluation/percentile.js';
import { fitRecommender } from '../../src/library/recommend.js';
import { openQueue, openWorker } from '../../src/queue/bull.js';
import { copyVerified, streamOf } from '../../src/queue/content-store.js';
import { keptLines, machine, writeResult } from '../machine.js';
import { writeGenerated } from '../recommendation/scale/generated-interactions.js';
import { delayed } from './delayed.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    users: { type: 'string', default: '200000' },
    items: { type: 'string', default: '2000' },
    repeats: { type: 'string', default: '2' },
  },
});
const queue = process.env.SOFTPROMPT_TEST_QUEUE;
if (queue === undefined) throw new Error('run it by scripts/with-redis.mjs');
const work = resolve(positionals[0]!);
const USERS = Number(values.users);
const ITEMS = Number(values.items);
const SHARDS = 8;
const DELAYS = [1, 10];
const main = resolve('dist/src/cli/main.js');
const recommender = join(work, `recommender-${USERS}-${ITEMS}`);
const scratch = mkdtempSync(join(tmpdir(), 'softprompt-batch-'));

mkdirSync(work, { recursive: true });
if (!existsSync(join(recommender, 'softprompt.json'))) {
  const interactions = join(work, `${USERS}-${ITEMS}.csv`);
  await writeGenerated(interactions, { users: USERS, items: ITEMS, perUser: 10 });
  await fitRecommender({
    ...{ interactions, out: recommender, threads: 1, refit: false, text: 'never', validUsers: 1000, testUsers: 1000 },
    ...{ overwrite: true, network: { epochs: 1, epochUpdates: 50, width: 32, layers: 1, maxLength: 10 } },
  });
}

interface Ended {
  readonly seconds: number;
  /** What the parts took by themselves. */
  readonly parts: number;
  readonly bytes: number;
  readonly hash: string;
}

let number = 0;
const env = () => ({ ...process.env, SOFTPROMPT_STORE: join(scratch, `store-${number}`) });

function start(core: number, args: readonly string[], cache: string): ChildProcess {
  const command = [process.execPath, main, ...args, '--json', '--cache', join(scratch, cache)];
  return spawn('taskset', ['-c', String(core), ...command], { env: env(), stdio: ['ignore', 'pipe', 'inherit'] });
}

async function worker(core: number, url: string): Promise<ChildProcess> {
  const args = ['worker', '--queue', url, '--name', `core-${core}`];
  const child = start(core, args, `cache-${number}-${core}`);
  await new Promise<void>((ready) => {
    child.stdout!.on('data', (text: Buffer) => {
      if (String(text).includes('"ready"')) ready();
    });
  });
  await new Promise((later) => setTimeout(later, 4000)); // its second process has loaded by then
  return child;
}

/** @param core of the command */
async function batch(core: number, more: readonly string[]): Promise<Ended> {
  const out = join(scratch, `out-${number}`);
  mkdirSync(out);
  const args = ['recommend', 'batch', recommender, '--out', join(out, 'lists.parquet'), '--shards', String(SHARDS)];
  const started = performance.now();
  const child = start(core, [...args, '--threads', '1', ...more], 'cache');
  let text = '';
  child.stdout!.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const code = await new Promise((done) => child.once('close', done));
  const seconds = (performance.now() - started) / 1000;
  if (code !== 0) throw new Error(text.slice(-1000));
  const events = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string; seconds?: number });
  const parts = events.filter(({ event }) => event === 'part ended').reduce((sum, one) => sum + one.seconds!, 0);
  const files = readdirSync(out)
    .filter((name) => name.endsWith('.parquet'))
    .sort();
  if (files.length !== SHARDS) throw new Error(`${files.length} files`);
  const sum = createHash('sha256');
  for (const name of files) sum.update(readFileSync(join(out, name)));
  const bytes = files.reduce((all, name) => all + statSync(join(out, name)).size, 0);
  return { seconds, parts, bytes, hash: sum.digest('hex') };
}

/** A batch by workers on so many cores, on a queue that has forgotten all before. */
async function onQueue(workers: number, delay = 0): Promise<Ended> {
  number += 1;
  await forget();
  const url = delay > 0 ? await delayed(queue!, delay) : queue!;
  const children: ChildProcess[] = [];
  for (let core = 0; core < workers; core++) children.push(await worker(core, url));
  try {
    return await batch(1, ['--on', url]);
  } finally {
    for (const child of children) {
      const ended = new Promise((done) => child.once('exit', done));
      child.kill();
      await ended;
    }
  }
}

async function forget(): Promise<void> {
  const { Redis } = await import('ioredis');
  const client = new Redis(queue!);
  await client.flushall();
  client.disconnect();
}

/** Jobs a second that the queue takes and hands out, of jobs that do nothing. */
async function queueRates(delay: number) {
  await forget();
  const jobs = 400;
  const url = delay > 0 ? await delayed(queue!, delay) : queue!;
  const client = await openQueue(url);
  let ended = 0;
  let all = () => {};
  const finished = new Promise<void>((done) => {
    all = done;
  });
  let started = performance.now();
  await client.add(
    Array.from({ length: jobs }, (_, i) => ({ id: `nothing-${delay}-${i}`, title: 'x', data: {}, priority: 0 })),
  );
  const given = jobs / ((performance.now() - started) / 1000);
  const doJob = async () => {
    ended += 1;
    if (ended === jobs) all();
    return {};
  };
  started = performance.now();
  const worker = await openWorker(url, { name: 'x', lease: 10, doJob, onProblem: () => {} });
  await finished;
  const done = jobs / ((performance.now() - started) / 1000);
  await worker.close();
  await client.close();
  return { delayMs: delay, givenPerSecond: given, donePerSecondByOneWorker: done };
}

/** Megabytes a second that a client takes out of a store, with their sha256. */
async function copyRate(): Promise<number> {
  const [from, to] = [join(scratch, 'from'), join(scratch, 'to')];
  const content = Buffer.alloc(2 ** 28, 'lists');
  writeFileSync(from, content);
  const hash = createHash('sha256').update(content).digest('hex');
  const started = performance.now();
  await copyVerified(streamOf(from), to, hash);
  return content.length / 1e6 / ((performance.now() - started) / 1000);
}

/** Seconds of each kind of run, repeat by repeat, all in turn. */
const runs = { local: [], oneWorker: [], twoWorkers: [], oneWorkerAt1Ms: [], oneWorkerAt10Ms: [] } as Record<
  'local' | 'oneWorker' | 'twoWorkers' | 'oneWorkerAt1Ms' | 'oneWorkerAt10Ms',
  Ended[]
>;
for (let repeat = 0; repeat < Number(values.repeats); repeat++) {
  number += 1;
  runs.local.push(await batch(0, []));
  runs.oneWorker.push(await onQueue(1));
  runs.twoWorkers.push(await onQueue(2));
  runs.oneWorkerAt1Ms.push(await onQueue(1, 1));
  runs.oneWorkerAt10Ms.push(await onQueue(1, 10));
  for (const [name, ended] of Object.entries(runs)) {
    const { seconds, parts, hash } = ended.at(-1)!;
    if (hash !== runs.local[0]!.hash) throw new Error(`${name}: other lists`);
    console.log(name, seconds.toFixed(2), parts.toFixed(2));
  }
}
const secondsOf = (name: keyof typeof runs) => runs[name].map(({ seconds }) => seconds);
const middle = (name: keyof typeof runs) => median(secondsOf(name));
const least = (name: keyof typeof runs) => Math.min(...secondsOf(name));
const more = (name: keyof typeof runs) => ({
  byMedians: middle(name) / middle('local') - 1,
  byShortest: least(name) / least('local') - 1,
});
const rates: Awaited<ReturnType<typeof queueRates>>[] = [];
for (const delay of [0, ...DELAYS]) rates.push(await queueRates(delay));
const copied = await copyRate();
rmSync(scratch, { recursive: true });

/** Lists for 100 million users, from what was measured: one worker a core, parts as large as here. */
function onPaper(machines: number, cores: number) {
  const users = 100e6;
  const perSecond = USERS / median(runs.oneWorker.map(({ parts }) => parts)); // of a worker
  const workers = machines * cores;
  const usersAPart = USERS / SHARDS;
  const parts = users / usersAPart;
  const partSeconds = usersAPart / perSecond;
  const compute = users / (perSecond * workers);
  const gigabytes = (users / USERS) * runs.local[0]!.bytes * 1e-9;
  const client = (gigabytes * 1000) / copied;
  const giving = parts / rates[1]!.givenPerSecond;
  const CORE_HOUR = 0.04;
  return {
    ...{ machines, coresEach: cores, workers, parts, usersPerSecondOfAWorker: perSecond, partSeconds },
    ...{ computeSeconds: compute, gigabytes, clientSeconds: client, givingSeconds: giving },
    seconds: Math.max(compute, client, giving) + partSeconds,
    coreHours: users / perSecond / 3600,
    dollarsAtFourCentsACoreHour: (users / perSecond / 3600) * CORE_HOUR,
    /** Beyond so many the client, which takes the lists out of the store one after the other, is what is waited for. */
    workersUntilTheClientIsTheLimit: Math.floor(users / perSecond / client),
    /** Beyond so many the queue, by the rate of one connection at 1 ms, is. */
    workersUntilTheQueueIsTheLimit: Math.floor(rates[1]!.donePerSecondByOneWorker * partSeconds),
  };
}

interface Line {
  readonly users: number;
  readonly items: number;
}
const RESULT = 'bench/results/queue-batch.json';
const line = {
  ...{ users: USERS, items: ITEMS, shards: SHARDS, machine: machine() },
  seconds: Object.fromEntries(Object.keys(runs).map((name) => [name, secondsOf(name as keyof typeof runs)])),
  partsSeconds: Object.fromEntries(Object.entries(runs).map(([name, all]) => [name, all.map(({ parts }) => parts)])),
  twoWorkersBesideOne: {
    byMedians: middle('oneWorker') / middle('twoWorkers'),
    byShortest: least('oneWorker') / least('twoWorkers'),
  },
  overhead: { none: more('oneWorker'), '1 ms': more('oneWorkerAt1Ms'), '10 ms': more('oneWorkerAt10Ms') },
  ...{ queue: rates, copiedMegabytesPerSecond: copied },
  onPaper: [onPaper(1, 1), onPaper(100, 1), onPaper(100, 8)],
};
const others = keptLines<Line>(RESULT, 'batches').filter(({ users, items }) => users !== USERS || items !== ITEMS);
writeResult(RESULT, { batches: [...others, line] });
process.exit(); // proxies listen
