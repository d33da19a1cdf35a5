import type { SoftpromptError } from '../errors.js';

/** A plan as JSON has it. */
export type PlanRecord = Readonly<Record<string, unknown>>;

/** What a worker does for a part. */
export interface PartRequest {
  readonly plan: PlanRecord;
  readonly inputs: Readonly<Record<string, string>>;
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

export type Works = Readonly<Record<string, Work>>;
