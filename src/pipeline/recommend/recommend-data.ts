import { type AttributeTable, readAttributes } from '../../data/interactions/attribute-table.js';
import { type InteractionData, selectRows } from '../../data/interactions/interaction-data.js';
import { type InteractionSplits, leaveOneOut, splitByTime } from '../../data/interactions/interaction-splits.js';
import { kCore } from '../../data/interactions/k-core.js';
import { type InteractionReport, readInteractions } from '../../data/interactions/read-interactions.js';
import { withoutRepeats } from '../../data/interactions/repeats.js';
import { SoftpromptError } from '../../errors.js';
import { RECOMMEND_DEFAULTS, type RecommendDataOptions } from './fit-options.js';

export interface RecommendData {
  readonly data: InteractionData;
  readonly splits: InteractionSplits;
  readonly items: AttributeTable | undefined;
  readonly report: InteractionReport;
  /** What a user should know of how the data was understood. */
  readonly notes: readonly string[];
}

/**
 * Reads interactions and items, filters and splits them. Copied rows are left out.
 * @throws RECOMMEND_DATA where too little is left, and the errors of readInteractions, readAttributes and the splits
 */
export async function loadRecommendData(options: RecommendDataOptions): Promise<RecommendData> {
  const { data: all, report } = await readInteractions(options.interactions, options.interactionTable);
  const notes = [`columns: ${describeColumns(report.columns)}`];
  const rated = atLeast(all, options.minRating);
  if (rated !== all) notes.push(`${all.user.length - rated.user.length} interactions rated below ${options.minRating}`);
  const distinct = withoutRepeats(rated, 'duplicates');
  const copies = rated.user.length - distinct.user.length;
  if (copies > 0) notes.push(`${copies} copied rows were left out`);
  const { kCore: core = RECOMMEND_DEFAULTS.kCore } = options;
  const data = kCore(distinct, { users: core, items: core });
  const splits = splitData(data, options);
  if (splits.valid.items.length === 0 || splits.test.items.length === 0 || splits.train.items.length < 2) {
    throw new SoftpromptError('RECOMMEND_DATA', {
      found: `${splits.train.items.length} interactions to train, ${splits.valid.items.length} to validate, ${splits.test.items.length} to test (${splits.protocol})`,
      expected: 'some for each: leave-one-out needs users with at least three interactions',
      fix: 'Give more data, a smaller --k-core, or another --split.',
    });
  }
  const items =
    options.items === undefined ? undefined : await readAttributes(options.items, 'item', options.itemTable);
  return { data, splits, items, report, notes };
}

export function splitData(data: InteractionData, options: RecommendDataOptions): InteractionSplits {
  const { split, validShare, testShare } = { ...RECOMMEND_DEFAULTS, ...definedOnly(options) };
  return split === 'time' ? splitByTime(data, { validShare, testShare }) : leaveOneOut(data);
}

/** The options that are set, so that defaults can be spread below them. */
export function definedOnly<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function atLeast(data: InteractionData, minRating: number | undefined): InteractionData {
  const { rating } = data;
  if (minRating === undefined) return data;
  if (rating === undefined) {
    throw new SoftpromptError('RECOMMEND_DATA', {
      found: `a lowest rating of ${minRating} for interactions without ratings`,
      expected: 'a column of ratings',
      fix: 'Name the column, or leave the lowest rating out.',
    });
  }
  const rows = Int32Array.from(data.user.keys()).filter((row) => rating[row]! >= minRating);
  return rows.length === data.user.length ? data : selectRows(data, rows);
}

function describeColumns(columns: Readonly<Record<string, string>>): string {
  return Object.entries(columns)
    .map(([role, name]) => `${role} = ${name}`)
    .join(', ');
}
