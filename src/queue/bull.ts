import type { Job, Queue, QueueEvents } from 'bullmq';
import { SoftpromptError } from '../errors.js';
import { type Backend, backendOf, connected, serverTime } from './bull-backend.js';
import type { Failure, JobQueue, NewJob, QueuedJob, QueuedState, QueueWorker, WorkerOptions } from './job-queue.js';
import { lastingQueue } from './lasting-queue.js';

/** With `bull-backend.ts` the only module that knows BullMQ, which brings the queue to Redis (Valkey) and PostgreSQL. */

const QUEUE = 'softprompt';
const MOST_PRIORITY = 1000;
/** Tries of a job, the first after a second, each later one after twice as long. */
const ATTEMPTS = 5;
const BACK_OFF_MS = 1000;
const DAY = 86_400;
const KEEP_DONE = { age: 7 * DAY, count: 20_000 };
const KEEP_DEAD = { age: 30 * DAY, count: 20_000 };
/** How often a worker looks whether its job was cancelled. */
const LOOK_MS = 1000;

/** What a job carries. */
interface Carried {
  /** JSON: PostgreSQL orders the keys of an object anew, and the order of labels means something. */
  readonly payload: string;
  readonly passed?: Readonly<Record<string, string>>;
  readonly cancelled?: boolean;
  /** Whether what it comes to stands in `answer`: events, which carry other results, are kept by the thousand. */
  readonly light?: boolean;
  /** JSON. */
  readonly answer?: string;
}

type BullJob = Job<Carried, unknown>;

/** @param onProblem hears when the connection is lost; it comes back by itself */
export async function openQueue(url: string, onProblem: (message: string) => void = () => {}): Promise<JobQueue> {
  const backend = await backendOf(url);
  const { connection } = backend;
  const queue = new backend.Queue<Carried>(QUEUE, { connection });
  await connected(url, queue, backend, onProblem);
  return lastingQueue(new BullQueue(url, queue, backend), onProblem);
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

  async ask(jobs: readonly NewJob[]): Promise<void> {
    await this.queue.addBulk(
      jobs.map((job) => ({
        name: job.title,
        data: { payload: JSON.stringify(job.data), light: true },
        opts: optionsOf(job),
      })),
    );
  }

  async answer(id: string): Promise<unknown> {
    const job = await this.job(id);
    // before it has finished its worker holds it, and it could not be forgotten
    return job?.data.answer === undefined || !job.finishedOn ? undefined : JSON.parse(job.data.answer);
  }

  async forget(ids: readonly string[]): Promise<void> {
    // one that is being done goes when it has ended
    await Promise.all(ids.map((id) => Promise.resolve(this.queue.remove(id)).catch(() => 0)));
  }

  async add(jobs: readonly NewJob[], anew = false): Promise<void> {
    for (const job of jobs) {
      const { id, title, data } = job;
      const known = await this.job(id);
      const state = known && (await known.getState());
      if (known && state === 'failed') await this.retry(id);
      else if (known?.data.cancelled) await known.updateData({ payload: known.data.payload });
      if (known && !(anew && state === 'completed')) continue;
      await known?.remove();
      await this.queue.add(title, { payload: JSON.stringify(data) }, optionsOf(job));
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
    for (const name of ['active', 'progress', 'completed', 'failed', 'delayed', 'duplicated'] as const)
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

const optionsOf = ({ id, priority }: NewJob) => ({
  jobId: id,
  priority: MOST_PRIORITY + 1 - Math.min(priority, MOST_PRIORITY),
  attempts: ATTEMPTS,
  backoff: { type: 'exponential', delay: BACK_OFF_MS },
  removeOnComplete: KEEP_DONE,
  removeOnFail: KEEP_DEAD,
});

const STATES: Readonly<Record<string, QueuedState>> = {
  ...{ active: 'active', completed: 'completed', failed: 'dead', delayed: 'delayed' },
};

function described(job: BullJob, state: string): QueuedJob {
  const { payload, passed = {}, cancelled = false, answer } = job.data;
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
    ...{ data: JSON.parse(payload) as unknown, result: answer === undefined ? job.returnvalue : JSON.parse(answer) },
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
        const done = await doJob({
          id: job.id!,
          data: JSON.parse(job.data.payload) as unknown,
          light: job.data.light ?? false,
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
        if (!job.data.light) return done;
        await job.updateData({ ...job.data, answer: JSON.stringify(done) });
        return undefined;
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
