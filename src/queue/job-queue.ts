import type { ErrorFacts } from '../errors.js';

/** Where a job of a queue stands. `dead`: given up, with its reason. */
export const QUEUED_STATES = ['waiting', 'active', 'delayed', 'completed', 'dead'] as const;
export type QueuedState = (typeof QUEUED_STATES)[number];

/** Why a try failed. */
export interface Failure extends ErrorFacts {
  readonly code: string;
}

/** A job as its queue knows it. */
export interface QueuedJob {
  readonly id: string;
  /** For people, such as `tune seed-3`. */
  readonly title: string;
  readonly state: QueuedState;
  readonly priority: number;
  /** Tries that failed. */
  readonly failures: number;
  readonly worker: string | undefined;
  /** What it told last. */
  readonly progress: object | undefined;
  readonly reason: Failure | undefined;
  /** Why workers gave it back, by their names. */
  readonly passed: Readonly<Record<string, string>>;
  readonly cancelled: boolean;
  /** Milliseconds since 1970. */
  readonly added: number;
  readonly begun: number | undefined;
  readonly ended: number | undefined;
  readonly data: unknown;
  readonly result: unknown;
}

/** A job as it is given to a queue; the same id is the same job. */
export interface NewJob {
  readonly id: string;
  readonly title: string;
  readonly data: unknown;
  /** From 0; higher ones come first. */
  readonly priority: number;
}

/** Jobs that wait for workers: all that clients need of a queue. */
export interface JobQueue {
  /** Adds jobs; one that is there already stays, one that was given up begins again, one of `anew` is done once more. */
  add(jobs: readonly NewJob[], anew?: boolean): Promise<void>;
  /** Adds light jobs, all at once: what they come to is told with them, see `answer`, and is soon forgotten. */
  ask(jobs: readonly NewJob[]): Promise<void>;
  /** What a light job came to; undefined where it has not ended well. */
  answer(id: string): Promise<unknown>;
  /** Takes jobs out, whatever they came to. */
  forget(ids: readonly string[]): Promise<void>;
  read(id: string): Promise<QueuedJob | undefined>;
  list(): Promise<QueuedJob[]>;
  /** Ends a job, or takes it out; false where it had ended. */
  cancel(id: string): Promise<boolean>;
  /** Begins a job again that was given up; false where it was not. */
  retry(id: string): Promise<boolean>;
  /** Names of the workers that are connected. */
  workers(): Promise<string[]>;
  /** Calls back with the id of a job in which something changed. */
  watch(onChange: (id: string) => void): Promise<void>;
  /** How far this machine's clock is before the queue's, in seconds. */
  clockSkew(): Promise<number>;
  close(): Promise<void>;
}

/** What a worker does with a job that it has taken. */
export interface TakenJob {
  readonly id: string;
  readonly data: unknown;
  /** See `JobQueue.ask`. */
  readonly light: boolean;
  /** Tries that failed before. */
  readonly failures: number;
  readonly passed: Readonly<Record<string, string>>;
  /** Gives it back for others, with why, and for how long they have it for themselves. Ends the call. */
  pass(why: string, milliseconds: number): Promise<never>;
  tell(event: object): Promise<void>;
  /** Aborts when somebody cancels the job. */
  readonly signal: AbortSignal;
}

export interface WorkerOptions {
  readonly name: string;
  /** Seconds after which a silent worker's job is given to another. */
  readonly lease: number;
  /** What it comes to. A SoftpromptError gives the job up at once unless trying again may help. */
  doJob(job: TakenJob): Promise<unknown>;
  onProblem(message: string): void;
}

export interface QueueWorker {
  /** Ends after the job at hand. */
  close(): Promise<void>;
}
