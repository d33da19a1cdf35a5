import { existsSync } from 'node:fs';
import type { JobKind } from '../../jobs/job.js';
import { optionsRecord } from '../../options/option-record.js';
import { checkExplanationFolder, EXPLANATION_RECORD } from './explanation-folder.js';
import { EXPLANATION, type ExplanationOptions } from './explanation-options.js';

/** Learning explanations, in one shard. Rows in memory are kept in the record. */
export const EXPLANATION_JOB: JobKind<ExplanationOptions> = {
  name: 'explanations',
  command: 'tune --task explain',
  noun: 'run',
  product: 'prompt',
  productFile: EXPLANATION_RECORD,
  endedAs: 'explanations whose tuning has ended',
  record: 'run.json',
  format: 'softprompt explanations run 1',
  schema: optionsRecord(EXPLANATION),
  withPaths: (options, change) => {
    const { model, train, valid, test, items, recommender } = options;
    const path = <T>(value: T) => (typeof value === 'string' ? change(value) : value);
    return {
      ...options,
      model: existsSync(change(model)) ? change(model) : model,
      train: path(train),
      ...(valid !== undefined && { valid: path(valid) }),
      ...(test !== undefined && { test: path(test) }),
      ...(items !== undefined && { items: change(items) }),
      ...(recommender !== undefined && { recommender: change(recommender) }),
    };
  },
  repeatable: true,
  unwritable: 'PROMPT_FOLDER_UNWRITABLE',
  checkFolder: checkExplanationFolder,
};
