import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { SoftpromptError } from '../errors.js';
import { writeFileAtomically } from '../files/atomic-file.js';
import { writeToFolder } from '../files/folder-writing.js';
import { parseRecord } from '../files/json-record.js';
import { pathFromHere } from '../files/path-from-here.js';
import { optionsFromJson, optionsToJson } from '../jobs/options-json.js';
import { RECORD_FILE } from '../methods/prompt-files.js';
import { optionsRecord } from '../options/option-record.js';
import { softpromptCommand } from '../shell-command.js';
import { refuseEarlierState } from '../training/state-file.js';
import { readTuningState, type TuningState, writeTuningState } from '../training/tuning-state.js';
import type { TaskSequences } from './task-sequences.js';
import { TUNE, type TuneOptions } from './tune-options.js';

/**
 * The part of a prompt's folder that a run needs in order to be resumed: `training/run.json` (the options),
 * `training/seed-N.safetensors` (the state of each run), beside `history.jsonl` for people and charts.
 * Errors of what writes: PROMPT_FOLDER_UNWRITABLE.
 */
export function runFolder(folder: string) {
  const training = join(folder, 'training');
  const runFile = join(training, 'run.json');
  const historyFile = join(folder, 'history.jsonl');
  const stateFile = (seed: number) => join(training, `seed-${seed}.safetensors`);
  const writing = (write: () => Promise<void>) =>
    writeToFolder(
      `The state of the run in ${folder}`,
      write,
      `\`${softpromptCommand('resume', folder)}\` goes on from the last state that was saved.`,
    );
  const holdsState = () => existsSync(training) && readdirSync(training).some((name) => name.startsWith('seed-'));
  return {
    /** Errors: RUN_UNFINISHED where a new run would discard training. */
    checkUnused: (): void => {
      if (holdsState()) throw unfinished(folder);
    },

    /** Whether something was trained that a resumed run goes on from, or a prompt is there. */
    holdsWorth: async (): Promise<boolean> => existsSync(join(folder, RECORD_FILE)) || holdsState(),

    /** Whether a run, with whichever options, lies in the folder. */
    holdsRun: (): boolean => existsSync(runFile),

    /** Forgets the training of a run that has ended; the history stays. */
    end: (): Promise<void> => writing(() => rm(training, { recursive: true, force: true })),

    /** Forgets what an earlier run left. */
    clear: (): Promise<void> =>
      writing(async () => {
        await rm(training, { recursive: true, force: true });
        await rm(historyFile, { force: true });
      }),

    writeOptions: (options: TuneOptions): Promise<void> =>
      writing(() => {
        const run = { format: FORMAT, cwd: process.cwd(), options };
        return writeFileAtomically(runFile, `${optionsToJson(run, 2)}\n`);
      }),

    /** The options, with paths as seen from here. Errors: RUN_NOT_FOUND. */
    readOptions: async (): Promise<TuneOptions> => {
      const text = await readFile(runFile, 'utf8').catch(() => undefined);
      if (text === undefined) {
        throw notFound(
          existsSync(join(folder, RECORD_FILE))
            ? `${folder} holds a prompt whose tuning has ended: there is nothing to go on with`
            : `${folder} has no training/run.json that can be read`,
        );
      }
      const run = optionsFromJson(text, runRecord, { format: FORMAT });
      if (run.problem !== undefined) throw notFound(`${runFile} cannot be used: ${run.problem}`);
      const { options, cwd } = run.record;
      return { ...fromHere(options, cwd), out: folder };
    },

    /** @param basis what the state must be continued with: see `fingerprint` */
    writeState: (seed: number, state: TuningState, basis: string): Promise<void> =>
      writing(async () => {
        await writeTuningState(stateFile(seed), state, { basis });
        const others = (await readFile(historyFile, 'utf8').catch(() => ''))
          .split('\n')
          .filter((line) => isOfOtherSeed(line, seed));
        const lines = [...others, ...state.history.map((line) => JSON.stringify({ seed, ...line }))];
        await writeFileAtomically(historyFile, lines.map((line) => `${line}\n`).join(''));
      }),

    /** The state to go on from, or undefined where this seed has not started. Errors: RUN_DATA_CHANGED, STATE_UNREADABLE. */
    readState: async (seed: number, basis: string): Promise<TuningState | undefined> => {
      if (!existsSync(stateFile(seed))) {
        refuseEarlierState(join(training, `seed-${seed}.json`));
        return undefined;
      }
      const { state, context } = await readTuningState(stateFile(seed));
      if (context?.basis === basis) return state;
      throw new SoftpromptError('RUN_DATA_CHANGED', {
        found: `The model, the training data or the validation data are not those that the run in ${folder} was started with`,
        expected: 'the same files, unchanged',
        fix: 'Restore the files, or start anew: the command that began it, with --overwrite.',
      });
    },
  };
}

const FORMAT = 'softprompt run 1';
const runRecord = z.object({ cwd: z.string(), options: optionsRecord(TUNE) });
const historyLine = z.looseObject({ seed: z.int(), step: z.int() });

function isOfOtherSeed(line: string, seed: number): boolean {
  const { record } = parseRecord(line, historyLine);
  return record !== undefined && record.seed !== seed;
}

/** Options whose relative paths were given in the folder `cwd`, for use in this one. */
function fromHere(options: TuneOptions, cwd: string): TuneOptions {
  const here = (path: string) => pathFromHere(path, cwd);
  const { model, train, valid, test, initialisation } = options;
  return {
    ...options,
    model: existsSync(resolve(cwd, model)) ? here(model) : model,
    train: here(train),
    valid: valid && here(valid),
    test: test && here(test),
    initialisation: initialisation?.startsWith('prompt:')
      ? `prompt:${here(initialisation.slice('prompt:'.length))}`
      : initialisation,
  };
}

/** A fingerprint of what a run is continued with: the frozen model, training and validation data as it sees them. */
export function fingerprint(modelHash: string, { train, valid }: TaskSequences): string {
  const hash = createHash('sha256').update(modelHash);
  for (const sequences of [train, valid]) {
    hash.update(`${sequences.length}`);
    for (const { context, candidates, target, given = [] } of sequences) {
      for (const vector of given) hash.update(vector);
      hash.update(JSON.stringify([[...context], candidates.map((candidate) => [...candidate]), target]));
    }
  }
  return hash.digest('hex');
}

function unfinished(folder: string): SoftpromptError {
  return new SoftpromptError('RUN_UNFINISHED', {
    found: `${folder} holds a run that has not ended`,
    expected: 'a new folder',
    fix: `Go on with it (\`${softpromptCommand('resume', folder)}\`), choose another folder (--out), or discard it (--overwrite).`,
  });
}

function notFound(found: string): SoftpromptError {
  return new SoftpromptError('RUN_NOT_FOUND', {
    found,
    expected: 'the folder of a run that was interrupted',
    fix: 'Give what `npx softprompt tune --out` was given, or start anew with `npx softprompt tune`.',
  });
}
