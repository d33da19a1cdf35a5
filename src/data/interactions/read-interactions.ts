import { type DatabaseQuery, readDatabase } from '../read-database.js';
import { readTable } from '../read-table.js';
import type { InteractionOptions, InteractionsRead } from './interaction-options.js';
import { readRows } from './read-rows.js';
import { readSequences } from './read-sequences.js';

export type { InteractionOptions, InteractionReport, InteractionsRead } from './interaction-options.js';

/**
 * Reads interactions from a file (see readTable) or a database, one row at a time: memory is bounded by the columns and
 * the ids.
 * @throws DATA_COLUMN_MISSING, DATA_ID_MISSING, DATA_TIME_INVALID, DATA_TIME_AMBIGUOUS, DATA_RATING_INVALID,
 * DATA_LIST_INVALID, DATA_ID_REPEATED where a user has two sequences, DATA_EMPTY, and the errors of readTable or
 * readDatabase.
 */
export async function readInteractions(
  source: string | DatabaseQuery,
  options: InteractionOptions = {},
): Promise<InteractionsRead> {
  const name = typeof source === 'string' ? source : `the query on ${source.type}`;
  const open = () => (typeof source === 'string' ? readTable(source, options) : readDatabase(source));
  return options.layout === 'sequences' ? readSequences(name, open, options) : readRows(name, open, options);
}
