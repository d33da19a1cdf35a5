import { type AttributeOptions, readAttributes, withUnseenIds } from '../../data/interactions/attribute-table.js';
import { codesById } from '../../data/interactions/id-codes.js';
import { countCodes } from '../../data/interactions/interaction-data.js';
import { readOrListedIds } from '../../data/interactions/read-ids.js';
import type { InteractionOptions } from '../../data/interactions/read-interactions.js';
import { orderByUser } from '../../data/interactions/user-order.js';
import type { DatabaseQuery } from '../../data/read-database.js';
import type { TableOptions } from '../../data/read-table.js';
import { SoftpromptError } from '../../errors.js';
import { RECOMMEND_DATA } from '../fit-options.js';
import { loadInteractions } from '../recommend-data.js';
import { unknownId } from '../unknown-id.js';
import { itemCodes, type TitledItems, titledItems } from './titled-items.js';

/** Items with their titles, and who met them where that is known. */
export interface WordsCatalogue extends TitledItems {
  /** [items] interactions of each; undefined without a file of interactions. */
  readonly counts: Int32Array | undefined;
  /** The codes of a user's items, the oldest first. @throws RECOMMEND_REQUEST */
  historyOf(user: string): number[];
}

export interface WordsCatalogueOptions {
  readonly items: string;
  readonly itemTable?: AttributeOptions | undefined;
  readonly titleColumn?: string | undefined;
  readonly interactions?: string | DatabaseQuery | undefined;
  readonly interactionTable?: InteractionOptions | undefined;
}

/** Reads items and interactions. Errors: those of readAttributes, loadInteractions and titledItems. */
export async function readWordsCatalogue(options: WordsCatalogueOptions): Promise<WordsCatalogue> {
  const table = await readAttributes(options.items, 'item', options.itemTable);
  if (options.interactions === undefined) {
    return {
      ...titledItems(table.ids, table.columns, options.titleColumn),
      counts: undefined,
      historyOf: (user) => {
        throw new SoftpromptError('RECOMMEND_REQUEST', {
          found: `The user '${user}' is not known`,
          expected: 'interactions that the user occurs in',
          fix: 'Give them (--interactions), or give the history.',
        });
      },
    };
  }
  const { data } = await loadInteractions({
    interactions: options.interactions,
    interactionTable: options.interactionTable,
    kCore: RECOMMEND_DATA.kCore.default,
  });
  // interactions keep their codes; what only the table knows comes after
  const ids = withUnseenIds(data.items, table);
  const rowOf = new Map(table.ids.map((id, row) => [id, row]));
  const columns = new Map(
    Array.from(table.columns, ([name, values]) => [name, ids.map((id) => values[rowOf.get(id) ?? -1] ?? '')]),
  );
  const { offsets, rows } = orderByUser(data);
  const users = codesById(data.users);
  return {
    ...titledItems(ids, columns, options.titleColumn),
    counts: countCodes(data.item, ids.length),
    historyOf: (user) => {
      const code = users.get(user);
      if (code === undefined) throw unknownId('user', user, data.users);
      return Array.from(rows.subarray(offsets[code]!, offsets[code + 1]!), (row) => data.item[row]!);
    },
  };
}

/** Candidates where none are named and interactions tell what is popular. */
const POPULAR = 'popular:200';

/**
 * The codes of the candidates, without those of the history.
 * @param named ids separated by commas, a file with an id a line, or `popular:N`, the items with most interactions;
 * default: popular:200 where there are interactions, else all items with a title
 * @throws RECOMMEND_REQUEST for an unknown id or one without a title, RECOMMEND_OPTION for popular without interactions
 */
export async function candidateCodes(
  catalogue: WordsCatalogue,
  history: readonly number[],
  named: string | undefined,
  table: TableOptions = {},
): Promise<number[]> {
  const met = new Set(history);
  const { titles, counts } = catalogue;
  const open = (code: number) => titles[code] !== '' && !met.has(code);
  const all = [...titles.keys()].filter(open);
  const chosen = named ?? (counts === undefined ? undefined : POPULAR);
  if (chosen === undefined) return all;
  const popular = /^popular:(\d+)$/.exec(chosen);
  if (popular === null) {
    const wanted = await readOrListedIds(chosen, 'item', table);
    return [...new Set(itemCodes(catalogue, wanted))].filter((code) => !met.has(code));
  }
  if (counts === undefined) {
    throw new SoftpromptError('RECOMMEND_OPTION', {
      found: `The candidates ${chosen} without interactions`,
      expected: 'interactions, which tell what is popular',
      fix: 'Give them (--interactions), or name the candidates.',
    });
  }
  return all.sort((a, b) => counts[b]! - counts[a]! || a - b).slice(0, Number(popular[1]));
}
