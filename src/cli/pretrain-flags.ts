import { type Command, Option } from 'commander';
import type { Decay } from '../training/schedule.js';
import {
  addOutputFlags,
  addThreadsFlag,
  count,
  countUpTo,
  numberFromZero,
  positiveNumber,
  positiveShareBelowOne,
  type SharedFlags,
  seedNumber,
  shareBelowOne,
} from './flags.js';
import { collect } from './option-flags.js';

/** What `softprompt pretrain` can be told; each flag is explained where it is declared below. */
export interface PretrainFlags extends SharedFlags {
  readonly data?: readonly string[];
  readonly encoding?: string;
  readonly out?: string;
  readonly init?: string;
  readonly tokenizer?: string;
  readonly vocabulary?: number;
  readonly width?: number;
  readonly layers?: number;
  readonly heads?: number;
  readonly feedForward?: number;
  readonly context?: number;
  readonly length?: number;
  readonly maxSteps?: number;
  readonly batchTokens?: number;
  readonly lr?: number;
  readonly warmUp?: number;
  readonly decay?: Decay;
  readonly weightDecay?: number;
  readonly clip?: number;
  readonly evaluateEvery?: number;
  readonly validShare?: number;
  readonly validTokens?: number;
  readonly cue?: readonly string[];
  readonly cueWeight?: number;
  readonly seed?: number;
  readonly overwrite?: boolean;
}

export function addPretrainFlags(command: Command): Command {
  command
    .option('--data <file>', 'text, .gz too, such as zh=wiki.txt.gz:2 (language, share); repeatable', collect)
    .option('--encoding <name>', 'encoding of the texts, such as gb18030 (default: utf-8; UTF-16 is recognised)')
    .option('--out <folder>', 'where the model goes')
    .option('--overwrite', 'discard a run or model that is already there')
    .option('--init <model>', 'continue from a model folder: its weights, shape and tokenizer')
    .option('--tokenizer <file>', 'a tokenizer.json (default: learned from the data)')
    .option('--vocabulary <n>', 'tokens of the tokenizer that is learned (default: 8192)', countUpTo(1_000_000))
    .option('--width <n>', 'numbers a token (default: 256)', countUpTo(65_536))
    .option('--layers <n>', 'default: 7', countUpTo(128))
    .option('--heads <n>', 'attention heads (default: one for each 64 of the width)', countUpTo(1024))
    .option(
      '--feed-forward <n>',
      'width inside the feed-forward block (default: 2.75 times the width)',
      countUpTo(1_048_576),
    )
    .option('--context <n>', 'positions of the model (default: 512)', countUpTo(1_048_576))
    .option('--length <n>', 'tokens of a training window (default: the context)', countUpTo(1_048_576))
    .option('--max-steps <n>', 'updates (default: 1000)', count)
    .option('--batch-tokens <n>', 'tokens an update (default: 4096)', countUpTo(1_048_576))
    .option('--lr <rate>', 'learning rate (default: 0.002)', positiveNumber)
    .option('--warm-up <share>', 'share of the steps in which the rate rises (default: 0.02)', shareBelowOne)
    .addOption(
      new Option('--decay <kind>', 'how the rate falls (default: cosine)').choices(['linear', 'cosine', 'constant']),
    )
    .option('--weight-decay <x>', 'of matrices (default: 0.1)', numberFromZero)
    .option('--clip <norm>', 'longest gradient (default: 1)', positiveNumber)
    .option('--evaluate-every <steps>', 'updates between validations (default: a twentieth of the run)', count)
    .option('--valid-share <share>', 'share of the documents that validate (default: 0.005)', positiveShareBelowOne)
    .option('--valid-tokens <n>', 'tokens of each language that validate (default: 16384)', count)
    .option('--cue <words>', 'the token behind these words counts more in training; repeatable', collect)
    .option('--cue-weight <n>', 'how much more (default: 10 times)', positiveNumber)
    .option('--seed <n>', 'default: 0', seedNumber)
    .option('--cache <folder>', 'where converted weights are kept');
  return addOutputFlags(addThreadsFlag(command));
}
