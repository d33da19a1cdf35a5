import { readOrListedIds } from '../data/interactions/read-ids.js';
import { readFreshHistories } from '../recommend/fresh-history.js';
import { recommendBatch } from '../recommend/recommend-batch.js';
import { required, type SharedFlags } from './flags.js';
import { abortOnInterrupt } from './interrupt.js';
import { type FittedModelFlag, type NewItemsFlags, openWithFlags } from './open-with-flags.js';
import { createOutput, formatSeconds } from './output.js';
import { openSearch, type SearchFlag, type SelectionFlags, selectionOptions } from './selection-flags.js';
import { tableOptions } from './table-flags.js';

export interface RecommendBatchFlags extends SharedFlags, SelectionFlags, SearchFlag, FittedModelFlag, NewItemsFlags {
  readonly out?: string;
  readonly interactions?: string;
  readonly onlyUsers?: string;
  readonly skipUnknown?: boolean;
  readonly overwrite?: boolean;
}

export async function recommendBatchCommand(folder: string, flags: RecommendBatchFlags): Promise<void> {
  const output = createOutput(flags.json ?? false);
  const out = required(flags.out, '--out', 'a file for the lists: .parquet, .jsonl, .csv or .tsv');
  const open = await openWithFlags(folder, flags, output);
  try {
    const signal = abortOnInterrupt(() => output.say('Saving … (Ctrl-C again to leave at once)'));
    const approximate = await openSearch(open, flags, output.note);
    const options = {
      ...(await selectionOptions(flags)),
      out,
      onlyUsers:
        flags.onlyUsers === undefined ? undefined : await readOrListedIds(flags.onlyUsers, 'user', tableOptions(flags)),
      skipUnknown: flags.skipUnknown,
      overwrite: flags.overwrite,
      fresh:
        flags.interactions === undefined
          ? undefined
          : await readFreshHistories(flags.interactions, tableOptions(flags)),
      approximate,
    };
    const result = await recommendBatch(open, options, {
      signal,
      onNote: output.note,
      onProgress: (done, all) => {
        output.event({ event: 'progress', done, all });
        output.progress('recommending', done, all);
      },
    });
    await approximate?.close();
    output.result(result);
    if (result.ended === 'interrupted') {
      output.say(`Interrupted after ${result.users} users; the same command goes on`);
      process.exitCode = 130;
    } else {
      output.say(
        `Wrote   ${out}: the lists of ${result.users} users in ${formatSeconds(result.seconds)} (${Math.round(result.usersPerSecond)} a second)`,
      );
    }
  } finally {
    await open.close();
  }
}
