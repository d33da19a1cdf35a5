import type { Pool, PoolClient } from 'pg';
import { SoftpromptError } from '../../errors.js';
import { loadOptional } from '../../optional-package.js';
import { asUrl, withoutPassword } from './connection-string.js';
import type { SqlDatabase, SqlRow, SqlSession, SqlValue } from './sql-database.js';

const CONNECTIONS = 10;
const CONNECT_MS = 10_000;

/**
 * A PostgreSQL server, 15 or newer, through a pool of connections.
 * @param connection `postgres://user:password@host/database`, or `host=… dbname=…`
 * @throws STORE_UNAVAILABLE
 */
export async function openPostgres(connection: string): Promise<SqlDatabase> {
  const { default: pg } = await loadOptional(
    {
      ...{ name: 'pg', title: 'The driver of PostgreSQL', code: 'STORE_UNAVAILABLE' },
      ...{ purpose: 'for a PostgreSQL server', flags: '--include=optional', platforms: 'all platforms of Node' },
    },
    () => import('pg'),
  );
  const name = withoutPassword(connection);
  const pool: Pool = new pg.Pool({
    connectionString: asUrl(connection),
    max: CONNECTIONS,
    connectionTimeoutMillis: CONNECT_MS,
    application_name: 'softprompt',
  });
  pool.on('error', () => {}); // an idle connection that the server ended: the next query opens another
  try {
    await pool.query('select 1');
  } catch (cause) {
    await pool.end();
    throw new SoftpromptError(
      'STORE_UNAVAILABLE',
      {
        found: `the database ${name} does not answer: ${messageOf(cause)}`,
        expected: 'a PostgreSQL server of version 15 or newer that lets this user in',
        fix: 'Check the address (DATABASE_URL, --store or --database), and that the server runs.',
      },
      { cause },
    );
  }
  const session = (client: Pool | PoolClient): SqlSession => ({
    query: async <Row extends SqlRow>(statement: string, parameters: readonly SqlValue[] = []) =>
      (await client.query(statement, [...parameters])).rows as Row[],
    columns: async (statement) =>
      (await client.query(statement)).fields.map(({ name, dataTypeID }) => ({ name, type: dataTypeID })),
  });
  return {
    name,
    ...session(pool),
    transaction: async (use) => {
      const client = await pool.connect();
      try {
        await client.query('begin');
        const result = await use(session(client));
        await client.query('commit');
        client.release();
        return result;
      } catch (error) {
        const broken = await client.query('rollback').then(
          () => undefined,
          (failed: Error) => failed,
        );
        client.release(broken); // a connection that cannot roll back is not used again
        throw error;
      }
    },
    lend: async () => {
      const client = await pool.connect();
      return { ...session(client), giveBack: async () => client.release(true) }; // with whatever was set on it
    },
    close: () => pool.end(),
  };
}

function messageOf(cause: unknown): string {
  const { message, errors } = cause as AggregateError;
  return message || (errors?.[0] as Error | undefined)?.message || String(cause);
}
