import { rm } from 'node:fs/promises';
import { SoftpromptError } from '../../errors.js';
import { growTable } from './growing-table.js';
import type { OutputColumn, OutputRow } from './output-table.js';
import { type Shard, shardPath, shardRange } from './shard.js';
import { completeShard, readShard, shardRecordPath } from './shard-manifest.js';
import { checkTableFile, tableFormat } from './table-file.js';

/** Where the answers of a batch go. */
export interface BatchPlace {
  /** The file, its format by its ending; with shards each has a name of its own, see `shardPath`. */
  readonly out: string;
  readonly overwrite?: boolean | undefined;
  /** Only this part. */
  readonly shard?: Shard | undefined;
  /** All parts, one after the other, a file each. */
  readonly shards?: number | undefined;
}

export interface BatchHooks {
  /** Of this call's part. */
  readonly onProgress?: ((done: number, all: number) => void) | undefined;
  readonly onNote?: ((text: string) => void) | undefined;
  /** Ends the batch after the rows at hand; the same request goes on with it. */
  readonly signal?: AbortSignal | undefined;
}

/** What is asked: `count` questions, those of a range at a time, in ascending order. */
interface Questions {
  readonly columns: readonly OutputColumn[];
  /** Tells this batch from others. */
  readonly request: string;
  readonly count: number;
  /** Questions between two saves. */
  readonly step: number;
  answer(start: number, end: number): Promise<readonly OutputRow[]>;
}

export interface BatchDone {
  readonly ended: 'finished' | 'interrupted';
  /** Questions answered, those of earlier runs included. */
  readonly done: number;
  readonly resumedAfter: number;
  readonly files: readonly string[];
}

/**
 * Refuses what can be refused before anything is computed.
 * @throws DATA_FORMAT_UNKNOWN, DATA_OUTPUT_EXISTS, FLAG_CONFLICT
 */
export function checkBatchPlace({ out, overwrite = false, shard, shards }: BatchPlace): void {
  tableFormat(out);
  if (shard !== undefined && shards !== undefined) {
    throw new SoftpromptError('FLAG_CONFLICT', {
      found: `There are both --shard ${shard.index}/${shard.count} and --shards ${shards}`,
      expected: 'one of them: a part, or all parts one after the other',
      fix: 'Leave one of them out.',
    });
  }
  if (shard === undefined && shards === undefined) checkTableFile(out, overwrite);
}

/**
 * Answers into files that appear when they are whole. What an interrupted or killed run has done stays, and parts that are
 * whole are not answered again.
 * @throws BATCH_UNFINISHED, DATA_OUTPUT_EXISTS where a part answers another request, DATA_UNWRITABLE, DUCKDB_UNAVAILABLE
 */
export async function writeBatch(
  place: BatchPlace,
  { columns, request, count, step, answer }: Questions,
  { onProgress, onNote, signal }: BatchHooks = {},
): Promise<BatchDone> {
  const { out, overwrite = false } = place;
  const parts = partsOf(place);
  const ranges = parts.map((shard) => (shard ? shardRange(count, shard) : ([0, count] as const)));
  const all = ranges.reduce((sum, [start, end]) => sum + end - start, 0);
  let done = 0;
  let resumedAfter = 0;
  const files: string[] = [];
  for (const [part, shard] of parts.entries()) {
    const [start, end] = ranges[part]!;
    const path = shard ? shardPath(out, shard) : out;
    const whole = shard && (await readShard(out, shard));
    if (shard && whole) {
      if (whole.request === request) {
        done += end - start;
        resumedAfter += end - start;
        files.push(path);
        continue;
      }
      if (!overwrite) throw otherRequest(path);
      await rm(shardRecordPath(path), { force: true });
    }
    const own = shard ? `${request} ${shard.index}/${shard.count}` : request;
    const table = await growTable(path, tableFormat(out), columns, own, overwrite);
    done += table.done;
    resumedAfter += table.done;
    if (table.done > 0)
      onNote?.(
        shard ? `going on after ${table.done} answers of part ${shard.index}` : `going on after ${table.done} answers`,
      );
    while (start + table.done < end && !signal?.aborted) {
      const from = start + table.done;
      const to = Math.min(from + step, end);
      await table.append(await answer(from, to), to - start);
      done += to - from;
      onProgress?.(done, all);
    }
    if (start + table.done < end) return { ended: 'interrupted', done, resumedAfter, files };
    await table.finish();
    if (shard) await completeShard(out, shard, { request, answered: end - start });
    files.push(path);
  }
  return { ended: 'finished', done, resumedAfter, files };
}

function partsOf({ shard, shards }: BatchPlace): readonly (Shard | undefined)[] {
  if (shards === undefined) return [shard];
  return Array.from({ length: shards }, (_, i) => ({ index: i + 1, count: shards }));
}

export function otherRequest(path: string): SoftpromptError {
  return new SoftpromptError('DATA_OUTPUT_EXISTS', {
    found: `${path} holds the answers to another request, or of another recommender or prompt`,
    expected: 'the request that it was made with, or files that do not exist yet',
    fix: 'Choose another file (--out), or allow overwriting (--overwrite).',
  });
}
