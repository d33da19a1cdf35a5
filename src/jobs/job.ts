import type { z } from 'zod';
import type { ErrorCode } from '../errors.js';
import type { PartHooks, Parts } from './parts.js';

/**
 * A job as plain data: what its folder keeps, and what could be given to another process or machine. The same job on the
 * same inputs gives the same bytes, however often it was interrupted.
 */
export interface Job<Plan = unknown> {
  /** The name of its kind. */
  readonly kind: string;
  /** All options, settled; survives JSON as `optionsToJson` writes it. */
  readonly plan: Plan;
  /** Hash of each input by its name, such as `model`, `train`; empty until they are read. */
  readonly inputs: JobInputs;
  /** The parts that have a state of their own (a seed, a network), of which the kept ones are here. */
  readonly shards: readonly string[];
}

export type JobInputs = Readonly<Record<string, string>>;

/** What every job takes. */
export interface JobHooks<Event extends object = object> extends PartHooks {
  readonly onEvent?: ((event: Event) => void) | undefined;
  /** Ends the job after the update at hand; it can be resumed. */
  readonly signal?: AbortSignal | undefined;
  /** Of the job at hand: made of `elsewhere` and `only` where it runs. */
  readonly parts?: Parts | undefined;
}

/** What every job comes to. */
export interface JobResult {
  readonly ended: 'finished' | 'interrupted';
  readonly out: string;
}

/** Facts of a kind of jobs: how its folder keeps them, and how it is spoken of. */
export interface JobKind<Plan extends { readonly out: string }> {
  readonly name: string;
  /** What begins one, as in `npx softprompt recommend fit`. */
  readonly command: string;
  readonly noun: 'run' | 'fit';
  /** What it makes. */
  readonly product: 'prompt' | 'recommender' | 'model' | 'comparison';
  /** The file of the product without which it is none. */
  readonly productFile: string;
  /** What a folder holds that has nothing to resume, such as 'a prompt whose tuning has ended'. */
  readonly endedAs: string;
  /** The file of the record in `training/`. Several kinds may share one: its format tells them apart. */
  readonly record: string;
  /** What the record says under `format`: the kind's words and a version. */
  readonly format: string;
  readonly schema: z.ZodType<Plan>;
  /** The plan as the record keeps it. Default: as it is. */
  readonly keep?: (plan: Plan) => unknown;
  /**
   * The plan with its paths changed, for kinds whose plans keep them as they were given. Default: `keep` makes them hold
   * from everywhere.
   */
  readonly withPaths?: (plan: Plan, change: (path: string) => string) => Plan;
  /** Whether the same call goes on with an interrupted job; otherwise only resuming does. */
  readonly repeatable: boolean;
  readonly unwritable: Extract<ErrorCode, 'PROMPT_FOLDER_UNWRITABLE' | 'MODEL_UNWRITABLE'>;
  /** Refuses a folder that holds something which must not be replaced. */
  checkFolder(folder: string, overwrite: boolean): void;
}
