import type { SoftpromptError } from '../errors.js';

/** A plan as JSON has it. */
export type PlanRecord = Readonly<Record<string, unknown>>;

/** What a worker does for a part. */
export interface PartRequest {
  readonly plan: PlanRecord;
  readonly inputs: Readonly<Record<string, string>>;
  /** Hash of what a path that travelled held, by where it lay. */
  readonly files: Readonly<Record<string, string>>;
  readonly part: string;
  /** A folder of its own, with what the part needs; what it makes goes there. */
  readonly folder: string;
  readonly threads: number;
}

export interface WorkHooks {
  readonly onEvent: (event: object) => void;
  readonly signal: AbortSignal;
  readonly cacheFolder: string | undefined;
}

/** A kind of work whose parts a queue can carry. */
export interface Work {
  /** The plan with its paths changed; those that exist where it is asked for travel. */
  withPaths(plan: PlanRecord, change: (path: string) => string): PlanRecord;
  /** Paths beyond those of the plan, such as those that a file of it names. */
  morePaths?(plan: PlanRecord): Promise<readonly string[]>;
  /** The plan of this machine, where `morePaths` says what `withPaths` does not show. */
  settlePaths?(plan: PlanRecord, here: (path: string) => string, folder: string): Promise<PlanRecord>;
  /** @throws SoftpromptError for what cannot travel */
  check?(plan: PlanRecord): SoftpromptError | undefined;
  do(request: PartRequest, hooks: WorkHooks): Promise<void>;
}

/** What is asked of a worker without a folder. */
export interface AskedOf {
  readonly plan: PlanRecord;
  readonly inputs: Readonly<Record<string, string>>;
  readonly threads: number;
  /** Where a path of the plan lies on this machine; what lies nowhere is fetched. */
  here(path: string): Promise<string>;
  /** Bytes that the store keeps. @throws QUEUE_CONTENT_MISSING */
  content(hash: string): Promise<Uint8Array>;
  /** Puts bytes into the store. @returns their name */
  keep(content: Uint8Array): Promise<string>;
  readonly signal: AbortSignal;
  readonly cacheFolder: string | undefined;
}

/** A kind of work that answers questions, see `Answers`. */
export interface AnsweringWork {
  /** What JSON can carry. */
  answer(asked: AskedOf): Promise<object>;
}

export type Works = Readonly<Record<string, Work | AnsweringWork>>;
