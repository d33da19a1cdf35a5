import { openPostgres } from '../../src/data/postgres/postgres-database.js';

/** A database of this process's own in a server: its address. */
export async function ownDatabase(url: string | undefined): Promise<string | undefined> {
  if (url === undefined) return undefined;
  const name = `serve_${process.pid}`;
  const database = await openPostgres(url);
  await database.query(`create database ${name}`);
  await database.close();
  return Object.assign(new URL(url), { pathname: `/${name}` }).href;
}
