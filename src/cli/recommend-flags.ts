import type { Command } from 'commander';
import { DATA_FILES } from '../data/data-files.js';
import { ON_QUEUE } from '../queue/queue-options.js';
import { FIT } from '../recommend/fit-options.js';
import { addTrainingFlags } from './flags.js';
import { addOptions } from './option-flags.js';

/** The files as people name them, then what is fitted to them. */
export const addFitFlags = (command: Command): Command =>
  addTrainingFlags(addOptions(command, { ...DATA_FILES, ...FIT_FLAGS, ...ON_QUEUE }));

const { interactions: _, interactionTable: __, itemTable: ___, userTable: ____, ...FIT_FLAGS } = FIT;
