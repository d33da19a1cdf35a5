import { type Command, Option } from 'commander';
import { addDataFlags, addFilterFlags, type DataFlags } from './data-flags.js';
import {
  addModelFlags,
  addOutputFlags,
  addThreadsFlag,
  count,
  countUpTo,
  positiveNumber,
  type SharedFlags,
  seedNumber,
  shareBelowOne,
  wholeNumber,
  wholeNumberUpTo,
} from './flags.js';

/** What `softprompt recommend fit` can be told. */
export interface RecommendFlags extends SharedFlags, Omit<DataFlags, 'to'> {
  readonly model?: string;
  readonly userAttributes?: string;
  readonly userVectors?: boolean;
  readonly userTokens?: 'auto' | 'always';
  readonly keepTraining?: boolean;
  readonly itemTemplate?: string;
  readonly layers?: number;
  readonly encoder?: 'learned' | 'frozen';
  readonly encoderLayers?: number;
  readonly taskPrompt?: number;
  readonly text?: 'auto' | 'always' | 'never';
  readonly learnPrompt?: boolean;
  readonly itemItem?: boolean;
  readonly refit?: boolean;
  readonly baselines?: boolean;
  readonly validUsers?: number;
  readonly testUsers?: number;
  readonly epochs?: number;
  readonly epochUpdates?: number;
  readonly patience?: number;
  readonly batchSize?: number;
  readonly width?: number;
  readonly maxHistory?: number;
  readonly dropout?: number;
  readonly labelSmoothing?: number;
  readonly itemVectors?: boolean;
  readonly fullSoftmaxUpTo?: number;
  readonly sampledCandidates?: number;
  readonly lr?: number;
  readonly seed?: number;
}

export function addFitFlags(command: Command): Command {
  addFilterFlags(addDataFlags(command, 'users with their attributes, for a learned token in front of each history'))
    .option('--user-attributes <a,b>', 'columns of the users to use (default: all of at most 100 values)')
    .option('--user-vectors', 'a vector of each user too, which counts the more the longer the history is')
    .addOption(
      new Option('--user-tokens <when>', 'auto: with and without, the better is kept (default: auto)').choices([
        'auto',
        'always',
      ]),
    )
    .option(
      '--model <model>',
      'frozen model that reads the items, or encodes: folder, GGUF file or hub id (default: ids alone)',
    )
    .option('--out <folder>', 'where the recommender goes')
    .option('--overwrite', 'replace a recommender that is already there')
    .option('--keep-training', 'keep the states of training after success, four to five times the network')
    .option('--item-template <template>', "what is read of an item, such as '[soft:8]{title} ({genres})'")
    .option('--layers <n>', 'the first layers of the model that read (default: 8)', countUpTo(1024))
    .addOption(
      new Option(
        '--text <when>',
        'auto: with and without texts, the better is kept; never: no text is read (default: auto)',
      ).choices(['auto', 'always', 'never']),
    )
    .option('--learn-prompt', "learn the template's learned tokens too, which takes long")
    .addOption(
      new Option(
        '--encoder <kind>',
        "what makes a query of a history: learned layers, or the frozen model's first (default: learned)",
      ).choices(['learned', 'frozen']),
    )
    .option('--encoder-layers <n>', 'layers of the encoder (default: 2)', countUpTo(128))
    .option(
      '--task-prompt <n>',
      'learned tokens in front of a history, of the frozen encoder (default: 8)',
      wholeNumberUpTo(4096),
    )
    .option('--no-item-item', 'leave out the item-item model')
    .option('--no-refit', 'serve with the network that was measured, which never learned from what validates and tests')
    .option('--valid-users <n>', 'users who validate at most, drawn by the seed (default: what takes minutes)', count)
    .option('--test-users <n>', 'users who are tested at most, drawn by the seed (default: what takes minutes)', count)
    .option('--baselines', 'tune and measure popularity, ItemKNN, EASE and SASRec on ids beside it')
    .option('--epochs <n>', 'passes over the interactions at most (default: 20 to 150, about 9000 updates)', count)
    .option(
      '--epoch-updates <n>',
      'updates of an epoch at most: of more users each epoch shows a part (default: all users)',
      wholeNumber,
    )
    .option('--patience <n>', 'epochs without improvement after which to stop (default: 20)', count)
    .option('--batch-size <n>', 'users an update (default: 32)', count)
    .option(
      '--width <n>',
      'numbers an item has in the network (default: 64, or 128 for more than 500,000 interactions)',
      countUpTo(4096),
    )
    .option('--max-history <n>', 'latest items of a history that count (default: 200)', countUpTo(100_000))
    .option('--dropout <share>', 'default: 0.2', shareBelowOne)
    .option('--label-smoothing <share>', 'of a target, spread over all items (default: 0)', shareBelowOne)
    .option('--no-item-vectors', 'items are known by their texts alone')
    .option('--full-softmax-up-to <n>', 'larger catalogues are sampled in training (default: 50000)', wholeNumber)
    .option('--sampled-candidates <n>', '… with so many items beside the targets (default: 8192)', count)
    .option('--lr <rate>', 'learning rate (default: 0.003)', positiveNumber)
    .option('--seed <n>', 'default: 0', seedNumber);
  return addOutputFlags(addThreadsFlag(addModelFlags(command)));
}
