import { codesById } from '../../data/interactions/id-codes.js';
import { readableText, titleColumn } from '../../data/interactions/item-titles.js';
import { SoftpromptError } from '../../errors.js';
import { unknownId } from '../unknown-id.js';

/** Items that have a title. */
export interface TitledItems {
  /** Code → id. */
  readonly ids: readonly string[];
  /** Code → title, on one line; empty where the item has none. */
  readonly titles: readonly string[];
  readonly codes: ReadonlyMap<string, number>;
}

/**
 * Takes the titles from the items' columns.
 * @param columns by name, a value a code @param named the column of the title, where its name does not tell
 * @throws DATA_COLUMN_MISSING
 */
export function titledItems(
  ids: readonly string[],
  columns: ReadonlyMap<string, readonly string[]>,
  named?: string,
): TitledItems {
  const column = named ?? titleColumn(columns);
  const values = column === undefined ? undefined : columns.get(column);
  if (values === undefined || values.every((value) => value.trim() === '')) {
    throw new SoftpromptError('DATA_COLUMN_MISSING', {
      found: `The items have the columns ${[...columns.keys()].map((name) => `'${name}'`).join(', ')}`,
      expected: named === undefined ? "one that holds the title, such as 'title'" : `titles in '${named}'`,
      fix: 'Name the column of the title (--title-column).',
    });
  }
  return {
    ids,
    titles: values.map(readableText),
    codes: codesById(ids),
  };
}

/** The codes of ids. @throws RECOMMEND_REQUEST for one that is not known */
export function itemCodes({ ids, codes }: Pick<TitledItems, 'ids' | 'codes'>, wanted: readonly string[]): number[] {
  return wanted.map((id) => {
    const code = codes.get(id);
    if (code !== undefined) return code;
    throw unknownId('item', id, ids);
  });
}
