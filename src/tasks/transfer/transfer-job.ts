import { existsSync } from 'node:fs';
import type { JobKind } from '../../jobs/job.js';
import { optionsRecord } from '../../options/option-record.js';
import { TRANSFER, type TransferOptions } from './transfer-options.js';

export const MATRIX_FILE = 'transfer.json';

/** A matrix of transfer; each run that has ended stands in its file, and the same call makes those that are missing. */
export const TRANSFER_JOB: JobKind<TransferOptions> = {
  name: 'transfer',
  command: 'transfer',
  noun: 'run',
  product: 'comparison',
  productFile: MATRIX_FILE,
  endedAs: 'a matrix of transfer that has ended',
  record: 'run.json',
  format: 'softprompt transfer 1',
  schema: optionsRecord(TRANSFER),
  withPaths: (options, change) => ({
    ...options,
    model: existsSync(change(options.model)) ? change(options.model) : options.model,
    sets: change(options.sets),
    ...(options.sources === undefined ? {} : { sources: options.sources.map(change) }),
  }),
  repeatable: true,
  unwritable: 'PROMPT_FOLDER_UNWRITABLE',
  checkFolder: () => {},
};
