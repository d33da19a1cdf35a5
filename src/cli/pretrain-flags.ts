import type { Command } from 'commander';
import { LOADING } from '../network/loading-options.js';
import { PRETRAINING } from '../pretraining/pretraining-options.js';
import { LOGGING, REPORTING } from '../report/report-options.js';
import { addOutputFlags, addRuntimeFlag } from './flags.js';
import { addOptions } from './option-flags.js';

export function addPretrainFlags(command: Command): Command {
  addOptions(command, { ...PRETRAINING, cacheFolder: LOADING.cacheFolder });
  return addOptions(addOutputFlags(addRuntimeFlag(command)), { ...REPORTING, ...LOGGING });
}
