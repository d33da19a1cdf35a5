import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { withPath } from '../data/text-documents.js';
import { SoftpromptError } from '../errors.js';
import { writeFileAtomically } from '../files/atomic-file.js';
import { writeToFolder } from '../files/folder-writing.js';
import { parseRecord, type ReadRecord } from '../files/json-record.js';
import { pathFromHere } from '../files/path-from-here.js';
import { optionsFromJson, optionsToJson } from '../jobs/options-json.js';
import { optionsRecord } from '../options/option-record.js';
import { softpromptCommand } from '../shell-command.js';
import { readTrainingState, refuseEarlierState, writeTrainingState } from '../training/state-file.js';
import { PRETRAINING, type PretrainingOptions } from './pretraining-options.js';
import type { PretrainingLine, PretrainingState } from './train-language-model.js';

const KIND = 'softprompt pretraining ';
const FORMAT = `${KIND}1`;

/** Options that change neither result nor data. */
const FREE = ['out', 'threads', 'overwrite'] as const;

/** What a saved run goes on from. */
export interface SavedPretraining {
  readonly state: PretrainingState;
  /** See `writeState`. */
  readonly basis: unknown;
}

/**
 * The part of a model's folder that a run needs in order to be resumed: `training/run.json` (the options),
 * `training/tokenizer.json`, `training/state.safetensors` (the state), beside `history.jsonl`.
 */
export function pretrainingFolder(folder: string) {
  const training = join(folder, 'training');
  const tokenizerFile = join(training, 'tokenizer.json');
  const runFile = join(training, 'run.json');
  const stateFile = join(training, 'state.safetensors');
  const earlierStateFile = join(training, 'state.json');
  const historyFile = join(folder, 'history.jsonl');
  return {
    tokenizerFile,

    /** Whether something was trained that a resumed run goes on from, or a model is there. */
    holdsWorth: async (): Promise<boolean> =>
      [stateFile, earlierStateFile, join(folder, 'model.safetensors')].some((path) => existsSync(path)),

    /** Runs what writes into the folder. Errors: MODEL_UNWRITABLE. */
    write: (action: () => Promise<void>): Promise<void> => writing(folder, action),

    /** Whether a pretraining run, with whichever options, lies in the folder. */
    holdsRun: async (): Promise<boolean> => {
      const text = await readFile(runFile, 'utf8').catch(() => '');
      return parseRecord(text, z.object({ format: z.string().startsWith(KIND) })).problem === undefined;
    },

    /** Whether the folder holds a run with these options. Errors: RUN_UNFINISHED where it holds another, or a model. */
    isStarted: async (options: PretrainingOptions): Promise<boolean> => {
      const known = await readRun(runFile);
      if (known?.record !== undefined && sameRun(known.record, options)) return true;
      if (known === undefined && !existsSync(join(folder, 'model.safetensors'))) return false;
      throw new SoftpromptError('RUN_UNFINISHED', {
        found: `${folder} holds ${known === undefined ? 'a model' : known.problem ? `a run whose options cannot be read (${known.problem})` : 'a run with other options'}`,
        expected: 'a new folder, or the options that the run was started with',
        fix: `Choose another folder (--out), go on with the run (\`${softpromptCommand('resume', folder)}\`), or discard what is there (--overwrite).`,
      });
    },

    /** Begins a run, and forgets what an earlier one left. Errors: MODEL_UNWRITABLE. */
    start: (options: PretrainingOptions, tokenizer: string): Promise<void> =>
      writing(folder, async () => {
        await rm(training, { recursive: true, force: true });
        await rm(historyFile, { force: true });
        await writeFileAtomically(tokenizerFile, tokenizer);
        const { overwrite, ...kept } = options;
        const run = { format: FORMAT, cwd: process.cwd(), options: kept };
        await writeFileAtomically(runFile, `${optionsToJson(run, 2)}\n`);
      }),

    /** The options, with paths as seen from here. Errors: RUN_NOT_FOUND. */
    readOptions: async (): Promise<PretrainingOptions> => {
      const run = await readRun(runFile);
      if (run?.record !== undefined) return { ...run.record, out: folder };
      throw new SoftpromptError('RUN_NOT_FOUND', {
        found: run
          ? `${runFile} cannot be used: ${run.problem}`
          : `${folder} has no training/run.json that can be read`,
        expected: 'the folder that `npx softprompt pretrain` was given as --out',
        fix: 'Give that folder, or start anew with `npx softprompt pretrain`.',
      });
    },

    /** @param basis what the state must be continued with: a hash of the texts and of the first weights */
    writeState: async (state: PretrainingState, basis: string): Promise<void> => {
      await writeTrainingState(stateFile, state, { basis });
      await writeFileAtomically(historyFile, state.history.map((line) => `${JSON.stringify(line)}\n`).join(''));
    },

    /** The state to go on from, or undefined where nothing was trained. Errors: STATE_UNREADABLE. */
    readState: async (): Promise<SavedPretraining | undefined> => {
      if (!existsSync(stateFile)) {
        refuseEarlierState(earlierStateFile);
        return undefined;
      }
      const { state, context } = await readTrainingState(stateFile, { score: z.never(), line });
      return { state, basis: context?.basis };
    },
  };
}

const count = z.int().nonnegative();
const textLoss = z.object({ language: z.string(), natsPerToken: z.number(), natsPerCharacter: z.number() });
const line: z.ZodType<PretrainingLine> = z.object({
  ...{ step: count, tokens: count, trainLoss: z.number() },
  validation: z.array(textLoss),
});

const runRecord = z.object({ cwd: z.string(), options: optionsRecord(PRETRAINING) });

/** Undefined where there is no such file. */
async function readRun(runFile: string): Promise<ReadRecord<PretrainingOptions> | undefined> {
  const text = await readFile(runFile, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const { record, problem } = optionsFromJson(text, runRecord, { format: FORMAT });
  return record === undefined ? { problem } : { record: fromHere(record.options, record.cwd) };
}

/** Options whose relative paths were given in the folder `cwd`, for use in this one. */
function fromHere(options: PretrainingOptions, cwd: string): PretrainingOptions {
  return withPaths(options, (path) => pathFromHere(path, cwd));
}

function withPaths(options: PretrainingOptions, change: (path: string) => string): PretrainingOptions {
  return {
    ...options,
    data: options.data.map((text) => withPath(text, change)),
    ...(options.init === undefined ? {} : { init: change(options.init) }),
    ...(options.tokenizer === undefined ? {} : { tokenizer: change(options.tokenizer) }),
  };
}

function sameRun(a: PretrainingOptions, b: PretrainingOptions): boolean {
  const facts = (options: PretrainingOptions) => {
    const given = Object.entries(withPaths(options, (path) => resolve(path)));
    return given
      .filter(([name, value]) => value !== undefined && !FREE.some((free) => free === name))
      .map(([name, value]) => JSON.stringify([name, value]))
      .sort();
  };
  return facts(a).join() === facts(b).join();
}

function writing(folder: string, write: () => Promise<void>): Promise<void> {
  const next = `\`${softpromptCommand('resume', folder)}\` goes on from the last state that was saved.`;
  return writeToFolder(`The model in ${folder}, and the state of its training,`, write, next, 'MODEL_UNWRITABLE');
}
