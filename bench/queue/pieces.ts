/**
 * One prompt on SmolLM2, its updates cut into pieces: by one process, by one worker, and by two, each worker with one thread on a core
 * of its own. Seconds of an update, and whether all three learned the same bits.
 *
 *   node scripts/with-redis.mjs node dist/bench/queue/pieces.js [--steps 6] [--batch 32] [--pieces 8] [--repeats 2] [--delay MS]
 *
 * Needs two cores, taskset and ../shared. With --delay all that goes to and from the queue passes a proxy that holds it back for so many
 * milliseconds each way. Writes bench/results/queue-pieces.json, or queue-pieces-postgres.json, with -delayed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { machine, writeResult } from '../machine.js';
import { GGUF, head, LABELS, MODEL, sst2Files } from '../sst2-data.js';
import { delayed } from './delayed.js';

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '6' },
    batch: { type: 'string', default: '32' },
    pieces: { type: 'string', default: '8' },
    repeats: { type: 'string', default: '2' },
    model: { type: 'string', default: join(MODEL, GGUF) },
    delay: { type: 'string' },
  },
});
const server = process.env.SOFTPROMPT_TEST_QUEUE ?? process.env.SOFTPROMPT_TEST_DATABASE;
if (server === undefined) throw new Error('run it by scripts/with-redis.mjs or scripts/with-postgres.mjs');
const queue = values.delay === undefined ? server : await delayed(server, Number(values.delay));
const scratch = mkdtempSync(join(tmpdir(), 'softprompt-pieces-'));
const main = resolve('dist/src/cli/main.js');
const env = { ...process.env, SOFTPROMPT_STORE: join(scratch, 'store') };
const files = sst2Files(2000);
const valid = head(files.valid, 40);

/** @param core on which it runs alone */
function start(core: number, args: readonly string[]): ChildProcess {
  return spawn('taskset', ['-c', String(core), process.execPath, main, ...args, '--json'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function worker(core: number): Promise<ChildProcess> {
  const child = start(core, ['worker', '--queue', queue, '--name', `core-${core}`]);
  await new Promise<void>((ready) => {
    child.stdout!.on('data', (text: Buffer) => {
      if (String(text).includes('"ready"')) ready();
    });
  });
  return child;
}

interface Event {
  readonly event: string;
  readonly piece_seconds?: number;
  readonly queue_seconds?: number;
}

interface Ended {
  /** Of an update, the first two left out: in these workers load the model. */
  readonly secondsAnUpdate: number;
  readonly told: Event | undefined;
  readonly prompt: string;
}

async function tune(name: string, more: readonly string[]): Promise<Ended> {
  const out = join(scratch, name);
  const child = start(1, [
    ...['tune', '--model', values.model, '--train', files.train, '--valid', valid, '--labels', LABELS],
    ...['--template', '[soft:20]{text} It was{label}', '--batch-size', values.batch, '--pieces', values.pieces],
    ...['--max-steps', values.steps, '--evaluate-every', values.steps, '--threads', '1'],
    ...['--no-baselines', '--no-head', '--folds', '0', '--out', out, ...more],
  ]);
  const times: number[] = [];
  let [told, line]: [Event | undefined, string] = [undefined, ''];
  child.stdout!.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (line + chunk).split('\n');
    line = lines.pop()!;
    for (const event of lines.map((text) => JSON.parse(text) as Event)) {
      if (event.event === 'step') times.push(performance.now());
      if (event.event === 'pieces') told = event;
    }
  });
  const code = await new Promise((done) => child.once('close', done));
  if (code !== 0) throw new Error(`${name} ended with ${code}`);
  const counted = times.slice(1);
  const prompt = createHash('sha256')
    .update(readFileSync(join(out, 'adapter_model.safetensors')))
    .digest('hex');
  return { secondsAnUpdate: (counted.at(-1)! - counted[0]!) / 1000 / (counted.length - 1), told, prompt };
}

const on = ['--on', queue, '--pieces-always'];
const rows = [];
const local = await tune('local', []);
for (let number = 0; number < Number(values.repeats); number++) {
  const first = await worker(0);
  const one = await tune(`one-${number}`, on);
  const second = await worker(1);
  const two = await tune(`two-${number}`, on);
  for (const child of [first, second]) {
    const ended = new Promise((done) => child.once('exit', done));
    child.kill();
    await ended;
  }
  rows.push({
    oneProcess: local.secondsAnUpdate,
    oneWorker: one.secondsAnUpdate,
    twoWorkers: two.secondsAnUpdate,
    speedup: one.secondsAnUpdate / two.secondsAnUpdate,
    pieceSeconds: two.told?.piece_seconds,
    queueSeconds: two.told?.queue_seconds,
    sameBits: one.prompt === local.prompt && two.prompt === local.prompt,
  });
  console.log(JSON.stringify(rows.at(-1)));
}
rmSync(scratch, { recursive: true });
const { steps, batch, pieces, model, delay } = values;
const place = `${server.startsWith('redis') ? '' : '-postgres'}${delay === undefined ? '' : '-delayed'}`;
writeResult(`bench/results/queue-pieces${place}.json`, {
  ...{ model: model.split('/').at(-1), data: 'SST-2', steps, batch, pieces, server: server.split(':')[0] },
  ...(delay === undefined ? {} : { delayMs: Number(delay), delayedBy: 'a TCP proxy' }),
  ...{ machine: machine(), rows },
});
process.exit();
