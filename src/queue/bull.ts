import type { Job, Queue, QueueEvents, Worker } from 'bullmq';
import type { Pool } from 'pg';
import { SoftpromptError } from '../errors.js';
import { loadOptional } from '../optional-package.js';
import type { Failure, JobQueue, NewJob, QueuedJob, QueuedState, QueueWorker, WorkerOptions } from './job-queue.js';

/** The only module that knows BullMQ, which brings the queue to Redis (Valkey) and PostgreSQL. */

const QUEUE = 'softprompt';
/** In PostgreSQL; in Redis it is the prefix of all keys. */
const SCHEMA = 'softprompt_queue';
const MOST_PRIORITY = 1000;
/** Tries of a job, the first after a second, each later one after twice as long. */
const ATTEMPTS = 5;
const BACK_OFF_MS = 1000;
const DAY = 86_400;
const KEEP_DONE = { age: 7 * DAY, count: 20_000 };
const KEEP_DEAD = { age: 30 * DAY, count: 20_000 };
const CONNECT_MS = 10_000;
/** Between two attempts to connect again. */
const MOST_WAIT_MS = 2000;
/** How often a worker looks whether its job was cancelled. */
const LOOK_MS = 1000;

/** What a job carries. */
interface Carried {
  /** JSON: PostgreSQL orders the keys of an object anew, and the order of labels means something. */
  readonly payload: string;
  readonly passed?: Readonly<Record<string, string>>;
  readonly cancelled?: boolean;
}

type BullJob = Job<Carried, unknown>;
type Classes = typeof import('bullmq');

interface Backend {
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
async function backendOf(url: string): Promise<Backend> {
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

/** @param onProblem hears when the connection is lost; it comes back by itself */
export async function openQueue(url: string, onProblem: (message: string) => void = () => {}): Promise<JobQueue> {
  const backend = await backendOf(url);
  const { connection } = backend;
  const queue = new backend.Queue<Carried>(QUEUE, { connection });
  await connected(url, queue, backend, onProblem);
  return new BullQueue(url, queue, backend);
}

/** BullMQ's own queue, for what is made for it. @throws QUEUE_URL, QUEUE_UNAVAILABLE, QUEUE_UNREACHABLE */
export async function openBullQueue(url: string, onProblem: (message: string) => void) {
  const backend = await backendOf(url);
  const queue = new backend.Queue(QUEUE, { connection: backend.connection });
  await connected(url, queue, backend, onProblem);
  return { queue: queue as Queue, close: () => queue.close() };
}

class BullQueue implements JobQueue {
  private events: QueueEvents | undefined;

  constructor(
    private readonly url: string,
    private readonly queue: Queue<Carried>,
    private readonly backend: Backend,
  ) {}

  async add(jobs: readonly NewJob[], anew = false): Promise<void> {
    for (const { id, title, data, priority } of jobs) {
      const known = await this.job(id);
      const state = known && (await known.getState());
      if (known && state === 'failed') await this.retry(id);
      else if (known?.data.cancelled) await known.updateData({ payload: known.data.payload });
      if (known && !(anew && state === 'completed')) continue;
      await known?.remove();
      await this.queue.add(
        title,
        { payload: JSON.stringify(data) },
        {
          jobId: id,
          priority: MOST_PRIORITY + 1 - Math.min(priority, MOST_PRIORITY),
          attempts: ATTEMPTS,
          backoff: { type: 'exponential', delay: BACK_OFF_MS },
          removeOnComplete: KEEP_DONE,
          removeOnFail: KEEP_DEAD,
        },
      );
    }
  }

  async read(id: string): Promise<QueuedJob | undefined> {
    // the state first: what it says has happened the job then knows
    const state = await this.queue.getJobState(id);
    const job = await this.job(id);
    return job && described(job, state);
  }

  async list(): Promise<QueuedJob[]> {
    const listed: QueuedJob[] = [];
    const states = ['active', 'waiting', 'prioritized', 'delayed', 'failed', 'completed'] as const;
    for (const state of states) {
      const jobs = (await this.queue.getJobs([state])) as unknown as (BullJob | undefined)[];
      listed.push(...jobs.flatMap((job) => (job ? [described(job, state)] : [])));
    }
    return listed;
  }

  async cancel(id: string): Promise<boolean> {
    const job = await this.job(id);
    const state = job && (await job.getState());
    if (!job || state === 'completed' || state === 'failed' || state === 'unknown') return false;
    await job.updateData({ ...job.data, cancelled: true }); // whoever does it, takes it or waits for it sees it
    return true;
  }

  async retry(id: string): Promise<boolean> {
    const job = await this.job(id);
    if (!job || (await job.getState()) !== 'failed') return false;
    await job.updateData({ payload: job.data.payload });
    await job.retry('failed', { resetAttemptsMade: true });
    return true;
  }

  async workers(): Promise<string[]> {
    const found = await this.queue.getWorkers();
    return found.map(({ rawname = '' }) => rawname.split(':w:')[1] ?? '').filter((name) => name !== '');
  }

  async watch(onChange: (id: string) => void): Promise<void> {
    const events = new this.backend.QueueEvents(QUEUE, { connection: this.backend.connection });
    events.on('error', () => {}); // the queue's own connection tells
    for (const name of ['active', 'progress', 'completed', 'failed', 'delayed'] as const)
      events.on(name, ({ jobId }: { jobId: string }) => onChange(jobId));
    await events.waitUntilReady();
    this.events = events;
  }

  async clockSkew(): Promise<number> {
    const before = Date.now();
    const theirs = await serverTime(this.url, this.backend);
    return ((before + Date.now()) / 2 - theirs) / 1000;
  }

  async close(): Promise<void> {
    await this.events?.close();
    await this.queue.close();
  }

  private async job(id: string): Promise<BullJob | undefined> {
    return (await this.queue.getJob(id)) as unknown as BullJob | undefined;
  }
}

const STATES: Readonly<Record<string, QueuedState>> = {
  ...{ active: 'active', completed: 'completed', failed: 'dead', delayed: 'delayed' },
};

function described(job: BullJob, state: string): QueuedJob {
  const { payload, passed = {}, cancelled = false } = job.data;
  return {
    id: job.id!,
    title: job.name,
    state: STATES[state] ?? 'waiting',
    priority: Math.max(0, MOST_PRIORITY + 1 - job.priority),
    failures: job.attemptsMade - (state === 'completed' ? 1 : 0),
    worker: job.processedBy,
    progress: typeof job.progress === 'object' ? job.progress : undefined,
    reason: job.failedReason ? failureOf(job.failedReason) : undefined,
    ...{ passed, cancelled, added: job.timestamp, begun: job.processedOn, ended: job.finishedOn },
    ...{ data: JSON.parse(payload) as unknown, result: job.returnvalue },
  };
}

/** What `reasonOf` wrote, or what BullMQ says. */
function failureOf(text: string): Failure {
  try {
    const { code, found, expected, fix } = JSON.parse(text) as Failure;
    if (code !== undefined) return { code, found, expected, fix };
  } catch {
    // words of BullMQ's own
  }
  return { code: 'INTERNAL', found: text, expected: 'a job that ends', fix: 'Look at the worker that did it.' };
}

/** Errors of a machine, where another may do better. */
const OF_MACHINES = /UNWRITABLE|UNAVAILABLE|UNREACHABLE|RUN_IN_USE|QUEUE_CONTENT|HUB_|MODEL_MEMORY/;

function reasonOf(error: unknown): { readonly text: string; readonly final: boolean } {
  if (error instanceof SoftpromptError) {
    return { text: JSON.stringify({ code: error.code, ...error.facts }), final: !OF_MACHINES.test(error.code) };
  }
  return { text: error instanceof Error ? error.message : String(error), final: false };
}

/** Takes jobs, one at a time. @throws QUEUE_URL, QUEUE_UNAVAILABLE, QUEUE_UNREACHABLE */
export async function openWorker(url: string, options: WorkerOptions): Promise<QueueWorker> {
  const backend = await backendOf(url);
  const { connection, errors } = backend;
  const { name, lease, doJob, onProblem } = options;
  const worker = new backend.Worker<Carried, unknown>(
    QUEUE,
    async (job, token) => {
      const abort = new AbortController();
      const look = setInterval(async () => {
        const now = (await Promise.resolve(queue.getJob(job.id!)).catch(() => undefined)) as BullJob | undefined;
        if (now?.data.cancelled) abort.abort(cancelled());
      }, LOOK_MS);
      try {
        if (job.data.cancelled) throw cancelled();
        return await doJob({
          id: job.id!,
          data: JSON.parse(job.data.payload) as unknown,
          failures: job.attemptsMade,
          passed: job.data.passed ?? {},
          signal: abort.signal,
          tell: (event) => job.updateProgress(event).catch(() => {}),
          pass: async (why, milliseconds) => {
            await job.updateData({ ...job.data, passed: { ...job.data.passed, [name]: why } });
            await job.moveToDelayed(Date.now() + milliseconds, token);
            throw new errors.DelayedError();
          },
        });
      } catch (error) {
        if (error instanceof errors.DelayedError) throw error;
        const { text, final } = reasonOf(error);
        throw final ? new errors.UnrecoverableError(text) : new Error(text, { cause: error });
      } finally {
        clearInterval(look);
      }
    },
    {
      ...{ connection, name, concurrency: 1, maxStalledCount: 1000, lockDuration: 1000 * lease },
      stalledInterval: Math.max(1000, 300 * lease),
    },
  );
  const queue = new backend.Queue<Carried>(QUEUE, { connection });
  await connected(url, queue, backend, onProblem);
  await connected(url, worker, backend, onProblem);
  return {
    close: async () => {
      await worker.close();
      await queue.close();
    },
  };
}

export const cancelled = () =>
  new SoftpromptError('QUEUE_JOB_CANCELLED', {
    found: 'The job was cancelled',
    expected: 'a job that goes on',
    fix: 'Begin it again with `npx softprompt jobs retry`.',
  });

/** Waits for the first connection, and tells of later losses. @throws QUEUE_UNREACHABLE */
async function connected(
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
async function serverTime(url: string, { connection }: Backend): Promise<number> {
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
