import type { SqlDatabase, SqlRow, SqlSession } from '../data/postgres/sql-database.js';

/** A prompt's or recommender's versions, as all services of a database have them. */
export interface ServedName {
  readonly kind: string;
  readonly name: string;
  /** The newest last. */
  readonly versions: readonly string[];
  /** Since when the newest is in front. */
  readonly since: Date;
  /** Version → weight, in the order in which it was given; undefined: the newest gets all. */
  readonly split: ReadonlyMap<string, number> | undefined;
}

export interface ServedFile {
  readonly path: string;
  readonly content: Uint8Array;
}

/** Which versions answer, agreed upon by all services of one database. */
export interface ServedVersions {
  /** Grows with every change. */
  revision(): Promise<number>;
  all(): Promise<readonly ServedName[]>;
  /**
   * A service has loaded a version from its folder. With `comes`, or where it is the first of its name, it comes in front, which ends
   * a split; what is in front already stays as it is.
   * @param files of the version, for services that do not have it
   */
  announce(version: {
    readonly kind: string;
    readonly name: string;
    readonly version: string;
    readonly comes: boolean;
    readonly files: readonly ServedFile[];
  }): Promise<void>;
  spread(kind: string, name: string, weights: ReadonlyMap<string, number>): Promise<void>;
  /** What `announce` was given; none where it was given none. */
  files(kind: string, name: string, version: string): Promise<ServedFile[]>;
}

/** Versions of a name that are kept, the newest included. */
export const KEPT_VERSIONS = 3;
/** Any number: the lock under which one service at a time changes what is served. */
const SERVED_LOCK = 7_261_147;

interface Row extends SqlRow {
  readonly kind: string;
  readonly name: string;
  readonly version: string;
  readonly since: Date;
  readonly weights: string | null;
}

export function servedVersions(database: SqlDatabase): ServedVersions {
  const change = (use: (session: SqlSession) => Promise<boolean>) =>
    database.transaction(async (session) => {
      await session.query('select pg_advisory_xact_lock($1)', [SERVED_LOCK]);
      if (await use(session)) await session.query('update softprompt_served_revision set revision = revision + 1');
    });
  return {
    revision: async () => {
      const [row] = await database.query<{ revision: string | number }>(
        'select revision from softprompt_served_revision',
      );
      return Number(row!.revision);
    },
    all: async () => {
      const rows = await database.query<Row>(
        `select kind, name, version, since, weights from softprompt_served left join softprompt_splits using (kind, name)
         order by kind, name, place`,
      );
      const found = new Map<string, ServedName>();
      for (const { kind, name, version, since, weights } of rows) {
        const key = `${kind} ${name}`;
        const versions = [...(found.get(key)?.versions ?? []), version];
        const split = weights === null ? undefined : new Map(JSON.parse(weights) as [string, number][]);
        found.set(key, { kind, name, versions, since, split });
      }
      return [...found.values()];
    },
    announce: ({ kind, name, version, comes, files }) =>
      change(async (session) => {
        const rows = await session.query<{ version: string }>(
          'select version from softprompt_served where kind = $1 and name = $2 order by place desc',
          [kind, name],
        );
        const known = rows.findIndex((row) => row.version === version);
        if (known === 0 || (rows.length > 0 && !comes)) return false;
        await session.query(
          `insert into softprompt_served (kind, name, version, place)
           select $1, $2, $3, coalesce(max(place), 0) + 1 from softprompt_served where kind = $1 and name = $2
           on conflict (kind, name, version) do update set place = excluded.place, since = now()`,
          [kind, name, version],
        );
        await session.query('delete from softprompt_splits where kind = $1 and name = $2', [kind, name]);
        const others = rows.map((row) => row.version).filter((other) => other !== version);
        const gone = others.slice(KEPT_VERSIONS - 1);
        await session.query('delete from softprompt_served where kind = $1 and name = $2 and version = any($3)', [
          kind,
          name,
          gone,
        ]);
        for (const { path, content } of files) {
          await session.query(
            `insert into softprompt_served_files (kind, name, version, path, content)
             values ($1, $2, $3, $4, decode($5, 'base64')) on conflict do nothing`,
            [kind, name, version, path, Buffer.from(content).toString('base64')],
          );
        }
        return true;
      }),
    spread: (kind, name, weights) =>
      change(async (session) => {
        await session.query(
          `insert into softprompt_splits (kind, name, weights) values ($1, $2, $3)
           on conflict (kind, name) do update set weights = excluded.weights`,
          [kind, name, JSON.stringify([...weights])],
        );
        return true;
      }),
    files: async (kind, name, version) => {
      const rows = await database.query<{ path: string; content: string }>(
        `select path, encode(content, 'base64') as content from softprompt_served_files
         where kind = $1 and name = $2 and version = $3 order by path`,
        [kind, name, version],
      );
      return rows.map(({ path, content }) => ({ path, content: Buffer.from(content, 'base64') }));
    },
  };
}
