import { existsSync } from 'node:fs';
import type { JobKind } from '../../jobs/job.js';
import { optionsRecord } from '../../options/option-record.js';
import { COMPARE, type CompareOptions } from './compare-options.js';

export const COMPARISON_FILE = 'comparison.json';

/** A comparison of methods; each run that has ended stands in its file, and the same call makes those that are missing. */
export const COMPARE_JOB: JobKind<CompareOptions> = {
  name: 'compare',
  command: 'compare',
  noun: 'run',
  product: 'comparison',
  productFile: COMPARISON_FILE,
  endedAs: 'a comparison that has ended',
  record: 'run.json',
  format: 'softprompt comparison 1',
  schema: optionsRecord(COMPARE),
  withPaths: (options, change) => {
    const { model, train, valid, test, sets } = options;
    return {
      ...options,
      model: existsSync(change(model)) ? change(model) : model,
      ...(train === undefined ? {} : { train: change(train) }),
      ...(valid === undefined ? {} : { valid: change(valid) }),
      ...(test === undefined ? {} : { test: change(test) }),
      ...(sets === undefined ? {} : { sets: change(sets) }),
    };
  },
  repeatable: true,
  unwritable: 'PROMPT_FOLDER_UNWRITABLE',
  checkFolder: () => {},
};
