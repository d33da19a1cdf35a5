import type { SqlDatabase, SqlRow } from '../data/postgres/sql-database.js';
import { ADDING_LOCK, migrate } from './migrations.js';
import { type ServedVersions, servedVersions } from './served-versions.js';

/** Something that a person did with an item. */
export interface InteractionEvent {
  /** Chosen by who sends it: the same event may be sent again and counts once. */
  readonly eventId: string;
  readonly user: string;
  readonly item: string;
  /** Default: when it arrives. */
  readonly time?: Date | undefined;
  readonly rating?: number | undefined;
}

export interface StoredInteraction extends Omit<InteractionEvent, 'time' | 'rating'> {
  readonly time: Date;
  readonly rating: number | null;
  /** Grows with each event of the store. */
  readonly sequence: number;
}

/** Keeps what people do, durably and each event once. */
export interface InteractionStore {
  /** What the database is called in messages. */
  readonly name: string;
  /** Resolves when all are kept. @returns how many were new; the others had been sent before and stay as they were */
  add(events: readonly InteractionEvent[]): Promise<{ readonly stored: number; readonly repeated: number }>;
  /** What users did, each user's in order of time. */
  ofUsers(users: readonly string[]): Promise<ReadonlyMap<string, readonly StoredInteraction[]>>;
  /**
   * All events behind a sequence number, in order, a block at a time. None with a lower number than the last one comes later,
   * however many processes add meanwhile: the next export can go on behind it.
   */
  all(after?: number): AsyncGenerator<StoredInteraction>;
  /** Removes all that a user did. @returns how many events that were */
  forget(user: string): Promise<number>;
  count(): Promise<number>;
  /** Which versions of prompts and recommenders the services of this database answer with. */
  readonly served: ServedVersions;
  /** Resolves where the database answers. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

const BLOCK = 5_000;
const COLUMNS = 'sequence, event_id, user_id, item_id, occurred_at, rating';

interface Row extends SqlRow {
  readonly sequence: string | number;
  readonly event_id: string;
  readonly user_id: string;
  readonly item_id: string;
  readonly occurred_at: Date;
  readonly rating: number | null;
}

/** @param database closed by the store */
export async function interactionStore(database: SqlDatabase): Promise<InteractionStore> {
  await migrate(database);
  return {
    name: database.name,
    add: async (events) => {
      let stored = 0;
      const add = async ({ query }: Pick<SqlDatabase, 'query'>, block: readonly InteractionEvent[]) => {
        const rows = await query(
          `insert into softprompt_interactions (event_id, user_id, item_id, occurred_at, rating)
           select event_id, user_id, item_id, coalesce(occurred_at, now()), rating
           from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::double precision[])
             as event (event_id, user_id, item_id, occurred_at, rating)
           on conflict (event_id) do nothing returning sequence`,
          [
            block.map(({ eventId }) => eventId),
            block.map(({ user }) => user),
            block.map(({ item }) => item),
            block.map(({ time }) => time?.toISOString() ?? null) as string[],
            block.map(({ rating }) => rating ?? null) as number[],
          ],
        );
        stored += rows.length;
      };
      if (events.length <= BLOCK) await add(database, events);
      else
        await database.transaction(async (session) => {
          for (let at = 0; at < events.length; at += BLOCK) await add(session, events.slice(at, at + BLOCK));
        });
      return { stored, repeated: events.length - stored };
    },
    ofUsers: async (users) => {
      const rows = await database.query<Row>(
        `select ${COLUMNS} from softprompt_interactions where user_id = any($1) order by user_id, occurred_at, sequence`,
        [users],
      );
      const found = new Map<string, StoredInteraction[]>();
      for (const row of rows) {
        const event = storedInteraction(row);
        const own = found.get(event.user);
        if (own === undefined) found.set(event.user, [event]);
        else own.push(event);
      }
      return found;
    },
    async *all(after = 0) {
      const newest = await database.transaction(async (session) => {
        await session.query('select pg_advisory_xact_lock($1)', [ADDING_LOCK]);
        const [row] = await session.query<{ newest: string | number }>(
          'select coalesce(max(sequence), 0) as newest from softprompt_interactions',
        );
        return Number(row!.newest);
      });
      for (let last = after; ; ) {
        const rows = await database.query<Row>(
          `select ${COLUMNS} from softprompt_interactions where sequence > $1 and sequence <= $2
           order by sequence limit ${BLOCK}`,
          [last, newest],
        );
        for (const row of rows) yield storedInteraction(row);
        if (rows.length < BLOCK) return;
        last = Number(rows.at(-1)!.sequence);
      }
    },
    forget: async (user) => {
      const rows = await database.query('delete from softprompt_interactions where user_id = $1 returning sequence', [
        user,
      ]);
      return rows.length;
    },
    count: async () => {
      const [row] = await database.query<{ count: number }>(
        'select count(*)::integer as count from softprompt_interactions',
      );
      return row!.count;
    },
    served: servedVersions(database),
    ping: async () => {
      await database.query('select 1');
    },
    close: () => database.close(),
  };
}

function storedInteraction(row: Row): StoredInteraction {
  return {
    sequence: Number(row.sequence),
    eventId: row.event_id,
    user: row.user_id,
    item: row.item_id,
    time: row.occurred_at,
    rating: row.rating,
  };
}
