import { resolve } from 'node:path';
import type { JobKind } from '../../jobs/job.js';
import { RECORD_FILE } from '../../methods/prompt-files.js';
import { optionsRecord } from '../../options/option-record.js';
import { checkPromptFolder } from '../../tasks/prompt-folder/write-prompt.js';
import { optionsToKeep } from '../kept-options.js';
import { LEARN_WORDS, type LearnWordsOptions } from './learn-words-options.js';

/** Learning a prompt for titles, in one shard. */
export const WORDS_JOB: JobKind<LearnWordsOptions> = {
  name: 'tune-words',
  command: 'recommend tune-words',
  noun: 'run',
  product: 'prompt',
  productFile: RECORD_FILE,
  endedAs: 'a prompt whose tuning has ended',
  record: 'words-run.json',
  format: 'softprompt words 1',
  schema: optionsRecord(LEARN_WORDS),
  keep: ({ recommender, ...plan }) =>
    optionsToKeep({ ...plan, ...(recommender && { recommender: resolve(recommender) }) }),
  repeatable: true,
  unwritable: 'PROMPT_FOLDER_UNWRITABLE',
  checkFolder: (folder, overwrite) => checkPromptFolder(folder, { overwrite }),
};
