import { join } from 'node:path';
import { takeLock } from '../files/file-lock.js';
import { checkWritable, leavingNothing } from '../files/folder-writing.js';
import { EventLog } from './event-log.js';
import type { JobHooks, JobInputs, JobKind, JobResult } from './job.js';
import { dataChanged, inUse } from './job-errors.js';
import { JobFolder } from './job-folder.js';
import { PartEnded, type Parts, partsOf } from './parts.js';

/** In the folder while a process is at work in it. */
const LOCK_FILE = '.softprompt-lock';

/** What a kind of jobs does. */
export interface JobWork<
  Plan extends { readonly out: string },
  Hooks extends JobHooks<never>,
  Result extends JobResult,
> {
  work(job: RunningJob<Plan>, hooks: Hooks): Promise<Result>;
  /** What it came to where the signal ended it by an error. */
  interrupted(job: RunningJob<Plan>): Result;
}

export interface JobStart<Plan> {
  readonly out: string;
  /** Whether what is in the folder may be discarded. */
  readonly overwrite?: boolean | undefined;
  /** Undefined where the work itself makes it, see `settle`; such a kind is not repeatable. */
  readonly plan?: Plan | undefined;
}

/**
 * Begins a job in its folder, or goes on with it where the same call may: refuses what must not be replaced, locks the
 * folder, keeps the plan where the signal ends it early, and leaves nothing where it fails before anything was trained.
 * @throws PROMPT_FOLDER_EXISTS, RUN_UNFINISHED, RUN_IN_USE, the kind's `unwritable`, and what `work` throws
 */
export async function startJob<
  Plan extends { readonly out: string },
  Hooks extends JobHooks<never>,
  Result extends JobResult,
>(
  kind: JobKind<Plan>,
  { out, overwrite = false, plan }: JobStart<Plan>,
  hooks: Hooks,
  doing: JobWork<Plan, Hooks, Result>,
): Promise<Result> {
  const folder = new JobFolder(kind, out);
  kind.checkFolder(out, overwrite);
  await checkWritable(`The ${kind.product} in ${out}`, out, kind.unwritable);
  const worth = async () => folder.holdsWorth();
  return leavingNothing(out, worth, () =>
    locked(folder, async () => {
      const goesOn = !overwrite && (await folder.checkUnused(plan));
      if (!goesOn) return runJob(new RunningJob(folder, plan, 'new'), hooks, doing);
      const { inputs } = await folder.read();
      return runJob(new RunningJob(folder, plan, 'repeated', inputs), hooks, doing);
    }),
  );
}

/** Goes on with an interrupted or killed job, bit for bit. Errors: RUN_NOT_FOUND, RUN_IN_USE, and what `work` throws. */
export async function resumeJob<
  Plan extends { readonly out: string },
  Hooks extends JobHooks<never>,
  Result extends JobResult,
>(kind: JobKind<Plan>, path: string, hooks: Hooks, doing: JobWork<Plan, Hooks, Result>): Promise<Result> {
  const folder = new JobFolder(kind, path);
  await folder.read(); // a folder without a job gets no lock
  return locked(folder, async () => {
    const { plan, inputs } = await folder.read();
    return runJob(new RunningJob(folder, plan, 'resumed', inputs), hooks, doing);
  });
}

/** What the work of a job does with its folder. */
export class RunningJob<Plan extends { readonly out: string }> {
  readonly log: EventLog;
  private isBegun: boolean;

  constructor(
    readonly folder: JobFolder<Plan>,
    private current: Plan | undefined,
    private readonly origin: 'new' | 'repeated' | 'resumed',
    private inputs: JobInputs = {},
  ) {
    this.log = new EventLog(folder.eventsFile);
    this.isBegun = origin === 'resumed';
    if (this.isBegun) this.log.open();
  }

  get plan(): Plan {
    if (this.current === undefined) throw new Error('the job has no plan yet');
    return this.current;
  }

  /** Whether there may be states to go on from. */
  get goesOn(): boolean {
    return this.origin !== 'new';
  }

  /** All that was given was read and can be worked on: keeps the plan, and forgets what an earlier job left. */
  async begin(plan: Plan = this.plan): Promise<void> {
    this.current = plan;
    if (this.isBegun) return;
    if (this.origin === 'new') await this.folder.clear();
    this.isBegun = true;
    await this.folder.writeRecord(plan, this.inputs);
    this.log.open();
  }

  /** Something of the plan was decided on the way. */
  async settle(plan: Plan): Promise<void> {
    this.current = plan;
    if (this.isBegun) await this.folder.writeRecord(plan, this.inputs);
  }

  /**
   * Keeps the hashes of what the job learns from; what one that an earlier version began did not keep is told by its states alone.
   * @throws RUN_DATA_CHANGED where it began with others, which are named
   */
  async readInputs(inputs: JobInputs): Promise<void> {
    const known = Object.keys(this.inputs).length > 0;
    const isKnown = (name: string) => this.inputs[name] !== undefined;
    const changed = Object.keys(inputs).filter((name) => isKnown(name) && inputs[name] !== this.inputs[name]);
    if (changed.length > 0) throw dataChanged(this.folder.kind, this.folder.path, changed);
    if (Object.keys(inputs).every(isKnown)) return;
    if (!known && this.goesOn && this.folder.holdsState()) return;
    this.inputs = { ...this.inputs, ...inputs };
    if (this.isBegun) await this.folder.writeRecord(this.plan, inputs);
  }

  /** How its parts are done. */
  partsWith(hooks: JobHooks<never>): Parts | undefined {
    const { kind, path } = this.folder;
    return partsOf(() => ({ kind: kind.name, plan: this.plan, inputs: this.inputs, folder: path }), hooks);
  }

  /** Forgets the training of a job that has ended. */
  end(): Promise<void> {
    return this.folder.end();
  }
}

async function runJob<Plan extends { readonly out: string }, Hooks extends JobHooks<never>, Result extends JobResult>(
  job: RunningJob<Plan>,
  hooks: Hooks,
  { work, interrupted }: JobWork<Plan, Hooks, Result>,
): Promise<Result> {
  const { signal, onEvent }: JobHooks<never> = hooks;
  const watched = (event: object) => {
    job.log.tell(event);
    onEvent?.(event as never);
  };
  try {
    const result = await work(job, { ...hooks, onEvent: watched, parts: job.partsWith(hooks) });
    if (result.ended === 'finished') await job.folder.writeResult(result);
    return result;
  } catch (error) {
    if (error instanceof PartEnded) return interrupted(job);
    if (!signal?.aborted || error !== signal.reason) throw error;
    await job.begin(); // while model or data were read: a resumed job begins with this plan
    return interrupted(job);
  }
}

/** Nobody else works in the folder meanwhile. @throws RUN_IN_USE */
export async function locked<Plan extends { readonly out: string }, T>(
  folder: JobFolder<Plan>,
  use: () => Promise<T>,
): Promise<T> {
  const { kind, path } = folder;
  const lock = join(path, LOCK_FILE);
  let release = async () => {};
  await folder.write(async () => {
    release = await takeLock(lock, (holder) => inUse(kind, path, lock, holder));
  });
  return use().finally(release);
}
