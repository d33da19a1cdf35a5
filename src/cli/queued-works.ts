import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { SoftpromptError } from '../errors.js';
import { JOB_KINDS } from '../job-kinds.js';
import type { JobHooks, JobKind } from '../jobs/job.js';
import { JobFolder } from '../jobs/job-folder.js';
import { lastOpened } from '../queue/last-opened.js';
import type { PlanRecord, Work, WorkHooks, Works } from '../queue/work.js';
import { type ComparedSet, readSets } from '../tasks/comparison/compared-sets.js';
import { GRADIENT, gradientWork } from '../tasks/gradient-question.js';
import { openPrompt } from '../tasks/open-prompt.js';
import { predictTable } from '../tasks/predict-table.js';
import { TRY, tryWork } from '../tasks/search-question.js';
import { PREDICT } from '../tasks/use-options.js';
import { measurePrompt } from './measure-prompt.js';
import { openWithFlags } from './open-with-flags.js';
import { type Flags, optionsFrom } from './option-flags.js';
import { createOutput } from './output.js';
import { REPORT_FILE, rowsFile, shardOf } from './queued-batches.js';
import { type RecommendBatchFlags, recommendFlags } from './recommend-flagged.js';
import { type TableFlags, tableOptions } from './table-flags.js';

/** A kind of jobs whose folder a worker makes as if the job had been interrupted in it before the part was done. */
function jobWork<Plan extends { readonly out: string }>(
  kind: JobKind<Plan>,
  resume: (folder: string, hooks: JobHooks & { readonly cacheFolder?: string | undefined }) => Promise<unknown>,
  withPaths: Work['withPaths'],
): Work {
  return {
    withPaths,
    do: async ({ plan, inputs, part, folder, threads }, { onEvent, signal, cacheFolder }: WorkHooks) => {
      const here = { ...plan, out: folder, threads } as unknown as Plan;
      await new JobFolder(kind, folder).writeRecord(here, inputs);
      const result = await resume(folder, { onEvent, signal, only: part, cacheFolder });
      signal.throwIfAborted();
      return void result;
    },
  };
}

/** The plan's paths as its kind names them. */
const asKindSays =
  <Plan extends { readonly out: string }>({ withPaths }: JobKind<Plan>): Work['withPaths'] =>
  (plan, change) =>
    withPaths!(plan as unknown as Plan, change) as unknown as PlanRecord;

/** Work whose plan may name a file of sets, which names others. */
function withSets(work: Work): Work {
  const setsOf = ({ sets }: PlanRecord) => (typeof sets === 'string' ? sets : undefined);
  const filesOf = (one: ComparedSet) => [one.train, one.valid, one.test].filter((path) => path !== undefined);
  return {
    ...work,
    morePaths: async (plan) => {
      const sets = setsOf(plan);
      return sets === undefined ? [] : (await readSets(sets)).flatMap(filesOf);
    },
    settlePaths: async (plan, here, folder) => {
      const settled = work.withPaths(plan, here);
      const sets = setsOf(plan);
      if (sets === undefined) return settled;
      const there = (path: string | undefined) => path && here(resolve(dirname(sets), path));
      const given = JSON.parse(await readFile(here(sets), 'utf8')) as ComparedSet[];
      const moved = given.map((one) => ({
        ...{ ...one, train: there(one.train), valid: there(one.valid), test: there(one.test) },
      }));
      const file = join(folder, 'sets.json');
      await writeFile(file, JSON.stringify(moved));
      return { ...settled, sets: file };
    },
  };
}

/** Paths of a fit; rows that lie in a database do not travel. */
const fitPaths: Work['withPaths'] = (plan, change) =>
  Object.fromEntries(
    Object.entries(plan).map(([name, value]) => [
      name,
      ['interactions', 'items', 'users', 'model'].includes(name) && typeof value === 'string' ? change(value) : value,
    ]),
  );

const fromDatabase = ({ interactions }: PlanRecord) =>
  typeof interactions === 'string'
    ? undefined
    : new SoftpromptError('QUEUE_JOB_FOREIGN', {
        found: 'The interactions are those of a database, which workers may not reach',
        expected: 'a file, which travels to them',
        fix: 'Write the rows to a file first (`npx softprompt data convert`), or leave out --on.',
      });

const { tune, compare, transfer, fit } = JOB_KINDS;

const FLAGS_OF_FILES = ['data', 'items', 'interactions', 'model', 'onlyUsers', 'allow', 'deny', 'jsonSchema'];

/** Paths of commands that open a folder: it, and files that flags name. */
const folderAndFlags: Work['withPaths'] = (plan, change) => {
  const file = (value: string) => (existsSync(change(value)) ? change(value) : value);
  const flags = Object.entries(plan.flags as Flags).map(([name, value]) => [
    name,
    FLAGS_OF_FILES.includes(name) && typeof value === 'string' ? file(value) : value,
  ]);
  return { ...plan, folder: change(String(plan.folder)), flags: Object.fromEntries(flags) };
};

interface Closable {
  close(): Promise<void>;
}
/** The next part is mostly of the same batch. */
const opened = lastOpened((one: Closable) => one.close());

interface FolderPlan {
  readonly folder: string;
  readonly flags: Flags & TableFlags & { readonly model?: string; readonly data: string };
  readonly ending: string;
}

const silent = createOutput(true, () => {});

const batch: Work = {
  withPaths: folderAndFlags,
  do: async ({ plan, files, part, folder, threads }, { onEvent, signal, cacheFolder }) => {
    const { folder: recommender, flags, ending } = plan as unknown as FolderPlan;
    const given = { ...flags, threads, cache: cacheFolder } as RecommendBatchFlags;
    const one = await opened([recommender, flags, files, threads], () => openWithFlags(recommender, given, silent));
    const place = { out: join(folder, rowsFile(ending)), overwrite: true, shard: shardOf(part) };
    const onProgress = (done: number, all: number) => onEvent({ event: 'progress', done, all });
    await recommendFlags(one, { ...given, ...place }, { signal, onProgress });
  },
};

const predict: Work = {
  withPaths: folderAndFlags,
  do: async ({ plan, files, part, folder, threads }, { onEvent, signal, cacheFolder }) => {
    const { folder: prompt, flags, ending } = plan as unknown as FolderPlan;
    const { model, data } = flags;
    const { columns } = optionsFrom(PREDICT, flags);
    const one = await opened([prompt, flags, files, threads], () =>
      openPrompt(prompt, { model, threads, cacheFolder }),
    );
    const place = { out: join(folder, rowsFile(ending)), overwrite: true, shard: shardOf(part) };
    const onProgress = (done: number, all: number) => onEvent({ event: 'progress', done, all });
    await predictTable(one, { data, columns, table: tableOptions(flags), ...place }, { signal, onProgress });
  },
};

const evaluate: Work = {
  withPaths: folderAndFlags,
  do: async ({ plan, folder, threads }, { cacheFolder }) => {
    const { folder: prompt, flags } = plan as unknown as FolderPlan;
    const report = await measurePrompt(prompt, { ...flags, threads, cache: cacheFolder } as Flags, silent);
    await writeFile(join(folder, REPORT_FILE), JSON.stringify(report));
  },
};

/** What workers of a queue can do. */
export const QUEUED_WORKS: Works = {
  tune: jobWork(tune.kind, tune.resume, asKindSays(tune.kind)),
  compare: withSets(jobWork(compare.kind, compare.resume, asKindSays(compare.kind))),
  transfer: withSets(jobWork(transfer.kind, transfer.resume, asKindSays(transfer.kind))),
  ...{ batch, predict, evaluate, [GRADIENT]: gradientWork, [TRY]: tryWork },
  fit: { ...jobWork(fit.kind, fit.resume, fitPaths), check: fromDatabase },
};
