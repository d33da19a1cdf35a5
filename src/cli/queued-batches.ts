import { existsSync } from 'node:fs';
import { readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { type BatchDone, type BatchPlace, checkBatchPlace, otherRequest } from '../data/writing/batch-table.js';
import { joinTables } from '../data/writing/join-shards.js';
import { type Shard, shardKind, shardPath } from '../data/writing/shard.js';
import { readShard, shardRecordPath, writeManifest } from '../data/writing/shard-manifest.js';
import { tableFormat } from '../data/writing/table-file.js';
import type { Elsewhere } from '../jobs/parts.js';
import { readPrompt } from '../tasks/prompt-folder/read-prompt.js';
import type { Flags } from './option-flags.js';

/** A batch is cut into so many parts where nobody says how many. */
const PARTS = 8;

/** How workers call the table that they write a part of. */
export const rowsFile = (ending: unknown): string => `rows${ending}`;

/** Flags that say where something goes, how it is told, or who does it. */
const NOT_ASKED = [
  ...['out', 'overwrite', 'shard', 'shards', 'on', 'store', 'priority', 'needsMemory', 'cancel', 'threads', 'cache'],
  ...['json', 'config', 'quiet', 'verbose', 'lang', 'report', 'token'],
];

/** What of a command line decides what comes out. */
export const withoutPlace = (flags: Flags): Flags =>
  Object.fromEntries(Object.entries(flags).filter(([name, value]) => !NOT_ASKED.includes(name) && value !== undefined));

export interface QueuedBatch {
  readonly elsewhere: Elsewhere;
  readonly kind: 'batch' | 'predict';
  readonly folder: string;
  readonly flags: Flags;
  readonly signal?: AbortSignal | undefined;
}

/** Has the parts of a batch done elsewhere; without `shards` their rows become one file. */
export async function batchElsewhere(place: BatchPlace, batch: QueuedBatch): Promise<Omit<BatchDone, 'resumedAfter'>> {
  const { out, overwrite = false } = place;
  checkBatchPlace(place);
  const count = place.shard?.count ?? place.shards ?? PARTS;
  const shards = place.shard ? [place.shard] : Array.from({ length: count }, (_, i) => ({ index: i + 1, count }));
  const ending = extname(out);
  const beside = join(dirname(resolve(out)), `.${basename(out)}.parts`);
  const made = (shard: Shard) => shardPath(join(beside, rowsFile(ending)), shard);
  const plan = { folder: batch.folder, flags: batch.flags, ending };
  await batch.elsewhere.gather(
    { kind: batch.kind, plan, inputs: {}, folder: beside },
    shards.map((shard) => ({
      name: `${shard.index}/${shard.count}`,
      makes: [basename(made(shard)), shardRecordPath(basename(made(shard)))],
    })),
    batch.signal,
  );
  let done = 0;
  for (const shard of shards) done += (await readShard(join(beside, rowsFile(ending)), shard))!.answered;
  const joins = place.shard === undefined && place.shards === undefined;
  const files = joins ? [out] : shards.map((shard) => shardPath(out, shard));
  if (joins) {
    await joinTables(shards.map(made), out, tableFormat(out));
  } else {
    for (const shard of shards) {
      const [path, before] = [shardPath(out, shard), await readShard(out, shard)];
      const now = await readShard(join(beside, rowsFile(ending)), shard);
      if (before && before.request !== now!.request && !overwrite) throw otherRequest(path);
      await rename(made(shard), path);
      await rename(shardRecordPath(made(shard)), shardRecordPath(path));
    }
    await writeManifest(out, count);
  }
  await rm(beside, { recursive: true, force: true });
  return { ended: 'finished', done, files };
}

/** Has a measurement made elsewhere. */
export async function evaluateElsewhere<Report>(
  elsewhere: Elsewhere,
  folder: string,
  flags: Flags,
  scratch: string,
  signal?: AbortSignal,
): Promise<Report> {
  const job = { kind: 'evaluate', plan: { folder, flags }, inputs: {}, folder: scratch };
  await elsewhere.gather(job, [{ name: 'all', makes: [REPORT_FILE] }], signal);
  return JSON.parse(await readFile(join(scratch, REPORT_FILE), 'utf8')) as Report;
}

export const REPORT_FILE = 'report.json';

/** `3/8` as a shard. */
export const shardOf = (part: string): Shard => shardKind.read([part])!;

/** The flags with the model of a prompt named, where it lies on this machine: it travels too. */
export async function withModel(folder: string, flags: Flags): Promise<Flags> {
  if (flags.model !== undefined) return flags;
  const { baseModel } = await readPrompt(folder);
  const source = typeof baseModel === 'object' ? baseModel.source : baseModel;
  return source !== undefined && existsSync(source) ? { ...flags, model: source } : flags;
}
