import { fork } from 'node:child_process';
import { readdir, rm, stat } from 'node:fs/promises';
import { hostname, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { type ErrorCode, type ErrorFacts, SoftpromptError } from '../errors.js';
import { defaultCacheFolder } from '../files/cache-folder.js';
import { packageVersion } from '../package-version.js';
import { openQueue, openWorker } from './bull.js';
import { workFolder } from './do-part.js';
import type { TakenJob } from './job-queue.js';
import { type QueuedPart, readPart } from './queued-part.js';
import { forgetUnusedTrees, isOnThisMachine } from './trees.js';

export interface WorkerPlan {
  readonly queue: string;
  readonly store?: string | undefined;
  readonly name?: string | undefined;
  readonly threads: number;
  readonly memory?: number | undefined;
  readonly lease: number;
  readonly cacheFolder?: string | undefined;
}

export type WorkerEvent =
  | { readonly event: 'ready'; readonly worker: string; readonly threads: number; readonly memoryMib: number }
  | { readonly event: 'job'; readonly job: string; readonly work: string; readonly part: string }
  | { readonly event: 'passed'; readonly job: string; readonly why: string }
  /** So many since it began. */
  | { readonly event: 'light jobs'; readonly work: string; readonly jobs: number }
  | { readonly event: 'job ended'; readonly job: string; readonly seconds: number }
  | { readonly event: 'job failed'; readonly job: string; readonly code: string; readonly found: string }
  | { readonly event: 'note'; readonly text: string };

export interface WorkerHooks {
  readonly onEvent: (event: WorkerEvent) => void;
  /** Ends after the job at hand. */
  readonly signal: AbortSignal;
}

/** What is asked of the process that computes, and what it says. */
export type ToDoer = { readonly do: string; readonly job: unknown } | { readonly cancel: true };
export type FromDoer = { readonly told: object } | { readonly done: unknown } | { readonly failed: DoerFailure };

interface DoerFailure {
  readonly code?: string;
  readonly facts?: ErrorFacts;
  readonly message: string;
}

/** Clocks that differ by more spoil when jobs are tried again. */
const MOST_SKEW_SECONDS = 30;
/** For how long others have a job that this worker gave back. */
const PASS_MS = 1500;
/** A part that needs as much has a model that takes a while to fetch: a worker that has it may take the job first. */
const SMALL_PART_MIB = 500;
/** After so long a worker that could not write tries again. */
const FULL_MS = 10_000;
const TELL_MS = 1000;
/** Between two lines about light jobs. */
const LIGHTLY_MS = 10_000;
const UNUSED_MS = 7 * 86_400_000;

/**
 * Does jobs of a queue, one at a time, until the signal comes. They are computed in a process of their own, so that this one
 * can say that it lives.
 * @param doer the module of that process; see `FromDoer`
 * @throws QUEUE_URL, QUEUE_UNREACHABLE, QUEUE_UNAVAILABLE, QUEUE_CLOCK
 */
export async function runWorker(plan: WorkerPlan, doer: URL, { onEvent, signal }: WorkerHooks): Promise<void> {
  const name = plan.name ?? `${hostname()}-${process.pid}`;
  const memoryMib = plan.memory ?? Math.floor(totalmem() / 2 ** 20);
  await checkClock(plan.queue);
  await forgetOld(plan.cacheFolder);
  const doing = new Doer(doer, plan);
  const lightly = new LightJobs(onEvent);
  const note = (text: string) => onEvent({ event: 'note', text });
  const giveBack = (job: TakenJob, why: string) => {
    onEvent({ event: 'passed', job: job.id, why });
    return job.pass(why, PASS_MS);
  };
  /** A disk that cannot be written spoils every job: others have them meanwhile, and no try counts. */
  let full = { until: 0, why: '' };
  const doJob = async (job: TakenJob) => {
    const part = readPart(job.data);
    const why = unfit(job, part, name, memoryMib, plan.cacheFolder);
    if (why !== undefined) await giveBack(job, why);
    if (full.until > performance.now()) await giveBack(job, full.why);
    // of light jobs there may be hundreds a second: they have no folder, and are told by their number
    if (!job.light) onEvent({ event: 'job', job: job.id, work: part.work, part: part.part });
    const started = performance.now();
    try {
      const done = await doing.do(job);
      if (job.light) {
        lightly.count(part.work);
        return done;
      }
      await rm(workFolder(job.id, plan.cacheFolder), { recursive: true, force: true });
      onEvent({ event: 'job ended', job: job.id, seconds: (performance.now() - started) / 1000 });
      return done;
    } catch (error) {
      const known = error instanceof SoftpromptError;
      const found = known ? error.facts.found : (error as Error).message;
      onEvent({ event: 'job failed', job: job.id, code: known ? error.code : 'INTERNAL', found });
      if (known && error.code.endsWith('UNWRITABLE')) {
        full = { until: performance.now() + FULL_MS, why: found };
        await giveBack(job, found);
      }
      throw error;
    }
  };
  doing.begin();
  const worker = await openWorker(plan.queue, { name, lease: plan.lease, doJob, onProblem: note });
  onEvent({ event: 'ready', worker: name, threads: plan.threads, memoryMib });
  if (!signal.aborted)
    await new Promise<void>((ended) => signal.addEventListener('abort', () => ended(), { once: true }));
  await worker.close();
  doing.end();
}

/** Why this worker is not to do a part; undefined where it may. */
function unfit(
  { passed }: TakenJob,
  { version, memoryMib, files }: QueuedPart,
  name: string,
  own: number,
  cacheFolder: string | undefined,
): string | undefined {
  if (version !== packageVersion()) return `it has softprompt ${packageVersion()}, the job is of ${version}`;
  if (memoryMib > own) return `it has ${own} MiB of memory, the job needs ${Math.ceil(memoryMib)}`;
  if (name in passed || memoryMib < SMALL_PART_MIB) return undefined;
  const cache = cacheFolder ?? defaultCacheFolder();
  const lacks = Object.entries(files).some(([path, tree]) => !isOnThisMachine(tree, path, cache));
  return lacks ? 'another may have the model already' : undefined;
}

/** @throws QUEUE_CLOCK */
async function checkClock(url: string): Promise<void> {
  const queue = await openQueue(url);
  try {
    const skew = await queue.clockSkew();
    if (Math.abs(skew) <= MOST_SKEW_SECONDS) return;
    throw new SoftpromptError('QUEUE_CLOCK', {
      found: `The clock of this machine is ${Math.round(Math.abs(skew))} s ${skew > 0 ? 'before' : 'behind'} that of the queue's server`,
      expected: `clocks that differ by ${MOST_SKEW_SECONDS} s at most: by them jobs are tried again`,
      fix: 'Set the clock (timedatectl set-ntp true), and start the worker again.',
    });
  } finally {
    await queue.close();
  }
}

/** Light jobs, told now and then. */
class LightJobs {
  private jobs = 0;
  private last = 0;

  constructor(private readonly onEvent: WorkerHooks['onEvent']) {}

  count(work: string): void {
    this.jobs += 1;
    if (performance.now() - this.last < LIGHTLY_MS) return;
    this.last = performance.now();
    this.onEvent({ event: 'light jobs', work, jobs: this.jobs });
  }
}

/** The process that computes: it lives on between jobs, and is started anew where it ended. */
class Doer {
  private child: ReturnType<typeof fork> | undefined;

  constructor(
    private readonly module: URL,
    private readonly plan: WorkerPlan,
  ) {}

  async do(job: TakenJob): Promise<unknown> {
    const child = this.running();
    let last = 0;
    try {
      return await new Promise<unknown>((done, fail) => {
        const cancel = () => child.send({ cancel: true } satisfies ToDoer);
        job.signal.addEventListener('abort', cancel, { once: true });
        child.removeAllListeners('message').removeAllListeners('exit');
        child.once('exit', (code, how) => {
          this.child = undefined;
          fail(new Error(`the process that computed it ended (${how ?? `status ${code}`})`));
        });
        child.on('message', (message: FromDoer) => {
          if ('told' in message) {
            if (performance.now() - last < TELL_MS) return;
            last = performance.now();
            void job.tell(message.told);
          } else if ('done' in message) done(message.done);
          else fail(job.signal.aborted ? job.signal.reason : errorOf(message.failed));
        });
        child.send({ do: job.id, job: job.data } satisfies ToDoer);
      });
    } finally {
      child.removeAllListeners('message');
    }
  }

  /** So that the first job need not wait. */
  begin(): void {
    this.running();
  }

  end(): void {
    this.child?.kill();
  }

  private running(): ReturnType<typeof fork> {
    if (this.child?.connected) return this.child;
    const { threads, store, cacheFolder } = this.plan;
    const settings = JSON.stringify({ threads, store, cacheFolder });
    this.child = fork(this.module, [settings], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    return this.child;
  }
}

function errorOf({ code, facts, message }: DoerFailure): Error {
  return code !== undefined && facts !== undefined ? new SoftpromptError(code as ErrorCode, facts) : new Error(message);
}

/** Removes what nobody needs any more. */
async function forgetOld(cacheFolder: string | undefined): Promise<void> {
  await forgetUnusedTrees(cacheFolder ?? defaultCacheFolder());
  const works = dirname(workFolder('any', cacheFolder));
  for (const name of await readdir(works).catch(() => [])) {
    const { mtimeMs } = await stat(join(works, name));
    if (Date.now() - mtimeMs > UNUSED_MS) await rm(join(works, name), { recursive: true, force: true });
  }
}
