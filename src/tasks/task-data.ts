import { describeOverlap, findDuplicates, groupByText, withoutDuplicates } from '../data/duplicates.js';
import type { Example } from '../data/example.js';
import { foldExamples } from '../data/fold-examples.js';
import { findEmptyTexts, loadExamples } from '../data/load-examples.js';
import type { TableOptions } from '../data/read-table.js';
import type { RowSource } from '../data/row-source.js';
import { sampleShots } from '../data/sample-shots.js';
import { splitByText } from '../data/split-examples.js';
import { SoftpromptError } from '../errors.js';
import { Random } from '../random.js';
import { ENOUGH_TO_CHOOSE, FOLDS, type LearnPlan } from './tune-options.js';

/** The examples of a run and what a user should know about them. */
export interface TaskData {
  readonly train: readonly Example[];
  /** The training rows themselves where there are folds. */
  readonly valid: readonly Example[];
  /** [N] the part in which each training row validates, in cross-validation. */
  readonly folds?: Int32Array | undefined;
  readonly test: readonly Example[] | undefined;
  /** One line each: duplicates across the splits, empty texts. */
  readonly notes: readonly string[];
}

/** Where a run's rows come from, and how files of them are read. */
export interface TaskSources {
  readonly train: RowSource;
  /** Default: a share of the training rows. */
  readonly valid?: RowSource | undefined;
  readonly test?: RowSource | undefined;
  readonly table?: TableOptions | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The column of the texts that are generated, where nobody names one. */
export const TARGET_COLUMN = 'target';

/** How they are read, sampled and split. */
export type TaskReading = Pick<LearnPlan, 'columns' | 'labelColumn' | 'shots' | 'seed' | 'validShare'> &
  /** Default: 0, no cross-validation. */
  Partial<Pick<LearnPlan, 'folds'>>;

/**
 * Loads, samples and splits the rows of a run, and looks for what would make its scores untrue.
 * @param labelKeys the label set; undefined where each row's label is a text of its own
 */
export async function loadTaskData(
  sources: TaskSources,
  options: TaskReading,
  fields: readonly string[],
  labelKeys?: readonly string[],
): Promise<TaskData> {
  const load = (source: RowSource) =>
    loadExamples(source, {
      fields,
      columns: options.columns,
      labelColumn: options.labelColumn,
      labels: labelKeys,
      requireLabels: true,
      ...sources.table,
      signal: sources.signal,
    });
  const all = await load(sources.train);
  const valid = sources.valid === undefined ? undefined : await load(sources.valid);
  const test = sources.test === undefined ? undefined : await load(sources.test);
  const parts = labelKeys === undefined ? 0 : foldsFor(all, valid, options);
  if (parts > 0) {
    const notes = notesOf({ train: all, ...(test && { test }) }, labelKeys);
    return { train: all, valid: all, folds: foldExamples(all, parts, options.seed), test, notes };
  }
  const splits = { ...divide(all, valid, options, labelKeys), ...(test === undefined ? {} : { test }) };
  return { ...splits, test, notes: notesOf(splits, labelKeys) };
}

/** Parts of cross-validation; 0: none. */
function foldsFor(
  all: readonly Example[],
  valid: readonly Example[] | undefined,
  { folds = 0, shots, validShare }: TaskReading,
): number {
  const atMost = (parts: number) => {
    const texts = groupByText(all).length;
    return texts > 1 ? Math.min(parts, texts) : 0;
  };
  if (folds !== 'auto') {
    if (folds > 0 && (valid !== undefined || shots !== undefined || validShare !== undefined))
      throw new SoftpromptError('TUNING_SETTING', {
        found: `--folds ${folds} beside ${valid ? '--valid' : shots ? '--shots' : '--valid-share'}`,
        expected: 'one of them: with folds the training rows validate one another',
        fix: 'Leave one out.',
      });
    return folds > 1 ? atMost(folds) : 0;
  }
  if (valid !== undefined || shots !== undefined || validShare !== undefined) return 0;
  return all.length < 10 * ENOUGH_TO_CHOOSE ? atMost(FOLDS) : 0;
}

/** What a user should know of the rows, a line each. */
function notesOf(splits: Readonly<Record<string, readonly Example[]>>, labelKeys: readonly string[] = []): string[] {
  const empty = Object.entries(splits).flatMap(([name, examples]) => {
    const count = findEmptyTexts(examples).length;
    return count === 0 ? [] : [`${count} of ${examples.length} rows of ${name} have an empty text`];
  });
  return [...findDuplicates(splits).map(describeOverlap), ...empty, ...missingLabels(splits, labelKeys)];
}

/** A line a split that lacks labels: what is not in train is not learned, what is not in valid decides nothing. */
function missingLabels(splits: Readonly<Record<string, readonly Example[]>>, labelKeys: readonly string[]): string[] {
  return Object.entries(splits).flatMap(([name, examples]) => {
    const present = new Set(examples.map(({ label }) => label));
    const missing = labelKeys.filter((key) => !present.has(key));
    if (missing.length === 0) return [];
    const shown = missing.slice(0, LABELS_SHOWN).map((key) => `'${key}'`);
    const more = missing.length > LABELS_SHOWN ? ` and ${missing.length - LABELS_SHOWN} more` : '';
    return [`no row of ${name} has the label ${shown.join(', ')}${more}`];
  });
}

const LABELS_SHOWN = 5;

function divide(
  all: readonly Example[],
  valid: readonly Example[] | undefined,
  { shots, seed, validShare }: TaskReading,
  labelKeys: readonly string[] | undefined,
): { readonly train: readonly Example[]; readonly valid: readonly Example[] } {
  if (shots !== undefined && labelKeys === undefined) {
    const drawn = new Random(seed).shuffle([...all]);
    const train = drawn.slice(0, shots);
    return { train, valid: valid ?? withoutDuplicates(drawn.slice(shots, 2 * shots), train) };
  }
  if (shots !== undefined && labelKeys !== undefined) {
    const train = sampleShots(all, labelKeys, shots, seed);
    if (valid !== undefined) return { train, valid };
    const taken = new Set(train);
    const rest = withoutDuplicates(
      all.filter((example) => !taken.has(example)),
      train,
    );
    return { train, valid: sampleShots(rest, labelKeys, shots, seed, ' of other texts left to validate') };
  }
  if (valid !== undefined) return { train: all, valid };
  if (validShare === 0) {
    throw new SoftpromptError('DATA_SPLIT_EMPTY', {
      found: 'There is no validation file, and the share of the training file that validates is 0',
      expected: 'examples to choose the best prompt by',
      fix: 'Give a validation file (--valid), or a share above 0 (--valid-share).',
    });
  }
  // a text that stands twice in the file must not be trained on and validated with
  const share = validShare ?? Math.max(0.1, Math.min(1 / 3, ENOUGH_TO_CHOOSE / all.length));
  const { train, valid: held } = splitByText(all, { valid: share, test: 0, seed });
  return { train, valid: held };
}
