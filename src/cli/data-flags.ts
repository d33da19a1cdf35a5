import type { Command } from 'commander';
import {
  DATA_FILES,
  type DataFiles,
  declareInteractions,
  ITEM_TABLE,
  interactionSource,
  readingOptions,
  requiredInteractions,
} from '../data/data-files.js';
import { WRITING } from '../data/writing/writing-options.js';
import { FILTERS, type RecommendDataOptions } from '../recommend/fit-options.js';
import { addOptions, type Flags } from './option-flags.js';

export { interactionSource, readingOptions, requiredInteractions };

export type InteractionFlags = DataFiles;
export type AttributeFlags = DataFiles;
export type FilterFlags = Pick<RecommendDataOptions, keyof typeof FILTERS>;

/** What the commands `softprompt data …` can be told. */
export interface DataFlags extends Flags, DataFiles, FilterFlags {
  readonly json?: boolean;
}

/** Flags that say where data is and how it is read. */
export function addDataFlags(command: Command, users = DATA_FILES.users.about as string): Command {
  return addOptions(command, { ...DATA_FILES, users: { ...DATA_FILES.users, about: users } });
}

export function addInteractionFlags(command: Command, interactions?: string): Command {
  return addOptions(command, declareInteractions(interactions));
}

/** How the items' file is read, beside the flags of all tables. */
export const addItemFlags = (command: Command): Command => addOptions(command, ITEM_TABLE);

export const addFilterFlags = (command: Command): Command => addOptions(command, FILTERS);

export const addWritingFlags = (command: Command): Command => addOptions(command, WRITING);

/** How the interactions are filtered and split. */
export function filterOptions({ minRating, kCore, split, validShare, testShare, ties, seed }: FilterFlags) {
  return { minRating, kCore, split, validShare, testShare, ties, seed };
}
