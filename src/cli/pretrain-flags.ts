import type { Command } from 'commander';
import { PRETRAINING } from '../pretraining/pretraining-options.js';
import { addOutputFlags, addRuntimeFlag } from './flags.js';
import { addOptions } from './option-flags.js';

export function addPretrainFlags(command: Command): Command {
  addOptions(command, PRETRAINING).option('--cache <folder>', 'where converted weights are kept');
  return addOutputFlags(addRuntimeFlag(command));
}
