/**
 * Memory and time of a whole fit, without texts, and of serving, at sizes beyond the public sets: generated interactions
 * (the same for everyone) from a CSV file, one thread. Each size runs in a process of its own; results that are there
 * already stay, so that a run that was stopped goes on.
 *
 *   node dist/bench/recommendation/scale.js WORK [NAME;NAME]
 *
 * WORK is a folder for the files, NAME such as '100,000 items'. Training ends after 200 updates, and 2,000 users validate
 * and are tested; no array is smaller for it. What a whole epoch takes follows from what an update took. Seconds of the
 * processor stand beside those of the clock, since other programs run at the same time.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RecommendOptions } from '../../src/pipeline/recommend/fit-options.js';
import { machine, writeResult } from '../machine.js';
import { type GeneratedSize, writeGenerated } from './scale/generated-interactions.js';

export interface ScaleSize extends GeneratedSize {
  readonly options: Partial<RecommendOptions>;
}

const UPDATES = 200;
const ASKED = 2000;
const size = (users: number, items: number, options: Partial<RecommendOptions> = {}): ScaleSize => ({
  ...{ users, items, perUser: 10 },
  options: {
    ...{ network: { epochs: 1, epochUpdates: UPDATES }, validUsers: ASKED, testUsers: ASKED, threads: 1, refit: false },
    ...options,
  },
});

const SIZES: Readonly<Record<string, ScaleSize>> = {
  '1,000,000 items': size(1_000_000, 1_000_000),
  '100,000 items': size(1_000_000, 100_000),
  '100,000 items, half the users': size(500_000, 100_000),
  '100,000 items, a quarter of the users': size(250_000, 100_000),
};

const [work, names = Object.keys(SIZES).join(';')] = process.argv.slice(2);
if (work === undefined) throw new Error('WORK');
mkdirSync(work, { recursive: true });
const RESULT = 'bench/results/recommendation-scale.json';
for (const name of names.split(';')) {
  const chosen = SIZES[name]!;
  const file = join(work, `${chosen.users}-${chosen.items}.csv`);
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
  const kept = existsSync(RESULT) ? (JSON.parse(readFileSync(RESULT, 'utf8')).sizes as Record<string, object>) : {};
  const { users, items, options } = chosen;
  writeResult(RESULT, {
    machine: machine(),
    sizes: { ...kept, [name]: { users, items, options, fit, serve } },
  });
}
