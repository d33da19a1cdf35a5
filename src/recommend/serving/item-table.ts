import type { DuckDBConnection } from '@duckdb/node-api';
import { duckDB } from '../../data/duckdb.js';
import { type OpenDuckDB, openDuckDB } from '../../data/duckdb-rows.js';
import { isNumberColumn, readNumber } from '../../data/number-column.js';
import { SoftpromptError } from '../../errors.js';
import { checkCondition, ITEMS, refused, statementFor } from './condition.js';

/** The items' attributes, ready to be asked. */
export interface ItemTable {
  /**
   * The items for which a condition in SQL holds, such as `genre = 'Drama' AND year > 1990`, [I] 1 or 0. Only a
   * condition is taken (see checkCondition): nothing can be changed or read but the items. Conditions that are asked at
   * once are answered one after the other.
   * @throws RECOMMEND_FILTER
   */
  where(condition: string): Promise<Uint8Array>;
  close(): void;
}

/** The column of the ids, where the items have none of that name. */
const ID_COLUMN = 'item_id';

/**
 * Loads the items' columns into a database in memory: numbers where a column holds nothing else, text otherwise, null
 * where it says nothing.
 * @param ids code → id @param columns by name, a value a code @param options timeLimit: of a condition, in milliseconds
 */
export async function openItemTable(
  ids: readonly string[],
  columns: ReadonlyMap<string, readonly string[]>,
  { timeLimit = TIME_LIMIT }: { readonly timeLimit?: number } = {},
): Promise<ItemTable> {
  const { connection, connect, close } = await openDuckDB({ memory_limit: MEMORY_LIMIT });
  try {
    const named = distinctNames(columns.has(ID_COLUMN) ? columns : new Map([[ID_COLUMN, ids], ...columns]));
    const codeColumn = freeName(named);
    await fill(connection, ids.length, named, codeColumn);
    await connection.run('SET enable_external_access = false');
    await connection.run('SET lock_configuration = true');
    const shape = { names: [...named.keys()], codeColumn, items: ids.length, timeLimit };
    let last: Promise<unknown> = Promise.resolve();
    const where = (condition: string) => {
      const answer = last.then(() => holdsFor(connect, condition, shape));
      last = answer.catch(() => {});
      return answer;
    };
    return { where, close: () => void last.then(close) };
  } catch (error) {
    close();
    throw error;
  }
}

const MEMORY_LIMIT = '2GB';
const TIME_LIMIT = 10_000;
const ROWS_AT_ONCE = 2048; // a DuckDB vector

interface TableShape {
  readonly names: readonly string[];
  readonly codeColumn: string;
  readonly items: number;
  readonly timeLimit: number;
}

/** Databases know no difference between `Year` and `year`: the first column of a name is kept. */
function distinctNames(columns: ReadonlyMap<string, readonly string[]>): Map<string, readonly string[]> {
  const seen = new Set<string>();
  return new Map([...columns].filter(([name]) => seen.size < seen.add(name.toLowerCase()).size));
}

/** A name for the column of the codes that no column of the items has. */
function freeName(columns: ReadonlyMap<string, readonly string[]>): string {
  const taken = new Set(Array.from(columns.keys(), (name) => name.toLowerCase()));
  let name = 'code';
  while (taken.has(name)) name += '_';
  return name;
}

function numberOrNull(text: string): number | null {
  const number = readNumber(text);
  return number === undefined || Number.isNaN(number) ? null : number;
}

async function fill(
  connection: DuckDBConnection,
  items: number,
  columns: ReadonlyMap<string, readonly string[]>,
  codeColumn: string,
): Promise<void> {
  const { DOUBLE, DuckDBDataChunk, INTEGER, VARCHAR } = await duckDB();
  const typed = [...columns].map(([name, values]) => ({
    name,
    values,
    numeric: name !== ID_COLUMN && isNumberColumn(values),
  }));
  const declared = typed.map(
    ({ name, numeric }) => `"${name.replaceAll('"', '""')}" ${numeric ? 'DOUBLE' : 'VARCHAR'}`,
  );
  await connection.run(`CREATE TABLE ${ITEMS} (${[`${codeColumn} INTEGER`, ...declared].join(', ')})`);
  const appender = await connection.createAppender(ITEMS);
  const types = [INTEGER, ...typed.map(({ numeric }) => (numeric ? DOUBLE : VARCHAR))];
  for (let start = 0; start < items; start += ROWS_AT_ONCE) {
    const end = Math.min(start + ROWS_AT_ONCE, items);
    const chunk = DuckDBDataChunk.create(types);
    chunk.setColumns([
      Array.from({ length: end - start }, (_, i) => start + i),
      ...typed.map(({ values, numeric }) =>
        values.slice(start, end).map((value) => (value === '' ? null : numeric ? numberOrNull(value) : value)),
      ),
    ]);
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}

async function holdsFor(
  connect: OpenDuckDB['connect'],
  condition: string,
  { names, codeColumn, items, timeLimit }: TableShape,
): Promise<Uint8Array> {
  const { connection, close } = await connect(); // a connection has one result at a time
  let late = false;
  const timer = setInterval(() => {
    late = true;
    connection.interrupt();
  }, timeLimit);
  try {
    await checkCondition(connection, condition, names);
    const holds = new Uint8Array(items);
    const result = await connection.stream(statementFor(condition, codeColumn));
    for await (const rows of result.yieldRowsJs()) for (const [code] of rows) holds[code as number] = 1;
    return holds;
  } catch (error) {
    if (error instanceof SoftpromptError) throw error;
    if (late) throw refused(condition, `it takes more than ${timeLimit / 1000} seconds`);
    throw refused(condition, error instanceof Error ? error.message.split('\n')[0]! : String(error));
  } finally {
    clearInterval(timer);
    close();
  }
}
