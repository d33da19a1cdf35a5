/**
 * Memory and time of a whole fit, without texts, and of serving, at sizes beyond the public sets: generated interactions
 * (the same for everyone) from a CSV file, one thread, each size in a process of its own. A run that was stopped goes on
 * with the sizes that have no result yet; those that are named are measured anew.
 *
 *   node dist/bench/recommendation/scale.js WORK ['NAME;NAME']
 *
 * WORK is a folder for the files. Training ends after 200 updates (5 of up to 6,400 rows with the exact softmax), and
 * 2,000 users validate and are tested: no array is smaller for it. What an epoch takes follows from what an update took.
 * Seconds of the processor stand beside those of the clock, since other programs may run at the same time.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RecommendOptions } from '../../src/recommend/fit-options.js';
import { machine, writeResult } from '../machine.js';
import { type GeneratedSize, writeGenerated } from './scale/generated-interactions.js';

export interface ScaleSize extends GeneratedSize {
  readonly options: Partial<RecommendOptions>;
}

const UPDATES = 200;
const ASKED = 2000;
const size = (users: number, items: number, perUser = 10, network: RecommendOptions['network'] = {}): ScaleSize => ({
  ...{ users, items, perUser },
  options: {
    network: { epochs: 1, epochUpdates: UPDATES, ...network },
    ...{ validUsers: ASKED, testUsers: ASKED, threads: 1, refit: false },
  },
});

const SIZES: Readonly<Record<string, ScaleSize>> = {
  '1,000,000 items': size(1_000_000, 1_000_000),
  '100,000 items': size(1_000_000, 100_000),
  '100,000 items, half the users': size(500_000, 100_000),
  '100,000 items, a quarter of the users': size(250_000, 100_000),
  'exact softmax over 100,000 items': size(2000, 100_000, 250, { epochUpdates: 5, fullSoftmaxUpTo: 100_000 }),
};

const [work, named] = process.argv.slice(2);
if (work === undefined) throw new Error('WORK');
mkdirSync(work, { recursive: true });
const RESULT = 'bench/results/recommendation-scale.json';
const kept = (): Record<string, object> =>
  existsSync(RESULT) ? (JSON.parse(readFileSync(RESULT, 'utf8')).sizes as Record<string, object>) : {};
for (const name of named?.split(';') ?? Object.keys(SIZES).filter((one) => !(one in kept()))) {
  const chosen = SIZES[name]!;
  const file = join(work, `${chosen.users}-${chosen.items}-${chosen.perUser}.csv`);
  await writeGenerated(file, chosen);
  const out = join(work, name.replaceAll(/[ ,]+/g, '-'));
  rmSync(out, { recursive: true, force: true });
  const run = (script: string, task: object) => {
    const path = new URL(`./scale/${script}.js`, import.meta.url).pathname;
    const told = execFileSync(process.execPath, [path, JSON.stringify(task)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return JSON.parse(told.trimEnd().split('\n').at(-1)!) as object;
  };
  const fit = run('measure-fit', { file, out, options: chosen.options });
  const serve = run('measure-serving', { out, users: 1000 });
  const { users, items, options } = chosen;
  writeResult(RESULT, {
    machine: machine(),
    sizes: { ...kept(), [name]: { users, items, options, fit, serve } },
  });
}
