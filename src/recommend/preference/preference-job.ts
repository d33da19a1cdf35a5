import { existsSync } from 'node:fs';
import type { JobKind } from '../../jobs/job.js';
import { optionsRecord } from '../../options/option-record.js';
import { checkPreferenceFolder, PREFERENCE_RECORD } from './preference-folder.js';
import { PREFERENCE, type PreferenceOptions } from './preference-options.js';

/** Fitting a preference, in one shard. Rows in memory are kept in the record. */
export const PREFERENCE_JOB: JobKind<PreferenceOptions> = {
  name: 'preference',
  command: 'recommend preference fit',
  noun: 'fit',
  product: 'prompt',
  productFile: PREFERENCE_RECORD,
  endedAs: 'a preference whose fit has ended',
  record: 'run.json',
  format: 'softprompt preference fit 1',
  schema: optionsRecord(PREFERENCE),
  withPaths: (options, change) => {
    const { model, train, valid, test, items, users, recommender } = options;
    const path = <T>(value: T) => (typeof value === 'string' ? change(value) : value);
    return {
      ...options,
      model: existsSync(change(model)) ? change(model) : model,
      train: path(train),
      ...(valid !== undefined && { valid: path(valid) }),
      ...(test !== undefined && { test: path(test) }),
      ...(items !== undefined && { items: change(items) }),
      ...(users !== undefined && { users: change(users) }),
      ...(recommender !== undefined && { recommender: change(recommender) }),
    };
  },
  repeatable: true,
  unwritable: 'PROMPT_FOLDER_UNWRITABLE',
  checkFolder: checkPreferenceFolder,
};
