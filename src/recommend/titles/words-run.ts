import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { SoftpromptError } from '../../errors.js';
import { writeFileAtomically } from '../../files/atomic-file.js';
import { leavingNothing, writeToFolder } from '../../files/folder-writing.js';
import { optionsFromJson } from '../../jobs/options-json.js';
import { RECORD_FILE } from '../../methods/prompt-files.js';
import { optionsRecord } from '../../options/option-record.js';
import { softpromptCommand } from '../../shell-command.js';
import { refuseEarlierState } from '../../training/state-file.js';
import { readTuningState, type TuningState, writeTuningState } from '../../training/tuning-state.js';
import { optionsToKeep } from '../kept-options.js';
import { LEARN_WORDS, type LearnWordsOptions } from './learn-words-options.js';

const FORMAT = 'softprompt words 1';

/**
 * The part of a prompt's folder that learning a prompt for titles needs in order to be resumed: `training/words-run.json`
 * (the options) and `training/words.safetensors` (the state). Errors of what writes: PROMPT_FOLDER_UNWRITABLE.
 */
export function wordsRun(folder: string) {
  const training = join(folder, 'training');
  const runFile = join(training, 'words-run.json');
  const stateFile = join(training, 'words.safetensors');
  const writing = (write: () => Promise<void>) =>
    writeToFolder(
      `The state of the run in ${folder}`,
      write,
      `\`${softpromptCommand('resume', folder)}\` goes on from the last state that was saved.`,
    );
  return {
    holdsRun: (): boolean => existsSync(runFile),

    /** Keeps the options of what runs; nothing of it stays where it fails before a state was saved. */
    begun: <T>(options: LearnWordsOptions, run: () => Promise<T>): Promise<T> =>
      leavingNothing(
        folder,
        async () => existsSync(stateFile) || existsSync(join(folder, RECORD_FILE)),
        async () => {
          const record = { format: FORMAT, options: optionsToKeep(options) };
          await writing(() => writeFileAtomically(runFile, `${JSON.stringify(record, null, 2)}\n`));
          return run();
        },
      ),

    /** The options, with paths that hold from everywhere. Errors: RUN_NOT_FOUND. */
    readOptions: async (): Promise<LearnWordsOptions> => {
      const content = await readFile(runFile, 'utf8').catch(() => '');
      const run = optionsFromJson(content, z.object({ options: optionsRecord(LEARN_WORDS) }), { format: FORMAT });
      if (run.problem === undefined) return { ...run.record.options, out: folder };
      throw new SoftpromptError('RUN_NOT_FOUND', {
        found: `${runFile} cannot be used: ${run.problem}`,
        expected: 'the folder of a run that was interrupted',
        fix: 'Give what `npx softprompt recommend tune-words --out` was given, or start anew with it.',
      });
    },

    /** @param basis what the state must be continued with */
    writeState: (state: TuningState, basis: string): Promise<void> =>
      writing(() => writeTuningState(stateFile, state, { basis })),

    /** The state to go on from. @throws RUN_UNFINISHED for that of another run, unless it may be discarded */
    readState: async (basis: string, discard: boolean): Promise<TuningState | undefined> => {
      if (!existsSync(stateFile)) {
        if (!discard) refuseEarlierState(join(training, 'words.json'));
        return undefined;
      }
      const saved = await readTuningState(stateFile).catch((error) => {
        if (discard) return undefined;
        throw error;
      });
      if (saved?.context?.basis === basis) return saved.state;
      if (discard) return undefined;
      throw new SoftpromptError('RUN_UNFINISHED', {
        found: `${folder} holds a run that has not ended, with another model, other data, another template or other settings`,
        expected: 'the call that began it, with unchanged files, or a new folder',
        fix: 'Repeat that call to go on with it, choose another folder, or discard it with --overwrite.',
      });
    },

    /** Forgets the training of a run that has ended. */
    end: (): Promise<void> => writing(() => rm(training, { recursive: true, force: true })),
  };
}
