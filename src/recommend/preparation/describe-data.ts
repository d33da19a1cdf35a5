import {
  type AttributeOptions,
  type AttributeTable,
  matchAttributes,
  readAttributes,
} from '../../data/interactions/attribute-table.js';
import { describeInteractions, type InteractionDescription } from '../../data/interactions/describe-interactions.js';
import { findLeaks, type SplitLeaks } from '../../data/interactions/find-leaks.js';
import type { InteractionReport } from '../../data/interactions/read-interactions.js';
import { withoutRepeats } from '../../data/interactions/repeats.js';
import { settle } from '../../options/settle.js';
import { RECOMMEND_DATA, type RecommendDataOptions } from '../fit-options.js';
import { loadInteractions, splitInteractions } from '../recommend-data.js';

export type DescribeDataOptions = RecommendDataOptions & {
  readonly users?: string | undefined;
  readonly userTable?: AttributeOptions | undefined;
};

/** How a table of items or users fits the interactions. */
export interface AttributeDescription {
  readonly rows: number;
  /** Ids of the interactions without a row, and rows without an interaction. */
  readonly missing: number;
  readonly unused: number;
  /** Column → rows that say nothing in it. */
  readonly empty: Readonly<Record<string, number>>;
}

/** What a data set looks like. Plain data: it can be written as JSON as it is. */
export interface DataDescription {
  readonly report: InteractionReport;
  readonly notes: readonly string[];
  readonly interactions: InteractionDescription;
  readonly items?: AttributeDescription;
  readonly users?: AttributeDescription;
  /** How the parts that the leaks are about were made, in words. */
  readonly protocol: string;
  readonly leaks: readonly SplitLeaks[];
}

/**
 * Describes a data set after its filters, but with its copied rows; the leaks are those of a split without them.
 * @throws DATA_IDS_FOREIGN, and the errors of loadInteractions, readAttributes and the splits
 */
export async function describeData({
  users: source,
  userTable,
  ...given
}: DescribeDataOptions): Promise<DataDescription> {
  const options = settle(RECOMMEND_DATA, given, 'RECOMMEND_OPTION');
  const { data, report, notes } = await loadInteractions(options, { copies: 'keep' });
  const splits = splitInteractions(withoutRepeats(data, 'duplicates'), options);
  const items =
    options.items === undefined ? undefined : await readAttributes(options.items, 'item', options.itemTable);
  const users = source === undefined ? undefined : await readAttributes(source, 'user', userTable);
  return {
    report,
    notes,
    interactions: { ...describeInteractions(data), ...(report.timeUnit === 'order' && { from: null, to: null }) },
    ...(items && { items: describeAttributes(items, data.items) }),
    ...(users && { users: describeAttributes(users, data.users) }),
    protocol: splits.protocol,
    leaks: findLeaks(splits),
  };
}

function describeAttributes(table: AttributeTable, ids: readonly string[]): AttributeDescription {
  const { missing, unused } = matchAttributes(table, ids);
  const empty = [...table.columns].map(([name, values]) => [name, values.filter((value) => value === '').length]);
  return { rows: table.ids.length, missing, unused, empty: Object.fromEntries(empty) };
}
