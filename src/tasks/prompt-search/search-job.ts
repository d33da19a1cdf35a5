import type { JobKind } from '../../jobs/job.js';
import { optionsRecord } from '../../options/option-record.js';
import { checkPromptFolder } from '../prompt-folder/write-prompt.js';
import { taskPaths } from '../task-paths.js';
import { SEARCH, type SearchOptions } from './search-options.js';

export const SEARCH_FILE = 'search.json';

/** A search of a prompt; the scores of every call that was paid for are kept, and the same call goes on behind them. */
export const SEARCH_JOB: JobKind<SearchOptions> = {
  name: 'search',
  command: 'search',
  noun: 'run',
  product: 'prompt',
  productFile: SEARCH_FILE,
  endedAs: 'a search that has ended',
  record: 'run.json',
  format: 'softprompt search 1',
  schema: optionsRecord(SEARCH),
  withPaths: taskPaths,
  repeatable: true,
  unwritable: 'PROMPT_FOLDER_UNWRITABLE',
  checkFolder: (folder, overwrite) => checkPromptFolder(folder, { overwrite }),
};
