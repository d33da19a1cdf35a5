import type { JobKind } from '../jobs/job.js';
import { JobFolder } from '../jobs/job-folder.js';
import { optionsRecord } from '../options/option-record.js';
import { FIT, type RecommendOptions } from './fit-options.js';
import { RECORD } from './folder/recommender-files.js';
import { checkRecommenderFolder } from './folder/recommender-folder.js';
import { optionsToKeep } from './kept-options.js';

/** Fitting a recommender, with a shard a network. */
export const FIT_JOB: JobKind<RecommendOptions> = {
  name: 'fit',
  command: 'recommend fit',
  noun: 'fit',
  product: 'recommender',
  productFile: RECORD,
  endedAs: 'a recommender whose fit has ended',
  record: 'fit.json',
  format: 'softprompt fit 1',
  schema: optionsRecord(FIT),
  keep: optionsToKeep,
  repeatable: false,
  unwritable: 'PROMPT_FOLDER_UNWRITABLE',
  checkFolder: checkRecommenderFolder,
};

export const fitJobFolder = (folder: string) => new JobFolder(FIT_JOB, folder);
