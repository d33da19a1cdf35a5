import { SoftpromptError } from '../../errors.js';
import type { TableRow } from '../table-row.js';
import { GrowingColumn } from './growing-column.js';
import { columnsOf, namedColumn } from './guess-columns.js';
import { IdCodes } from './id-codes.js';
import { idNotes } from './id-notes.js';
import { sequenceColumns } from './interaction-columns.js';
import { countCodes, type InteractionData } from './interaction-data.js';
import type { InteractionOptions, InteractionsRead } from './interaction-options.js';
import { type ListStyle, ListSurvey, readItemList } from './item-list.js';
import { idMissing, nothingThere } from './read-rows.js';

/**
 * Reads a user a row, with the list of his items. The source is read twice: how the lists are written follows from all of
 * them.
 */
export async function readSequences(
  source: string,
  open: () => AsyncIterable<TableRow>,
  options: InteractionOptions,
): Promise<InteractionsRead> {
  const { invalidRows = 'error' } = options;
  const { columns, style } = await survey(source, open(), options);
  const users = new IdCodes();
  const items = new IdCodes();
  const user = new GrowingColumn((length) => new Int32Array(length));
  const item = new GrowingColumn((length) => new Int32Array(length));
  const drop = invalidRows === 'drop';
  let count = 0;
  let withoutId = 0;
  let longest = 0;
  for await (const row of open()) {
    count += 1;
    const userId = row.values.get(columns.user);
    if (!userId?.trim()) {
      if (!drop) throw idMissing(source, row, columns.user);
      withoutId += 1;
      continue;
    }
    const list = listOf(row, columns.items, style, source, drop);
    if (list === undefined) {
      withoutId += 1;
      continue;
    }
    const known = users.ids.length;
    const code = users.codeOf(userId);
    if (code < known) throw sequenceRepeated(source, row, userId);
    const next = columns.item === undefined ? undefined : row.values.get(columns.item);
    longest = Math.max(longest, list.length);
    for (const itemId of [...list, ...(next?.trim() ? [next] : [])]) {
      user.push(code);
      item.push(items.codeOf(itemId));
    }
  }
  for (const ids of [users, items]) ids.checkDistinct(source);
  const malformedIds = users.malformed + items.malformed;
  const data: InteractionData = {
    users: users.ids,
    items: items.ids,
    user: user.take(),
    item: item.take(),
    time: undefined,
    rating: undefined,
  };
  const dropped = { withoutId, invalidTime: 0, invalidRating: 0 };
  const notes = [
    ...(longest === 1 && users.ids.length > 1
      ? [
          `no list in '${columns.items}' has more than one item, such as ${JSON.stringify(items.ids[0])}: if it is several, say what separates them with --list-delimiter`,
        ]
      : []),
    ...idNotes('user', columns.user, data.users, countCodes(data.user, data.users.length)),
    ...idNotes('item', columns.items, data.items, countCodes(data.item, data.items.length)),
  ];
  return {
    data,
    report: { source, rows: count, columns: { ...columns }, timeUnit: undefined, malformedIds, dropped },
    notes,
  };
}

async function survey(source: string, rows: AsyncIterable<TableRow>, options: InteractionOptions) {
  const { columns: named = {}, listDelimiter } = options;
  const names = new Set<string>();
  const surveys = new Map<string, ListSurvey>();
  let candidates: string[] = [];
  for await (const row of rows) {
    const before = names.size;
    for (const name of row.values.keys()) names.add(name);
    if (names.size > before) candidates = candidateLists([...names], named.items);
    for (const name of candidates) {
      const found = surveys.get(name) ?? new ListSurvey();
      surveys.set(name, found);
      if (listDelimiter === undefined) found.look(row.values.get(name) ?? '', row.number);
    }
  }
  if (names.size === 0) throw nothingThere(source);
  const columns = sequenceColumns(source, [...names], named);
  const style: ListStyle =
    listDelimiter === undefined
      ? surveys.get(columns.items)!.decide(source, columns.items)
      : { separator: listDelimiter };
  return { columns, style };
}

function candidateLists(names: readonly string[], named: string | undefined): string[] {
  if (named === undefined) return columnsOf('items', names);
  const column = namedColumn(named, names);
  return column === undefined ? [] : [column];
}

/** Undefined where it cannot be read and its row is left out. */
function listOf(row: TableRow, column: string, style: ListStyle, source: string, drop: boolean): string[] | undefined {
  try {
    return readItemList(row.values.get(column) ?? '', style, { source, row: row.number, column });
  } catch (error) {
    if (drop && error instanceof SoftpromptError) return undefined;
    throw error;
  }
}

function sequenceRepeated(source: string, row: TableRow, user: string): SoftpromptError {
  return new SoftpromptError('DATA_ID_REPEATED', {
    found: `${source}:${row.number} holds a second sequence of the user '${user}'`,
    expected: 'one row a user',
    fix: "Keep his longest row. RecBole's training files hold each history in pieces; the test file holds it whole.",
  });
}
