import { SoftpromptError } from '../../errors.js';
import type { TableRow } from '../table-row.js';
import type { SqlDatabase, SqlSession } from './sql-database.js';

/** Rows that are fetched at a time. */
const BLOCK = 5_000;

/** Numbers of types whose text says less than JSON does: `json`, `jsonb` are as they are. */
const BYTES = 17;

/**
 * Streams the rows of a SELECT through a cursor, numbered from 1, as text: lists and composite values as JSON, bytes as the
 * UTF-8 text that they are, everything else as PostgreSQL writes it, times in UTC. The database can only be read meanwhile.
 * @throws DATA_COLUMN_REPEATED, and what the database says
 */
export async function* queryPostgres(database: SqlDatabase, query: string): AsyncGenerator<TableRow> {
  const source = `(${query.replace(/;\s*$/, '')}\n) as source`; // the line break ends a comment
  const session = await database.lend();
  try {
    await session.query('begin transaction read only');
    await session.query("set local timezone to 'UTC'");
    await session.query("set local datestyle to 'ISO'");
    const columns = await session.columns(`select * from ${source} limit 0`);
    refuseRepeatedNames(columns.map(({ name }) => name));
    const nested = await nestedTypes(session);
    const asText = ({ name, type }: { readonly name: string; readonly type: number }, i: number) => {
      const quoted = `"${name.replaceAll('"', '""')}"`;
      const text = nested.has(type) ? `to_json(${quoted})::text` : `${quoted}::text`;
      return `${type === BYTES ? `convert_from(${quoted}, 'UTF8')` : text} as c${i}`;
    };
    await session.query(`declare softprompt_rows cursor for select ${columns.map(asText).join(', ')} from ${source}`);
    for (let number = 1; ; ) {
      const rows = await session.query<Record<string, string | null>>(`fetch ${BLOCK} from softprompt_rows`);
      for (const row of rows) {
        yield { number, values: new Map(columns.map(({ name }, i) => [name, row[`c${i}`]!])) };
        number += 1;
      }
      if (rows.length < BLOCK) return;
    }
  } finally {
    await session.query('rollback').catch(() => {}); // nothing was written
    await session.giveBack();
  }
}

/** A join of two tables may have two columns of one name, of which a row could only show one. */
export function refuseRepeatedNames(names: readonly string[]): void {
  const plain = names.map((name) => name.toLowerCase());
  const repeated = names.find((_, i) => plain.indexOf(plain[i]!) !== i);
  if (repeated === undefined) return;
  throw new SoftpromptError('DATA_COLUMN_REPEATED', {
    found: `the query has two columns named '${repeated}'`,
    expected: 'different names',
    fix: 'Name them in the query: SELECT a.id AS item_id, b.id AS user_id ….',
  });
}

/** Types of lists and of composite values. */
async function nestedTypes(session: SqlSession): Promise<ReadonlySet<number>> {
  const rows = await session.query<{ oid: number }>(
    "select oid::integer as oid from pg_type where typcategory in ('A', 'C') and oid < 2147483648",
  );
  return new Set(rows.map(({ oid }) => Number(oid)));
}
