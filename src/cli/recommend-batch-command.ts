import type { BatchPlace } from '../data/writing/batch-table.js';
import type { Elsewhere } from '../jobs/parts.js';
import type { BatchResult } from '../recommend/recommend-batch.js';
import { RECOMMEND_BATCH } from '../recommend/use-options.js';
import { withEncoding } from './inferred-flags.js';
import { openWithFlags } from './open-with-flags.js';
import { optionsFrom } from './option-flags.js';
import { createOutput, formatSeconds } from './output.js';
import { batchElsewhere, withoutPlace } from './queued-batches.js';
import { type RecommendBatchFlags, recommendFlags } from './recommend-flagged.js';
import { type BatchEvent, runJob } from './run-job.js';

async function onQueue(
  folder: string,
  flags: RecommendBatchFlags,
  place: BatchPlace,
  elsewhere: Elsewhere,
  signal: AbortSignal | undefined,
): Promise<BatchResult> {
  const started = performance.now();
  const asked = withoutPlace(flags);
  const { ended, done, files } = await batchElsewhere(place, {
    elsewhere,
    kind: 'batch',
    folder,
    flags: asked,
    signal,
  });
  const seconds = (performance.now() - started) / 1000;
  return {
    ...{ ended, out: place.out, files, users: done, resumedAfter: 0, seconds, usersPerSecond: done / seconds },
    peakRssMib: process.resourceUsage().maxRSS / 1024,
  };
}

export async function recommendBatchCommand(folder: string, given: RecommendBatchFlags): Promise<void> {
  const flags = await withEncoding(given, [given.interactions, given.items], createOutput(given.json ?? false));
  const { out, overwrite, shard, shards } = optionsFrom(RECOMMEND_BATCH, flags);
  await runJob<BatchEvent, BatchResult>(flags, {
    run: async ({ signal, onEvent, elsewhere }) => {
      const output = createOutput(flags.json ?? false);
      if (elsewhere) return onQueue(folder, flags, { out, overwrite, shard, shards }, elsewhere, signal);
      const open = await openWithFlags(folder, flags, output);
      try {
        const onProgress = (done: number, all: number) => onEvent?.({ event: 'progress', done, all });
        return await recommendFlags(open, flags, { signal, onNote: output.note, onProgress });
      } finally {
        await open.close();
      }
    },
    sayEvent: ({ done, all }, output) => output.progress('recommending', done, all),
    sayInterrupted: ({ users }, output) => output.say(`Interrupted after ${users} users; the same command goes on`),
    sayResult: ({ files, users, seconds, usersPerSecond }, output) =>
      output.say(
        `Wrote   ${files.length === 1 ? files[0] : `${files.length} files`}: the lists of ${users} users in ${formatSeconds(seconds)} (${Math.round(usersPerSecond)} a second)`,
      ),
  });
}
