import { SoftpromptError } from '../../errors.js';
import { writeFailure } from '../../files/write-failure.js';

/** Formats that tables are written in. */
export const OUTPUT_FORMATS = ['csv', 'tsv', 'jsonl', 'parquet', 'recbole'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** A column: an id is one word in RecBole's files, a text several; numbers and integers are such wherever a format has types. */
export interface OutputColumn {
  readonly name: string;
  readonly type: 'id' | 'text' | 'number' | 'integer';
}

/** Values in the order of the columns; null where there is none. */
export type OutputRow = readonly (string | number | null)[];

/** @throws DATA_UNWRITABLE instead of what the file system says */
export async function orUnwritable<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof SoftpromptError) throw error;
    const failure = writeFailure(error, 'another place');
    throw new SoftpromptError(
      'DATA_UNWRITABLE',
      {
        found: `${path} cannot be written: ${error instanceof Error ? error.message.split('\n')[0] : error}`,
        expected: failure?.expected ?? 'rows that this format can hold',
        fix: `${failure?.fix ?? 'Choose another format.'} Then run the command again.`,
      },
      { cause: error },
    );
  }
}
