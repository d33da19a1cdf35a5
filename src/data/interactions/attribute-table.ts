import { SoftpromptError } from '../../errors.js';
import { type DatabaseQuery, readDatabase } from '../read-database.js';
import { readTable, type TableOptions } from '../read-table.js';
import { plainName } from './column-names.js';
import { columnsOf, namedColumn, requireColumn } from './guess-columns.js';
import { IdCodes } from './id-codes.js';
import { isEmptyList } from './item-list.js';

/** What is known of items (texts, attributes) or users (attributes), by id; every value is text. */
export interface AttributeTable {
  /** Row → id. */
  readonly ids: readonly string[];
  /** Column → a value a row; empty text where the source has none. The id's own column is not among them. */
  readonly columns: ReadonlyMap<string, readonly string[]>;
}

export interface AttributeOptions extends TableOptions {
  /** The column of the id, where its name does not tell. */
  readonly idColumn?: string | undefined;
  /** The columns to keep. Default: all. */
  readonly keep?: readonly string[] | undefined;
}

/**
 * Reads a table of items or users from a file (see readTable) or a database.
 * @throws DATA_COLUMN_MISSING, DATA_ID_MISSING, DATA_ID_REPEATED, and the errors of readTable or readDatabase.
 */
export async function readAttributes(
  source: string | DatabaseQuery,
  of: 'user' | 'item',
  options: AttributeOptions = {},
): Promise<AttributeTable> {
  const name = typeof source === 'string' ? source : `the query on ${source.type}`;
  const rows = typeof source === 'string' ? readTable(source, options) : readDatabase(source);
  const codes = new IdCodes();
  const columns = new Map<string, string[]>();
  let idColumn: string | undefined;
  for await (const { number, values } of rows) {
    const names = [...values.keys()];
    idColumn ??= requireColumn(of, names, name, options.idColumn ?? plainId(names, of));
    const id = values.get(idColumn);
    if (!id?.trim()) {
      throw new SoftpromptError('DATA_ID_MISSING', {
        found: `${name}:${number} has nothing in '${idColumn}'`,
        expected: `the id of the ${of}`,
        fix: 'Fill it in, or remove the row.',
      });
    }
    const known = codes.ids.length;
    const row = codes.codeOf(id);
    if (row < known) {
      throw new SoftpromptError('DATA_ID_REPEATED', {
        found: `${name}:${number} has the ${of} '${id}' again`,
        expected: `each ${of} once`,
        fix: 'Remove one of the rows.',
      });
    }
    for (const [column, source] of sourcesOf(names, idColumn, options.keep)) {
      const list = columns.get(column) ?? Array.from({ length: row }, () => '');
      const value = values.get(source) ?? '';
      list[row] = isEmptyList(value) ? '' : value;
      columns.set(column, list);
    }
  }
  for (const column of options.keep ?? []) {
    if (columns.get(column)?.some((value) => value !== '')) continue;
    throw new SoftpromptError('DATA_COLUMN_MISSING', {
      found: `${name} has nothing in '${column}'`,
      expected: `columns of which every one says something about a ${of}`,
      fix: 'Correct the name of the column (--id-column).',
    });
  }
  for (const list of columns.values()) for (let row = 0; row < codes.ids.length; row++) list[row] ??= '';
  return { ids: codes.ids, columns };
}

/** How a table fits the ids of the interactions. */
export interface AttributeMatch {
  /** [ids] the table's row of each id, −1 where it has none. */
  readonly rows: Int32Array;
  /** Ids without a row, and rows without an id. */
  readonly missing: number;
  readonly unused: number;
}

/** @throws DATA_IDS_FOREIGN where not one id has a row */
export function matchAttributes(table: AttributeTable, ids: readonly string[]): AttributeMatch {
  const rowOf = new Map(table.ids.map((id, row) => [id, row]));
  const rows = Int32Array.from(ids, (id) => rowOf.get(id) ?? -1);
  const missing = rows.reduce((count, row) => count + (row === -1 ? 1 : 0), 0);
  if (missing === ids.length) {
    throw new SoftpromptError('DATA_IDS_FOREIGN', {
      found: `ids such as '${ids[0]}' in the interactions, and such as '${table.ids[0]}' in the table`,
      expected: 'the same ids in both',
      fix: `Name the column of the table that holds the interactions' ids (--id-column), or write them alike: 101.0 is another id than 101, and ' a' than 'a'.`,
    });
  }
  return { rows, missing, unused: table.ids.length - (ids.length - missing) };
}

/** The interactions' item ids followed by those that only the table knows: they can be recommended from their text. */
export function withUnseenIds(ids: readonly string[], table: AttributeTable): string[] {
  const known = new Set(ids);
  return [...ids, ...table.ids.filter((id) => !known.has(id))];
}

/** Column → what the row calls it: names are taken without the spaces around them. */
function sourcesOf(
  names: readonly string[],
  idColumn: string,
  keep: readonly string[] | undefined,
): readonly (readonly [string, string])[] {
  if (keep !== undefined) return keep.map((column) => [column, namedColumn(column, names) ?? column]);
  const others = names.filter((name) => name !== idColumn);
  return others.map((name) => [names.includes(name.trim()) ? name : name.trim(), name]);
}

/** A table of items or users may call its key just `id`, which is surer than a name of another kind than a key. */
function plainId(names: readonly string[], of: 'user' | 'item'): string | undefined {
  const [known] = columnsOf(of, names);
  if (known !== undefined && (/id$|asin$|sku$/.test(plainName(known)) || plainName(known) === of)) return undefined;
  return names.find((name) => plainName(name) === 'id');
}
