import type { SqlDatabase } from '../data/postgres/sql-database.js';

/** Any number: shared by those who add, taken alone by who wants all sequence numbers so far to be there. */
export const ADDING_LOCK = 7_261_146;

/**
 * The statements that brought the tables to where they are, in order; one that has been released never changes. `sequence`
 * grows with each event, so that what is new since an export or a fit can be told.
 */
const MIGRATIONS: readonly (readonly string[])[] = [
  [
    `create table softprompt_interactions (
      sequence bigint generated always as identity primary key,
      event_id text not null unique,
      user_id text not null,
      item_id text not null,
      occurred_at timestamptz not null,
      rating double precision,
      received_at timestamptz not null default now()
    )`,
    'create index softprompt_interactions_user on softprompt_interactions (user_id, occurred_at, sequence)',
    // who adds holds a lock from before it takes sequence numbers until these can be seen: see `InteractionStore.all`
    `create function softprompt_adding() returns trigger language plpgsql as
      $$ begin perform pg_advisory_xact_lock_shared(${ADDING_LOCK}); return null; end $$`,
    `create trigger softprompt_adding before insert on softprompt_interactions
      for each statement execute function softprompt_adding()`,
  ],
  // which versions of prompts and recommenders answer: see `ServedVersions`
  [
    `create table softprompt_served (
      kind text not null,
      name text not null,
      version text not null,
      place bigint not null,
      since timestamptz not null default now(),
      primary key (kind, name, version)
    )`,
    `create table softprompt_served_files (
      kind text not null,
      name text not null,
      version text not null,
      path text not null,
      content bytea not null,
      primary key (kind, name, version, path),
      foreign key (kind, name, version) references softprompt_served on delete cascade
    )`,
    'create table softprompt_splits (kind text not null, name text not null, weights text not null, primary key (kind, name))',
    'create table softprompt_served_revision (revision bigint not null)',
    'insert into softprompt_served_revision values (0)',
  ],
];

/** Any number: the lock under which one process at a time migrates a database. */
const MIGRATION_LOCK = 7_261_145;

/** Brings a database's tables to the newest form, once, whichever process comes first. */
export async function migrate(database: SqlDatabase): Promise<void> {
  await database.transaction(async (session) => {
    await session.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    await session.query('create table if not exists softprompt_migrations (version integer primary key)');
    const [{ version }] = (await session.query(
      'select coalesce(max(version), 0)::integer as version from softprompt_migrations',
    )) as [{ version: number }];
    for (const [i, statements] of MIGRATIONS.entries()) {
      if (i < version) continue;
      for (const statement of statements) await session.query(statement);
      await session.query('insert into softprompt_migrations values ($1)', [i + 1]);
    }
  });
}
