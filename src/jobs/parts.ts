import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomically } from '../files/atomic-file.js';
import type { Answers, QuestionsOf } from './questions.js';

/** A part of a job that can be done by itself: a seed, a network, a run of a comparison. */
export interface Part {
  readonly name: string;
  /** What it leaves in the job's folder: files and folders, as paths within it. */
  readonly makes: readonly string[];
  /** What it must find there, if it is there, beside the record of the job. */
  readonly needs?: readonly string[] | undefined;
}

/** A job whose parts are done elsewhere. */
export interface JobInFolder {
  readonly kind: string;
  readonly plan: unknown;
  /** Hash of each input by its name. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly folder: string;
}

/** Where parts are done that are not done in this process. */
export interface Elsewhere {
  /** Has all done, several at once, and puts what they make into the folder. Rejects with the signal's reason. */
  gather(job: JobInFolder, parts: readonly Part[], signal?: AbortSignal): Promise<void>;
  /** Has questions answered, until it is closed. */
  open(questions: QuestionsOf): Promise<Answers>;
  /** Whether questions are asked even where it takes longer than to answer them here. */
  readonly evenIfSlower?: boolean | undefined;
}

/** How the work at hand treats its parts; undefined where all are done here, one after the other. */
export interface Parts {
  /** The one part that is to be done, and nothing else. */
  readonly only?: string | undefined;
  /** Has parts done elsewhere before they are looked for, where that was asked for. */
  gather(parts: readonly Part[]): Promise<void>;
}

/** Thrown where the only part that was to be done is done. */
export class PartEnded extends Error {}

/** Whether a part is not to be done here. */
export const leavesOut = ({ parts }: { readonly parts?: Parts | undefined }, name: string): boolean =>
  parts?.only !== undefined && parts.only !== name;

/** Ends the work where this part was all that was to be done. */
export function endPart({ parts }: { readonly parts?: Parts | undefined }, name: string): void {
  if (parts?.only === name) throw new PartEnded(name);
}

/** In `training/`, beside the state of a part that was done elsewhere and came back whole. */
const doneMarker = (folder: string, name: string) =>
  join(folder, 'training', `.done-${name.replace(/[^\w.-]+/g, '-')}`);

/** @param job read when parts are gathered: by then its plan is settled */
export function partsOf(
  job: () => JobInFolder,
  { only, elsewhere, signal }: PartHooks & { readonly signal?: AbortSignal | undefined },
): Parts | undefined {
  if (only === undefined && elsewhere === undefined) return undefined;
  return {
    only,
    gather: async (parts) => {
      if (only !== undefined || elsewhere === undefined) return;
      const asked = job();
      const missing = parts.filter(({ name }) => !existsSync(doneMarker(asked.folder, name)));
      if (missing.length === 0) return;
      await elsewhere.gather(asked, missing, signal);
      for (const { name } of missing) await writeFileAtomically(doneMarker(asked.folder, name), '');
    },
  };
}

/** What a caller says of the parts of a job. */
export interface PartHooks {
  /** Where parts are done; default: here. */
  readonly elsewhere?: Elsewhere | undefined;
  /** The one part to do; the job is then left as if it was interrupted. */
  readonly only?: string | undefined;
}
