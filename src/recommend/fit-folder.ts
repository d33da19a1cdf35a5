import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { SoftpromptError } from '../errors.js';
import { writeFileAtomically } from '../files/atomic-file.js';
import { writeToFolder } from '../files/folder-writing.js';
import { optionsFromJson } from '../jobs/options-json.js';
import { optionsRecord } from '../options/option-record.js';
import { softpromptCommand } from '../shell-command.js';
import { FIT, type RecommendOptions } from './fit-options.js';
import { RECORD } from './folder/recommender-files.js';
import { optionsToKeep } from './kept-options.js';

const FORMAT = 'softprompt fit 1';
const OPTIONS = 'fit.json';

/**
 * The part of a recommender's folder that a fit needs in order to be resumed: `training/fit.json` (the options), beside
 * the states of its networks, see `keptTraining`. Errors of what writes: PROMPT_FOLDER_UNWRITABLE.
 */
export function fitFolder(folder: string) {
  const training = join(folder, 'training');
  const writing = (write: () => Promise<void>) => writeToFolder(`The options of the fit in ${folder}`, write);
  const holdsState = async () => (await readdir(training).catch(() => [])).some((name) => name !== OPTIONS);
  return {
    /** Whether something was trained that a resumed fit goes on from, or a recommender is there. */
    holdsWorth: async () => existsSync(join(folder, RECORD)) || holdsState(),

    /** A new fit would discard what an interrupted one has trained. @throws RUN_UNFINISHED */
    checkUnfinished: async (): Promise<void> => {
      if (!(await holdsState())) return;
      throw new SoftpromptError('RUN_UNFINISHED', {
        found: `${folder} holds a fit that has not ended`,
        expected: 'a new folder',
        fix: `Go on with it (\`${softpromptCommand('resume', folder)}\`), choose another folder (--out), or discard it (--overwrite).`,
      });
    },

    /** Forgets what an earlier fit left, and keeps the options of this one. */
    begin: (options: RecommendOptions): Promise<void> =>
      writing(async () => {
        await rm(training, { recursive: true, force: true });
        const run = { format: FORMAT, options: optionsToKeep(options) };
        await writeFileAtomically(join(training, OPTIONS), `${JSON.stringify(run, null, 2)}\n`);
      }),

    /** Whether a fit, with whichever options, lies in the folder. */
    holdsRun: (): boolean => existsSync(join(training, OPTIONS)),

    /** The options, with paths that hold from everywhere. Errors: RUN_NOT_FOUND. */
    readOptions: async (): Promise<RecommendOptions> => {
      const path = join(training, OPTIONS);
      const text = await readFile(path, 'utf8').catch(() => undefined);
      if (text === undefined) {
        throw notFound(
          existsSync(join(folder, RECORD))
            ? `${folder} holds a recommender whose fit has ended: there is nothing to go on with`
            : `${folder} has no training/${OPTIONS} that can be read`,
        );
      }
      const run = optionsFromJson(text, z.object({ options: optionsRecord(FIT) }), { format: FORMAT });
      if (run.problem !== undefined) throw notFound(`${path} cannot be used: ${run.problem}`);
      return { ...run.record.options, out: folder };
    },

    /** Forgets the training of a fit that has ended. */
    end: (): Promise<void> => writing(() => rm(training, { recursive: true, force: true })),
  };
}

function notFound(found: string): SoftpromptError {
  return new SoftpromptError('RUN_NOT_FOUND', {
    found,
    expected: 'the folder of a fit that was interrupted',
    fix: 'Give what `npx softprompt recommend fit --out` was given, or start anew with `npx softprompt recommend fit`.',
  });
}
