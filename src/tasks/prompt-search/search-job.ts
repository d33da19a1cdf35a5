import { existsSync } from 'node:fs';
import type { JobKind } from '../../jobs/job.js';
import { optionsRecord } from '../../options/option-record.js';
import { checkPromptFolder } from '../prompt-folder/write-prompt.js';
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
  withPaths: (options, change) => {
    const { model, train, valid, test } = options;
    return {
      ...options,
      train: change(train),
      ...(model === undefined ? {} : { model: existsSync(change(model)) ? change(model) : model }),
      ...(valid === undefined ? {} : { valid: change(valid) }),
      ...(test === undefined ? {} : { test: change(test) }),
    };
  },
  repeatable: true,
  unwritable: 'PROMPT_FOLDER_UNWRITABLE',
  checkFolder: (folder, overwrite) => checkPromptFolder(folder, { overwrite }),
};
