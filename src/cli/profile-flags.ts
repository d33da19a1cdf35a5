import type { Command } from 'commander';
import { DATA_FILES } from '../data/data-files.js';
import { PROFILE } from '../recommend/profile-options.js';
import { addTrainingFlags } from './flags.js';
import { addOptions } from './option-flags.js';

/** The files as people name them, then what is learned from them. */
export function addProfileFlags(command: Command): Command {
  const { interactions: _, interactionTable: __, itemTable: ___, userTable: ____, ...options } = PROFILE;
  return addTrainingFlags(addOptions(command, { ...DATA_FILES, ...options }));
}
