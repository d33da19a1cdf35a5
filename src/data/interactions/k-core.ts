import { SoftpromptError } from '../../errors.js';
import { compactCodes, countCodes, type InteractionData, selectRows } from './interaction-data.js';

export interface CoreSizes {
  /** Fewest interactions a user must have. */
  readonly users: number;
  /** Fewest interactions an item must have. */
  readonly items: number;
}

/**
 * The k-core: users and items with too few interactions are left out, again and again until none is. Ids that no row
 * is left of get no code. The filter shapes the data set before it is split, as in all published protocols.
 * @throws DATA_CORE_EMPTY
 */
export function kCore(data: InteractionData, sizes: CoreSizes): InteractionData {
  for (const size of [sizes.users, sizes.items]) {
    if (!Number.isInteger(size) || size < 1) throw coreEmpty(sizes, `the core size ${size}`);
  }
  const users = countCodes(data.user, data.users.length);
  const items = countCodes(data.item, data.items.length);
  let rows = Int32Array.from(data.user.keys());
  for (let before = -1; before !== rows.length; ) {
    before = rows.length;
    rows = rows.filter((row) => {
      const user = data.user[row]!;
      const item = data.item[row]!;
      if (users[user]! >= sizes.users && items[item]! >= sizes.items) return true;
      users[user]! -= 1;
      items[item]! -= 1;
      return false;
    });
  }
  if (rows.length === 0) throw coreEmpty(sizes, `no interaction left of ${data.user.length}`);
  return compactCodes(selectRows(data, rows));
}

function coreEmpty({ users, items }: CoreSizes, found: string): SoftpromptError {
  return new SoftpromptError('DATA_CORE_EMPTY', {
    found,
    expected: `users with at least ${users} and items with at least ${items} interactions among themselves`,
    fix: 'Choose a smaller whole number from 1 (--k-core), or give more data.',
  });
}
