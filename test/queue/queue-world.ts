import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after } from 'node:test';
import { Random } from '../../src/random.js';

/** Queues that a suite is run on: those whose servers are named. */
export const QUEUES = [
  ['Redis', process.env.SOFTPROMPT_TEST_QUEUE, 'SOFTPROMPT_TEST_QUEUE names no server (scripts/with-redis.mjs)'],
  ['PostgreSQL', process.env.SOFTPROMPT_TEST_DATABASE, 'SOFTPROMPT_TEST_DATABASE names no server'],
] as const;

const WORDS = { good: ['nice', 'happy', 'fun', 'love'], bad: ['sad', 'angry', 'cry', 'fear'] };

/** Labelled texts of which the label shows. */
export function writeTexts(folder: string, rows: number): string {
  const random = new Random(7);
  const pick = (list: readonly string[]) => list[Math.floor(random.uniform() * list.length)]!;
  const lines = Array.from({ length: rows }, () => {
    const label = random.uniform() < 0.5 ? 'good' : 'bad';
    const words = Array.from({ length: 5 }, () => pick([...WORDS[label], 'the', 'dog', 'house']));
    return `${words.join(' ')},${label}`;
  });
  const path = join(folder, 'texts.csv');
  writeFileSync(path, `text,label\n${lines.join('\n')}\n`);
  return path;
}

/** A worker in a process of its own, when it is ready. */
export async function startWorker(
  queue: string,
  name: string,
  cache: string,
  ...flags: string[]
): Promise<ChildProcess> {
  return readyWorker([process.execPath, resolve('dist/src/cli/main.js')], queue, name, cache, ...flags);
}

/** The same by another command than this checkout's. */
export async function readyWorker(
  [program, ...before]: readonly string[],
  queue: string,
  name: string,
  cache: string,
  ...flags: string[]
): Promise<ChildProcess> {
  const args = ['worker', '--queue', queue, '--name', name, '--cache', cache, '--lease', '3', '--json', ...flags];
  const child = spawn(program!, [...before, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((ready, fail) => {
    child.once('exit', (code) => fail(new Error(`the worker ended with ${code}`)));
    child.stdout!.on('data', (text: Buffer) => {
      if (String(text).includes('"ready"')) ready();
    });
  });
  child.removeAllListeners('exit');
  started.push(child);
  return child;
}

/** Workers do not outlive a suite whose test failed before it stopped them. */
const started: ChildProcess[] = [];
after(async () => {
  for (const child of started) await stop(child, 'SIGKILL');
});

export async function stop(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once('exit', done));
  child.kill(signal);
  await ended;
}
