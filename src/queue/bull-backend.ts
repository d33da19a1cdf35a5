import type { Queue, Worker } from 'bullmq';
import type { Pool } from 'pg';
import { SoftpromptError } from '../errors.js';
import { loadOptional } from '../optional-package.js';

/** How BullMQ reaches its server. */

/** In PostgreSQL; in Redis it is the prefix of all keys. */
const SCHEMA = 'softprompt_queue';
const CONNECT_MS = 10_000;
/** Between two attempts to connect again. */
const MOST_WAIT_MS = 2000;

type Classes = typeof import('bullmq');

export interface Backend {
  readonly Queue: Classes['Queue'];
  readonly Worker: Classes['Worker'];
  readonly QueueEvents: Classes['QueueEvents'];
  readonly errors: Pick<Classes, 'DelayedError' | 'UnrecoverableError'>;
  readonly connection: never;
  /** Ends the attempts to connect. */
  giveUp(): void;
}

const BULLMQ = {
  name: 'bullmq',
  title: 'BullMQ',
  code: 'QUEUE_UNAVAILABLE',
  purpose: 'which --on and `softprompt worker` give jobs to a queue with',
  flags: '--save-exact',
  platforms: 'Node 20 and newer',
} as const;

/** @throws QUEUE_URL, QUEUE_UNAVAILABLE */
export async function backendOf(url: string): Promise<Backend> {
  const bull = await loadOptional(BULLMQ, () => import('bullmq'));
  const { DelayedError, UnrecoverableError } = bull;
  const errors = { DelayedError, UnrecoverableError };
  const kind = /^([a-z]+):\/\/./i.exec(url)?.[1]?.toLowerCase();
  switch (kind) {
    case 'redis':
    case 'rediss':
    case 'valkey': {
      await loadOptional({ ...BULLMQ, name: 'ioredis', title: 'ioredis' }, () => import('ioredis'));
      let isGivenUp = false;
      const connection = {
        ...{ url: url.replace(/^valkey:/i, 'redis:'), maxRetriesPerRequest: null },
        retryStrategy: (times: number) => (isGivenUp ? null : Math.min(200 * times, MOST_WAIT_MS)),
      };
      const giveUp = () => {
        isGivenUp = true;
      };
      return { ...bull, errors, connection: connection as never, giveUp };
    }
    case 'postgres':
    case 'postgresql': {
      await loadOptional({ ...BULLMQ, name: 'pg', title: 'pg' }, () => import('pg'));
      const classes = bull.withBackend(bull.createPostgresBackend) as unknown as Classes;
      const connection = { connectionString: url, schema: SCHEMA, migrate: true };
      return { ...classes, errors, connection: connection as never, giveUp: () => {} };
    }
    default:
      throw new SoftpromptError('QUEUE_URL', {
        found: `The queue is given as ${withoutSecret(url)}`,
        expected:
          'the address of a Redis or Valkey server (redis://HOST:6379) or of a PostgreSQL database (postgres://USER@HOST/NAME)',
        fix: 'Correct --on or --queue.',
      });
  }
}

/** The address as it may be shown. */
export const withoutSecret = (url: string): string => url.replace(/\/\/([^:@/]*):[^@/]*@/, '//$1:…@');

/** Waits for the first connection, and tells of later losses. @throws QUEUE_UNREACHABLE */
export async function connected(
  url: string,
  open: Pick<Queue | Worker, 'waitUntilReady' | 'close'> & {
    on(event: 'error', hear: (error: Error) => void): unknown;
  },
  { giveUp }: Backend,
  onProblem: (message: string) => void,
): Promise<void> {
  let isReady = false;
  const failed = new Promise<never>((_, reject) => {
    open.on('error', (error) => (isReady ? onProblem(error.message || String(error)) : reject(error)));
    setTimeout(() => reject(new Error(`no answer within ${CONNECT_MS / 1000} s`)), CONNECT_MS).unref();
  });
  try {
    await Promise.race([open.waitUntilReady(), failed]);
    isReady = true;
  } catch (cause) {
    giveUp();
    await Promise.race([open.close(), new Promise((later) => setTimeout(later, 500).unref())]).catch(() => {});
    const message = (cause as Error).message || (cause as NodeJS.ErrnoException).code;
    throw new SoftpromptError(
      'QUEUE_UNREACHABLE',
      {
        found: `The queue at ${withoutSecret(url)} does not answer: ${message}`,
        expected: 'a running Redis 6.2, Valkey or PostgreSQL 13 server, or newer, that lets this machine in',
        fix: 'Start it, or correct --on or --queue.',
      },
      { cause },
    );
  }
}

/** Milliseconds since 1970 on the server's clock. */
export async function serverTime(url: string, { connection }: Backend): Promise<number> {
  if (/^postgres/i.test(url)) {
    const { default: pg } = await import('pg');
    const pool: Pool = new pg.Pool({ connectionString: url, max: 1 });
    try {
      const { rows } = await pool.query<{ now: number }>('SELECT extract(epoch FROM clock_timestamp()) * 1000 AS now');
      return Number(rows[0]!.now);
    } finally {
      await pool.end();
    }
  }
  const { Redis } = await import('ioredis');
  const { url: address } = connection as { readonly url: string };
  const client = new Redis(address);
  try {
    const [seconds, micros] = await client.time();
    return Number(seconds) * 1000 + Number(micros) / 1000;
  } finally {
    client.disconnect();
  }
}
