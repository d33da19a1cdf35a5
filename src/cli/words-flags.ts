import type { Command } from 'commander';
import { LEARN_WORDS } from '../recommend/titles/learn-words-options.js';
import { ONLY_FILE, RANK_WORDS, RERANK, WEIGH_WORDS } from '../recommend/titles/words-options.js';
import { addInteractionFlags, addItemFlags } from './data-flags.js';
import { addModelFlags, addOutputFlags, addThreadsFlag, addTrainingFlags } from './flags.js';
import { addOptions } from './option-flags.js';
import { addTableFlags } from './table-flags.js';

export const addWordsFlags = (command: Command): Command =>
  addOutputFlags(addThreadsFlag(addModelFlags(addOptions(command, RANK_WORDS))));

/** Flags of `recommend for` that rank its best items anew. */
export const addRerankFlags = (command: Command): Command => addOptions(command, RERANK);

export const addWeighFlags = (command: Command): Command =>
  addOutputFlags(addThreadsFlag(addModelFlags(addOptions(command, WEIGH_WORDS))));

/** The files as people name them, then what is learned from them. */
export function addTuneWordsFlags(command: Command): Command {
  const { interactions: _, interactionTable: __, itemTable: ___, ...options } = LEARN_WORDS;
  return addTrainingFlags(addTableFlags(addItemFlags(addOptions(addInteractionFlags(command), options)), ONLY_FILE));
}
