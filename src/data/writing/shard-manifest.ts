import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { writeFileAtomically } from '../../files/atomic-file.js';
import { parseRecord } from '../../files/json-record.js';
import { orUnwritable } from './output-table.js';
import { type Shard, shardPath } from './shard.js';

const FORMAT = 'softprompt shard 1';

const shardRecord = z.object({
  format: z.literal(FORMAT),
  /** What the rows answer: shards of one request have the same. */
  request: z.string(),
  /** Users or texts that were answered. */
  answered: z.int().nonnegative(),
  sha256: z.string(),
});

/** What stands beside the file of a shard that is whole. */
export type ShardRecord = Omit<z.infer<typeof shardRecord>, 'format'>;

/** What `manifest.json` says of a batch: its files in their order, and which of them are still to come. */
export interface ShardManifest {
  readonly format: 'softprompt shards 1';
  readonly complete: boolean;
  readonly shards: readonly (ShardRecord & { readonly file: string })[];
  readonly missing: readonly string[];
}

/** What stands beside the file of a shard. */
export const shardRecordPath = (path: string): string => `${path}.shard.json`;

/** `lists.parquet` → `lists.manifest.json` */
export const manifestPath = (path: string): string =>
  join(dirname(path), `${basename(path, extname(path))}.manifest.json`);

/** What is known of a shard; undefined where its file is not there, or not whole. */
export async function readShard(path: string, shard: Shard): Promise<ShardRecord | undefined> {
  const file = shardPath(path, shard);
  if (!existsSync(file) || !existsSync(shardRecordPath(file))) return undefined;
  return parseRecord(await readFile(shardRecordPath(file), 'utf8'), shardRecord).record;
}

/** Says that a shard's file is whole, and writes the manifest anew. @throws DATA_UNWRITABLE */
export async function completeShard(
  path: string,
  shard: Shard,
  { request, answered }: Omit<ShardRecord, 'sha256'>,
): Promise<ShardManifest> {
  const file = shardPath(path, shard);
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const record = { format: FORMAT, request, answered, sha256: hash.digest('hex') };
  await orUnwritable(file, () => writeFileAtomically(shardRecordPath(file), `${JSON.stringify(record, null, 2)}\n`));
  return writeManifest(path, shard.count);
}

/** Other processes may write it at the same time: whoever finds more than was there when he began writes once more. */
export async function writeManifest(path: string, count: number): Promise<ShardManifest> {
  let manifest = await manifestOf(path, count);
  for (;;) {
    const text = `${JSON.stringify(manifest, null, 2)}\n`;
    await orUnwritable(path, () => writeFileAtomically(manifestPath(path), text));
    const now = await manifestOf(path, count);
    if (now.missing.length === manifest.missing.length) return now;
    manifest = now;
  }
}

async function manifestOf(path: string, count: number): Promise<ShardManifest> {
  const shards: (ShardRecord & { readonly file: string })[] = [];
  const missing: string[] = [];
  for (let index = 1; index <= count; index++) {
    const file = basename(shardPath(path, { index, count }));
    const record = await readShard(path, { index, count });
    if (record === undefined) missing.push(file);
    else shards.push({ file, request: record.request, answered: record.answered, sha256: record.sha256 });
  }
  const isOneRequest = new Set(shards.map(({ request }) => request)).size === 1;
  return { format: 'softprompt shards 1', complete: missing.length === 0 && isOneRequest, shards, missing };
}
