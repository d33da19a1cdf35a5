import { type AttributeTable, matchAttributes, readAttributes } from '../data/interactions/attribute-table.js';
import { timeRange } from '../data/interactions/describe-interactions.js';
import { type InteractionData, selectRows } from '../data/interactions/interaction-data.js';
import { type InteractionSplits, leaveOneOut, splitByTime } from '../data/interactions/interaction-splits.js';
import { kCore } from '../data/interactions/k-core.js';
import { type InteractionReport, readInteractions } from '../data/interactions/read-interactions.js';
import { withoutRepeats } from '../data/interactions/repeats.js';
import { tellTime } from '../data/interactions/show-time.js';
import { shuffleTies } from '../data/interactions/tied-times.js';
import { TIME_UNIT_WORDS } from '../data/interactions/times/time-unit.js';
import { SoftpromptError } from '../errors.js';
import type { RecommendDataPlan } from './fit-options.js';

export interface RecommendData {
  readonly data: InteractionData;
  readonly splits: InteractionSplits;
  readonly items: AttributeTable | undefined;
  readonly report: InteractionReport;
  /** What a user should know of how the data was understood. */
  readonly notes: readonly string[];
}

/** Interactions after their filters. */
export interface ReadInteractions extends Pick<RecommendData, 'data' | 'report' | 'notes'> {
  /** Interactions whose place among others of their user and time was drawn. */
  readonly drawn: number;
}

/**
 * Reads interactions and filters them: by rating, copied rows (unless they are to be kept), k-core. The order of a user's
 * interactions at the same time is drawn by the seed, unless that of the file is to be kept.
 * @throws RECOMMEND_DATA where a lowest rating is asked of interactions without ratings, DATA_CORE_EMPTY, and the errors
 * of readInteractions
 */
export async function loadInteractions(
  options: Pick<RecommendDataPlan, 'interactions' | 'interactionTable' | 'minRating' | 'kCore'> &
    Partial<Pick<RecommendDataPlan, 'ties' | 'seed'>>,
  { copies = 'drop' }: { readonly copies?: 'drop' | 'keep' } = {},
): Promise<ReadInteractions> {
  const { data: all, report, notes: found } = await readInteractions(options.interactions, options.interactionTable);
  const notes = [`columns: ${describeColumns(report.columns)}${describeTimes(all, report)}`, ...found];
  const { withoutId, invalidTime, invalidRating } = report.dropped;
  if (withoutId + invalidTime + invalidRating > 0) {
    notes.push(
      `rows left out: ${withoutId} without a user or item, ${invalidTime} with an unreadable time, ${invalidRating} with an unreadable rating`,
    );
  }
  if (report.malformedIds > 0) notes.push(`${report.malformedIds} ids hold half a character, which is read as U+FFFD`);
  const rated = atLeast(all, options.minRating);
  if (rated !== all) notes.push(`${all.user.length - rated.user.length} interactions rated below ${options.minRating}`);
  const distinct = copies === 'drop' ? withoutRepeats(rated, 'duplicates') : rated;
  const dropped = rated.user.length - distinct.user.length;
  if (dropped > 0) notes.push(`${dropped} copied rows were left out`);
  const { kCore: core, ties = 'file', seed = 0 } = options;
  const data = kCore(distinct, { users: core, items: core });
  if (ties === 'file') return { data, drawn: 0, report, notes };
  const shuffled = shuffleTies(data, seed);
  if (shuffled.tied > 0) {
    notes.push(
      `${shuffled.tied} of ${data.user.length} interactions have the time of another of their user: the seed draws their order (--ties file keeps that of the file)`,
    );
  }
  return { data: shuffled.data, drawn: shuffled.tied, report, notes };
}

/**
 * Reads interactions and items, filters and splits them.
 * @throws RECOMMEND_DATA where too little is left, DATA_IDS_FOREIGN where the items are others, and the errors of
 * loadInteractions, readAttributes and the splits
 */
export async function loadRecommendData(options: RecommendDataPlan): Promise<RecommendData> {
  const { data, drawn, report, notes } = await loadInteractions(options);
  const splits = withTiesTold(splitInteractions(data, options), drawn, options);
  if (splits.valid.items.length === 0 || splits.test.items.length === 0 || splits.train.items.length < 2) {
    throw new SoftpromptError('RECOMMEND_DATA', {
      found: `${splits.train.items.length} interactions to train, ${splits.valid.items.length} to validate, ${splits.test.items.length} to test (${splits.protocol})`,
      expected: 'some for each: leave-one-out needs users with at least three interactions',
      fix: 'Give more data, a smaller --k-core, or another --split.',
    });
  }
  const items =
    options.items === undefined ? undefined : await readAttributes(options.items, 'item', options.itemTable);
  if (items) matchAttributes(items, splits.items); // refuses a table of other items
  return { data, splits, items, report, notes };
}

export function splitInteractions(
  data: InteractionData,
  options: Pick<RecommendDataPlan, 'split' | 'validShare' | 'testShare'>,
): InteractionSplits {
  const { split, validShare, testShare } = options;
  return split === 'time' ? splitByTime(data, { validShare, testShare }) : leaveOneOut(data);
}

/** The protocol says that chance decided what comes last where times are equal. */
function withTiesTold(splits: InteractionSplits, drawn: number, { seed }: RecommendDataPlan): InteractionSplits {
  if (drawn === 0) return splits;
  const drawing = `; the order of ${drawn} interactions that share their user's time is drawn by seed ${seed}`;
  return { ...splits, protocol: `${splits.protocol}${drawing}` };
}

function atLeast(data: InteractionData, minRating: number | undefined): InteractionData {
  const { rating } = data;
  if (minRating === undefined) return data;
  if (rating === undefined) {
    throw new SoftpromptError('RECOMMEND_DATA', {
      found: `a lowest rating of ${minRating} for interactions without ratings`,
      expected: 'a column of ratings',
      fix: 'Name the column (--rating-column), or leave the lowest rating out (--min-rating).',
    });
  }
  const rows = Int32Array.from(data.user.keys()).filter((row) => rating[row]! >= minRating);
  return rows.length === data.user.length ? data : selectRows(data, rows);
}

function describeTimes({ time }: InteractionData, { timeUnit }: InteractionReport): string {
  if (time === undefined || timeUnit === undefined || time.length === 0) return '';
  const { first, last } = timeRange(time);
  const range = timeUnit === 'order' ? `${first} to ${last}` : `${tellTime(first)} to ${tellTime(last)}`;
  return ` (${TIME_UNIT_WORDS[timeUnit]}, ${range})`;
}

function describeColumns(columns: Readonly<Record<string, string>>): string {
  return Object.entries(columns)
    .map(([role, name]) => `${role} = ${name}`)
    .join(', ');
}
