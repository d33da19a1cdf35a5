import type { JobKind } from '../../jobs/job.js';
import { RECORD_FILE } from '../../methods/prompt-files.js';
import { optionsRecord } from '../../options/option-record.js';
import { checkPromptFolder } from '../prompt-folder/write-prompt.js';
import { taskPaths } from '../task-paths.js';
import { SHORTEN, type ShortenOptions } from './shorten-options.js';

/** Making a prompt shorter, with one shard: the learning of what the long one answers. */
export const SHORTEN_JOB: JobKind<ShortenOptions> = {
  name: 'shorten',
  command: 'shorten',
  noun: 'run',
  product: 'prompt',
  productFile: RECORD_FILE,
  endedAs: 'a prompt that is short already',
  record: 'run.json',
  format: 'softprompt shorten 1',
  schema: optionsRecord(SHORTEN),
  withPaths: (options, change) => ({ ...taskPaths(options, change), prompt: change(options.prompt) }),
  repeatable: true,
  unwritable: 'PROMPT_FOLDER_UNWRITABLE',
  checkFolder: (folder, overwrite) => checkPromptFolder(folder, { overwrite }),
};
