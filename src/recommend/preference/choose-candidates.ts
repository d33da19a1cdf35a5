import { SoftpromptError } from '../../errors.js';
import { type ItemTable, openItemTable } from '../serving/item-table.js';
import type { OpenPreference } from './open-preference.js';

/** Which items are judged. */
export interface CandidateFilters {
  /** Undefined: all items of the fit's table. */
  readonly candidates?: readonly string[] | undefined;
  /** A condition on the items' columns. */
  readonly where?: string | undefined;
  readonly allow?: readonly string[] | undefined;
  readonly deny?: readonly string[] | undefined;
}

/** The items' attributes as a table that conditions are asked of, opened when one first is. */
export function preferenceItems({ saved: { items } }: OpenPreference) {
  let table: Promise<ItemTable> | undefined;
  return {
    open: () => {
      table ??= openItemTable(items.ids, items.columns);
      return table;
    },
    close: async () => (await table)?.close(),
  };
}

/** The candidates that pass the filters, in the order given. @throws RECOMMEND_REQUEST, RECOMMEND_FILTER */
export async function chooseCandidates(
  { saved: { items }, knowsItem }: OpenPreference,
  table: () => Promise<ItemTable>,
  { candidates, where, allow, deny = [] }: CandidateFilters,
  most: number,
): Promise<readonly string[]> {
  const unknown = candidates?.find((item) => !knowsItem(item));
  if (unknown !== undefined) {
    throw new SoftpromptError('RECOMMEND_REQUEST', {
      found: `Nothing is known of the candidate '${unknown}'`,
      expected: 'items of the answers or of the items file',
      fix: 'Correct the id, or leave it out.',
    });
  }
  const holds = where === undefined ? undefined : await (await table()).where(where);
  const [denied, allowed] = [new Set(deny), allow && new Set(allow)];
  const chosen = (candidates ?? items.ids).filter((item) => {
    const place = items.places.get(item);
    const meets = holds === undefined || (place !== undefined && holds[place] === 1);
    return meets && !denied.has(item) && (allowed === undefined || allowed.has(item));
  });
  if (chosen.length <= most) return chosen;
  throw new SoftpromptError('RECOMMEND_REQUEST', {
    found: `${chosen.length} items are to be judged`,
    expected: `at most ${most}`,
    fix: 'Name the candidates, such as those of a list, or narrow them by a condition.',
  });
}
