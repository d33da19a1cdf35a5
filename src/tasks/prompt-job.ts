import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../files/atomic-file.js';
import type { JobInputs, JobKind } from '../jobs/job.js';
import { JobFolder } from '../jobs/job-folder.js';
import type { Part } from '../jobs/parts.js';
import { RECORD_FILE } from '../methods/prompt-files.js';
import { optionsRecord } from '../options/option-record.js';
import { readTuningState, type TuningState, writeTuningState } from '../training/tuning-state.js';
import { checkPromptFolder } from './prompt-folder/write-prompt.js';
import type { TaskSequences } from './task-sequences.js';
import type { KeptRun, KeptState } from './task-training.js';
import { TUNE, type TuneOptions } from './tune-options.js';

const FROM_PROMPT = 'prompt:';

/** Tuning a prompt of any text task, with a shard a seed. */
export const PROMPT_JOB: JobKind<TuneOptions> = {
  name: 'tune',
  command: 'tune',
  noun: 'run',
  product: 'prompt',
  productFile: RECORD_FILE,
  endedAs: 'a prompt whose tuning has ended',
  record: 'run.json',
  format: 'softprompt run 1',
  schema: optionsRecord(TUNE),
  withPaths: (options, change) => {
    const { model, train, valid, test, initialisation } = options;
    return {
      ...options,
      model: existsSync(change(model)) ? change(model) : model,
      train: change(train),
      ...(valid === undefined ? {} : { valid: change(valid) }),
      ...(test === undefined ? {} : { test: change(test) }),
      ...(initialisation?.startsWith(FROM_PROMPT)
        ? { initialisation: `${FROM_PROMPT}${change(initialisation.slice(FROM_PROMPT.length))}` as const }
        : {}),
    };
  },
  repeatable: false,
  unwritable: 'PROMPT_FOLDER_UNWRITABLE',
  checkFolder: (folder, overwrite) => checkPromptFolder(folder, { overwrite }),
};

export const promptJobFolder = (folder: string) => new JobFolder(PROMPT_JOB, folder);

/** How a prompt's state is kept. */
export const PROMPT_STATE = { read: readTuningState, write: writeTuningState };

/** A seed, as a part of a run. */
export const seedPart = (seed: number): Part => ({
  name: `seed-${seed}`,
  makes: [`training/seed-${seed}.safetensors`, `training/${runFile(seed)}`],
  needs: [`training/seed-${seed}.safetensors`],
});

/** What the best prompt of a seed came to, in `training/`. */
const runFile = (seed: number) => `seed-${seed}.measured.json`;

/** Where the state of one seed is kept; its history stands in `history.jsonl` too, for people and charts. */
export function seedShard(folder: JobFolder<TuneOptions>, seed: number, basis: string): KeptState & KeptRun {
  const { read, write } = folder.shard<TuningState>(`seed-${seed}`, PROMPT_STATE, basis);
  const measured = join(folder.training, runFile(seed));
  const withHistory = (state: TuningState) => folder.writeHistory('seed', seed, state.history);
  return {
    read,
    write: async (state) => {
      await write(state);
      await withHistory(state);
    },
    beside: (name) => folder.shard<TuningState>(`seed-${seed}-${name}`, PROMPT_STATE, basis),
    readRun: async () => {
      const text = await readFile(measured, 'utf8').catch(() => '{}');
      const kept = JSON.parse(text) as { readonly basis?: string; readonly run?: unknown };
      if (kept.basis !== basis) return undefined;
      const state = await read();
      if (state) await withHistory(state); // of a seed that was done elsewhere
      return kept.run;
    },
    writeRun: (run) => folder.write(() => writeFileAtomically(measured, JSON.stringify({ basis, run }))),
  };
}

/** What a run is continued with: the frozen model, training and validation data as it sees them. */
export function promptInputs(modelHash: string, { train, valid }: TaskSequences): JobInputs {
  return { model: modelHash, 'training data': hashOf([train]), 'validation data': hashOf([valid]) };
}

/** What rows say, as a hash. */
export const hashOfExamples = (rows: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(rows)).digest('hex');

/** The same as one hash. */
export function fingerprint(modelHash: string, { train, valid }: TaskSequences): string {
  return hashOf([train, valid], modelHash);
}

function hashOf(parts: readonly TaskSequences['train'][], first = ''): string {
  const hash = createHash('sha256').update(first);
  for (const sequences of parts) {
    hash.update(`${sequences.length}`);
    for (const { context, candidates, target, residual, given } of sequences) {
      hash.update(JSON.stringify([[...context], candidates.map((candidate) => [...candidate]), target]));
      for (const vector of given ?? []) hash.update(vector);
      if (residual) hash.update(residual.offsets).update(residual.weights);
    }
  }
  return hash.digest('hex');
}
