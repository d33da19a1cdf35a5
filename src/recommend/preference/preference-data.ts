import { readAttributes } from '../../data/interactions/attribute-table.js';
import { titleColumn } from '../../data/interactions/item-titles.js';
import { SoftpromptError } from '../../errors.js';
import { type Catalogue, catalogue, NOTHING_KNOWN } from '../made-rows/catalogue.js';
import { KnownAnswers } from './known-answers.js';
import { type PreferencePlan, VALID_SHARE } from './preference-options.js';
import { behind, type PreferenceRow, readPreferences } from './preference-rows.js';

export interface PreferenceData {
  readonly train: readonly PreferenceRow[];
  readonly valid: readonly PreferenceRow[];
  readonly test: readonly PreferenceRow[] | undefined;
  readonly items: Catalogue;
  readonly users: Catalogue;
  readonly title: string | undefined;
  readonly notes: readonly string[];
}

/** @throws RECOMMEND_DATA, DATA_SPLIT_EMPTY, DATA_COLUMN_MISSING, and the errors of readPreferences and readAttributes */
export async function loadPreferenceData(plan: PreferencePlan, signal?: AbortSignal): Promise<PreferenceData> {
  const read = async (source: PreferencePlan['train'], ...earlier: readonly (readonly PreferenceRow[])[]) =>
    behind(await readPreferences(source, { ...plan, signal }), ...earlier).filter(({ liked }) => liked !== undefined);
  const all = await read(plan.train);
  const given = plan.valid === undefined ? undefined : await read(plan.valid, all);
  const test = plan.test === undefined ? undefined : await read(plan.test, all, given ?? []);
  const held = given === undefined ? Math.max(1, Math.round(VALID_SHARE * all.length)) : 0;
  const train = all.slice(0, all.length - held);
  const valid = given ?? all.slice(all.length - held);
  checkAnswers(train);
  if (valid.length === 0) {
    throw new SoftpromptError('DATA_SPLIT_EMPTY', {
      found: 'The validation rows have no answers',
      expected: 'rows to choose the best prompt by',
      fix: 'Give a file with answers (--valid), or leave it out.',
    });
  }
  // names are about the files of answers
  const files = { ...plan.table, names: undefined };
  const items =
    plan.items === undefined
      ? NOTHING_KNOWN
      : catalogue(await readAttributes(plan.items, 'item', { ...files, idColumn: plan.idColumn }));
  const users =
    plan.users === undefined
      ? NOTHING_KNOWN
      : catalogue(await readAttributes(plan.users, 'user', { ...files, idColumn: plan.userIdColumn }));
  const title = plan.titleColumn ?? titleColumn(items.columns);
  if (title !== undefined && items.columns.size > 0 && !items.columns.has(title)) {
    throw new SoftpromptError('DATA_COLUMN_MISSING', {
      found: `the items have the columns ${[...items.columns.keys()].map((name) => `'${name}'`).join(', ')}`,
      expected: `'${title}' among them`,
      fix: 'Name the column of the titles (--title-column).',
    });
  }
  const unknown = new Set(train.map(({ item }) => item).filter((item) => !items.places.has(item)));
  const notes = [
    ...(given === undefined ? [`the latest ${valid.length} training rows validate`] : []),
    ...(items.ids.length > 0 && unknown.size > 0
      ? [`${unknown.size} items of the training rows have no line in the items' file`]
      : []),
  ];
  return { train, valid, test, items, users, title, notes };
}

function checkAnswers(rows: readonly PreferenceRow[]): void {
  const likes = rows.filter(({ liked }) => liked).length;
  if (likes > 0 && likes < rows.length) return;
  const what =
    rows.length === 0
      ? 'There are no training rows with an answer'
      : `All ${rows.length} training rows are ${likes > 0 ? 'likes' : 'dislikes'}`;
  throw new SoftpromptError('RECOMMEND_DATA', {
    found: what,
    expected: 'likes and dislikes: what all answer alike tells nobody apart',
    fix: "Say what a like is (--like 'rating >= 4'), or give rows of both kinds.",
  });
}

/** What is known from rows: their answers, and those that they tell of before. Rates are drawn to the share of likes in `train`. */
export function knownFrom(
  train: readonly PreferenceRow[],
  ...later: readonly (readonly PreferenceRow[] | undefined)[]
): KnownAnswers {
  const learned = withTold(train);
  return new KnownAnswers(
    [...learned, ...later.flatMap((rows) => withTold(rows ?? []))],
    new KnownAnswers(learned).mean,
  );
}

/**
 * Rows and the answers that their histories tell of, each once, where a row says both what was liked and what was not: from
 * likes alone one would learn that everybody likes everything.
 */
export function withTold(rows: readonly PreferenceRow[]): readonly PreferenceRow[] {
  const told: PreferenceRow[] = [];
  const seen = new Set(rows.map(({ user, item }) => JSON.stringify([user, item])));
  for (const { user, time, history, disliked } of rows) {
    if (history === undefined || disliked === undefined) continue;
    const before = time - Math.max(1e-6, Math.abs(time) * 1e-12);
    const add = (items: readonly string[], liked: boolean) => {
      for (const item of items) {
        const key = JSON.stringify([user, item]);
        if (seen.has(key)) continue;
        seen.add(key);
        told.push({ user, item, liked, time: before });
      }
    };
    add(history, true);
    add(disliked, false);
  }
  return told.length === 0 ? rows : [...told, ...rows];
}
