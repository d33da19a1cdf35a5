/**
 * Sixteen tunes of a small model by one worker and by two, each worker on a core of its own, and by one process without a queue:
 * seconds from the command to its end, and how long the parts took by themselves.
 *
 *   node scripts/with-redis.mjs node dist/bench/queue/sweep.js [--model FOLDER] [--seeds 16] [--steps 150] [--repeats 1] [--part sweep|batch]
 *
 * Needs two cores, taskset and ../shared/models/stories260k. Writes bench/results/queue-sweep.json.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { machine, writeResult } from '../machine.js';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: '../shared/models/stories260k' },
    seeds: { type: 'string', default: '16' },
    steps: { type: 'string', default: '150' },
    repeats: { type: 'string', default: '1' },
  },
});
const queue = process.env.SOFTPROMPT_TEST_QUEUE;
if (queue === undefined) throw new Error('run it by scripts/with-redis.mjs');
const scratch = mkdtempSync(join(tmpdir(), 'softprompt-sweep-'));
const main = resolve('dist/src/cli/main.js');
const SET = resolve('samples/sentence-polarity');
/** A hundred rows that validate. */
const VALID = join(scratch, 'valid.tsv');
writeFileSync(VALID, `${readFileSync(join(SET, 'valid.tsv'), 'utf8').split('\n').slice(0, 101).join('\n')}\n`);
const env = { ...process.env, SOFTPROMPT_STORE: join(scratch, 'store') };

interface Ended {
  readonly seconds: number;
  readonly parts: readonly number[];
}

/** @param core on which it runs alone */
function start(core: number, args: readonly string[], cache: string): ChildProcess {
  return spawn(
    'taskset',
    ['-c', String(core), process.execPath, main, ...args, '--json', '--cache', join(scratch, cache)],
    {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
}

async function worker(core: number, number: number): Promise<ChildProcess> {
  const child = start(core, ['worker', '--queue', queue!, '--name', `core-${core}`], `cache-${number}-${core}`);
  await new Promise<void>((ready) => {
    child.stdout!.on('data', (text: Buffer) => {
      if (String(text).includes('"ready"')) ready();
    });
  });
  await new Promise((later) => setTimeout(later, 3000)); // its second process has loaded by then
  return child;
}

async function tune(name: string, number: number, more: readonly string[]): Promise<Ended> {
  const train = join(scratch, `train-${number}-${name}.tsv`); // other bytes are another job
  cpSync(join(SET, 'train.tsv'), train);
  const started = performance.now();
  const child = start(
    1,
    [
      ...['tune', '--model', values.model, '--train', train, '--valid', VALID],
      ...['--template', '[soft:8]{text} It was{label}', '--labels', LABELS],
      ...['--max-steps', values.steps, '--seeds', values.seeds, '--threads', '1', '--no-baselines', '--no-head'],
      ...['--seed', String(1000 * number + SEED[name]!), '--out', join(scratch, `${name}-${number}`), ...more],
    ],
    'cache',
  );
  let text = '';
  child.stdout!.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const code = await new Promise((done) => child.once('close', done));
  const events = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string; seconds?: number });
  if (code !== 0) throw new Error(text.slice(-500));
  const parts = events.filter(({ event }) => event === 'part ended').map(({ seconds }) => seconds!);
  return { seconds: (performance.now() - started) / 1000, parts };
}

const LABELS = '{"negative":" bad","positive":" good"}';
/** Other seeds are other jobs; each way has its own. */
const SEED: Readonly<Record<string, number>> = { local: 0, one: 100, two: 200 };
const sum = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);

const rows = [];
for (let number = 0; number < Number(values.repeats); number++) {
  const local = await tune('local', number, []);
  const first = await worker(0, number);
  const one = await tune('one', number, ['--on', queue]);
  const second = await worker(1, number);
  const two = await tune('two', number, ['--on', queue]);
  for (const child of [first, second]) child.kill();
  rows.push({
    local: local.seconds,
    oneWorker: one.seconds,
    oneWorkerParts: sum(one.parts),
    twoWorkers: two.seconds,
    twoWorkersParts: sum(two.parts),
    speedup: one.seconds / two.seconds,
  });
  console.log(JSON.stringify(rows.at(-1)));
}
rmSync(scratch, { recursive: true });
const { model, seeds, steps } = values;
writeResult('bench/results/queue-sweep.json', {
  model: model.split('/').at(-1),
  seeds,
  steps,
  machine: machine(),
  rows,
});
process.exit();
