import type { TableOptions } from '../read-table.js';
import type { NamedColumns } from './interaction-columns.js';
import type { InteractionData } from './interaction-data.js';
import type { TimeUnit } from './times/time-unit.js';

export interface InteractionOptions extends TableOptions {
  /**
   * `rows`: an interaction a row. `sequences`: a user a row, with all his items in the order of time in one column, as a
   * list of any of the usual kinds; a column of the next item may follow, as in RecBole's files.
   */
  readonly layout?: 'rows' | 'sequences' | undefined;
  /**
   * The columns, where their names do not tell; null for a time or rating that is not to be read. In the layout
   * `sequences`, `items` is the column of lists.
   */
  readonly columns?: NamedColumns | undefined;
  /** Default: told by all values of the column. */
  readonly timeUnit?: TimeUnit | undefined;
  /** What separates the items of a list without brackets. Default: told by all lists. */
  readonly listDelimiter?: string | undefined;
  /**
   * What becomes of rows without a user, an item, a time or a rating that can be read. Default: error. `drop` also takes
   * ids such as NA, null and nan for none.
   */
  readonly invalidRows?: 'error' | 'drop' | undefined;
}

/** How a source was understood. */
export interface InteractionReport {
  readonly source: string;
  /** Rows of the source, dropped ones included. */
  readonly rows: number;
  /** The columns used. Without a time, the order of the rows is the order of time. */
  readonly columns: Readonly<Record<string, string>>;
  readonly timeUnit: TimeUnit | undefined;
  /** Different ids that hold half a character (a lone surrogate), read as U+FFFD. */
  readonly malformedIds: number;
  /** Rows left out because of `invalidRows: 'drop'`. */
  readonly dropped: { readonly withoutId: number; readonly invalidTime: number; readonly invalidRating: number };
}

export interface InteractionsRead {
  readonly data: InteractionData;
  readonly report: InteractionReport;
  /** What a user should know of how the source was understood, in words. */
  readonly notes: readonly string[];
}
