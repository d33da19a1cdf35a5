import { type Command, Option } from 'commander';
import { LEARN_WORDS } from '../recommend/titles/learn-words-options.js';
import { WORDS_SCORING, type WordsScoring } from '../recommend/titles/title-scorer.js';
import { type AttributeFlags, addInteractionFlags, addItemFlags, type InteractionFlags } from './data-flags.js';
import {
  addModelFlags,
  addOutputFlags,
  addRunFlags,
  addThreadsFlag,
  count,
  numberFromZero,
  type SharedFlags,
  seedNumber,
} from './flags.js';
import { addOptions } from './option-flags.js';
import { addTableFlags } from './table-flags.js';

const ONLY_FILE = 'the interactions (or of the only file)';

/** What `softprompt recommend words` can be told. */
export interface WordsFlags extends SharedFlags, InteractionFlags, Omit<AttributeFlags, 'users'> {
  readonly model?: string;
  readonly history?: string;
  readonly user?: string;
  readonly candidates?: string;
  readonly prompt?: string;
  readonly template?: string;
  readonly prior?: string;
  readonly priorWeight?: number;
  readonly lengthPower?: number;
  readonly titleColumn?: string;
  readonly maxHistory?: number;
  readonly maxLength?: number;
  readonly k?: number;
  readonly explain?: boolean;
}

/** How a title's likelihood becomes its score, as flags say. */
export function scoringOf({ priorWeight, lengthPower }: Pick<WordsFlags, 'priorWeight' | 'lengthPower'>): WordsScoring {
  return { prior: priorWeight ?? WORDS_SCORING.prior, lengthPower: lengthPower ?? WORDS_SCORING.lengthPower };
}

export function addWordsFlags(command: Command): Command {
  addInteractionFlags(command, 'interactions: for --user, and for what is popular')
    .option('--model <model>', 'frozen model that ranks the titles: folder, GGUF file or hub id')
    .option('--items <file>', 'items with their titles')
    .option('--history <a,b,c>', 'items of a history, the oldest first; a JSON list where ids hold commas')
    .option('--user <id>', 'a user of the interactions')
    .option(
      '--candidates <which>',
      'a,b,c, a JSON list, a file with an id a line, or popular:N (default: popular:200, or all without interactions)',
    )
    .option('--max-history <n>', 'latest items of a history that are read (default: 20)', count)
    .option('--max-length <n>', 'longest history with its title, in tokens (default: 512)', count)
    .option('--k <n>', 'how many items (default: 10)', count)
    .option('--explain', 'which items of the history and words of the prompt speak for each');
  return addOutputFlags(addThreadsFlag(addModelFlags(addTitledTableFlags(addScoringFlags(command)))));
}

/** What a title is scored by. */
function addScoringFlags(command: Command): Command {
  return command
    .option('--prompt <folder>', 'a prompt that tune-words learned, in place of a template')
    .option('--template <template>', "words around '{history}' and '{label}'")
    .option(
      '--prior <template>',
      "what is asked without a history (default: the template's words between {history} and {label}, or else before)",
    )
    .option(
      '--prior-weight <x>',
      'how much of the likelihood without a history is subtracted (default: 0; 1 is PMI)',
      numberFromZero,
    )
    .option('--length-power <x>', '0: likelihood of the title, 1: its mean a token (default: 0)', numberFromZero);
}

/** How the files are read. */
function addTitledTableFlags(command: Command): Command {
  command.option('--title-column <name>', 'column of the title, where its name does not tell');
  return addTableFlags(addItemFlags(command), ONLY_FILE);
}

/** Flags of `recommend for` that rank its best items anew. */
export function addRerankFlags(command: Command): Command {
  return addModelFlags(command)
    .addOption(new Option('--rerank <how>', 'words: rank the best anew by their titles too').choices(['words']))
    .option('--rerank-weight <x>', 'what the titles count (default: as weigh-words chose)', numberFromZero)
    .option('--rerank-top <n>', 'how many of the best are ranked anew (default: 50)', count)
    .option('--words-model <model>', 'frozen model that ranks the titles (default: as weigh-words was told)');
}

export function addWeighFlags(command: Command): Command {
  command
    .option('--words-model <model>', 'frozen model that ranks the titles: folder, GGUF file or hub id')
    .option('--title-column <name>', 'column of the title, where its name does not tell')
    .option('--valid-users <n>', 'users that validate at most, drawn by the seed (default: 100)', count)
    .option('--rerank-top <n>', 'how many of the best are ranked anew (default: 50)', count)
    .option('--seed <n>', 'default: 0', seedNumber);
  return addOutputFlags(addThreadsFlag(addModelFlags(addScoringFlags(command))));
}

/** The files as people name them, then what is learned from them. */
export function addTuneWordsFlags(command: Command): Command {
  const { interactions: _, interactionTable: __, itemTable: ___, ...options } = LEARN_WORDS;
  return addRunFlags(addTableFlags(addItemFlags(addOptions(addInteractionFlags(command), options)), ONLY_FILE));
}
