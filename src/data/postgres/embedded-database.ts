import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SoftpromptError } from '../../errors.js';
import { isRunning } from '../../files/running-process.js';
import { loadOptional } from '../../optional-package.js';
import type { SqlDatabase, SqlRow, SqlSession, SqlValue } from './sql-database.js';

/** PostgreSQL's own files lie beside the lock, in a folder of their own. */
const FILES = 'postgres';
const LOCK = 'softprompt.lock';

/**
 * PostgreSQL in this process (PGlite), in a folder that one process at a time may open. What was committed has been handed
 * to the operating system: it outlives this process, however that ends.
 * @throws STORE_UNAVAILABLE, STORE_LOCKED
 */
export async function openEmbedded(folder: string): Promise<SqlDatabase> {
  const { PGlite } = await loadOptional(
    {
      ...{ name: '@electric-sql/pglite', title: 'PGlite, PostgreSQL in the process,', code: 'STORE_UNAVAILABLE' },
      ...{ purpose: 'to keep interactions', flags: '--include=optional', platforms: 'all platforms of Node' },
    },
    () => import('@electric-sql/pglite'),
  );
  await mkdir(folder, { recursive: true });
  const unlock = await lockFolder(folder);
  try {
    const files = join(folder, FILES);
    // the server in the process is the only one: what a killed process left cannot be another one's
    await rm(join(files, 'postmaster.pid'), { force: true });
    const database = await PGlite.create(files, { relaxedDurability: false });
    const session = (client: Pick<typeof database, 'query'>): SqlSession => ({
      query: async <Row extends SqlRow>(statement: string, parameters: readonly SqlValue[] = []) =>
        (await client.query<Row>(statement, [...parameters])).rows,
      columns: async (statement) =>
        (await client.query(statement)).fields.map(({ name, dataTypeID }) => ({ name, type: dataTypeID })),
    });
    return {
      name: folder,
      ...session(database),
      transaction: (use) => database.transaction((client) => use(session(client as never))),
      lend: async () => ({ ...session(database), giveBack: async () => {} }),
      close: async () => {
        await database.close();
        await unlock();
      },
    };
  } catch (cause) {
    await unlock();
    if (cause instanceof SoftpromptError) throw cause;
    throw new SoftpromptError(
      'STORE_UNAVAILABLE',
      {
        found: `${folder} does not open: ${cause instanceof Error ? cause.message : cause}`,
        expected: 'a folder for interactions that softprompt has made, or one that is not there yet',
        fix: 'Name another folder with --store DIR, or restore this one.',
      },
      { cause },
    );
  }
}

/** Whether `openEmbedded` has made a database there before. */
export function holdsDatabase(folder: string): boolean {
  return existsSync(join(folder, FILES, 'PG_VERSION'));
}

/** Folders that this process has open. */
const OPEN_HERE = new Set<string>();

/** @returns what unlocks it */
async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, LOCK);
  for (;;) {
    const file = await open(path, 'wx').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return undefined;
      throw error;
    });
    if (file !== undefined) {
      await file.writeFile(String(process.pid));
      await file.close();
      OPEN_HERE.add(resolve(folder));
      return async () => {
        OPEN_HERE.delete(resolve(folder));
        await rm(path, { force: true });
      };
    }
    const holder = Number(await readFile(path, 'utf8').catch(() => ''));
    // a container's process may have the number of the one before
    const held = holder === process.pid ? OPEN_HERE.has(resolve(folder)) : holder > 0 && isRunning(holder);
    if (held) throw locked(folder, holder);
    await rm(path, { force: true });
  }
}

function locked(folder: string, holder: number): SoftpromptError {
  return new SoftpromptError('STORE_LOCKED', {
    found: `process ${holder} has ${folder} open`,
    expected: 'one process at a time',
    fix: 'Stop that one, or keep interactions in PostgreSQL, which many may use: --store postgres://….',
  });
}
