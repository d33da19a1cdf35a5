import { findLeaks, type SplitLeaks } from '../../data/interactions/find-leaks.js';
import { type WrittenFile, writeContents } from '../../data/preparation/convert-data.js';
import { checkOutputs, outputPath, sequenceTable } from '../../data/preparation/output-files.js';
import type { OutputFormat } from '../../data/writing/output-table.js';
import { settle } from '../../options/settle.js';
import { RECOMMEND_DATA, type RecommendDataOptions } from '../fit-options.js';
import { loadRecommendData } from '../recommend-data.js';

export type SplitDataOptions = RecommendDataOptions & {
  /** The folder. */
  readonly out: string;
  readonly format: OutputFormat;
  readonly overwrite?: boolean | undefined;
};

export interface SplitData {
  /** How the parts were made, in words. */
  readonly protocol: string;
  readonly files: readonly WrittenFile[];
  readonly leaks: readonly SplitLeaks[];
  readonly notes: readonly string[];
}

/**
 * Splits interactions as `recommend fit` does, and writes the three parts.
 * @throws DATA_OUTPUT_EXISTS, DATA_UNWRITABLE, and the errors of loadRecommendData
 */
export async function splitData({ out, format, overwrite = false, ...given }: SplitDataOptions): Promise<SplitData> {
  const options = settle(RECOMMEND_DATA, given, 'RECOMMEND_OPTION');
  const parts = (['train', 'valid', 'test'] as const).map((part) => ({
    part,
    path: outputPath(out, format, 'interactions', part),
  }));
  checkOutputs(
    parts.map(({ path }) => path),
    overwrite,
  );
  const { splits, notes } = await loadRecommendData(options);
  const files = await writeContents(
    parts.map(({ part, path }) => ({ path, format, read: async () => sequenceTable(splits, splits[part]) })),
  );
  return { protocol: splits.protocol, files, leaks: findLeaks(splits), notes };
}
