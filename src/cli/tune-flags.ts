import { type Command, Option } from 'commander';
import { METHOD_NAMES, type MethodName } from '../methods/method.js';
import type { LossKind } from '../network/prompt-network.js';
import type { InitialisationName } from '../tasks/tune-options.js';
import type { Decay } from '../training/schedule.js';
import {
  addModelFlags,
  addOutputFlags,
  addThreadsFlag,
  count,
  countUpTo,
  numberFromZero,
  positiveNumber,
  required,
  type SharedFlags,
  seedNumber,
  shareBelowOne,
} from './flags.js';
import { addExampleFlags, type ExampleFlags } from './table-flags.js';

/** What `softprompt tune` can be told; each flag is explained where it is declared below. */
export interface TuneFlags extends SharedFlags, ExampleFlags {
  readonly model?: string;
  readonly template?: string;
  readonly labels?: string;
  readonly train?: string;
  readonly valid?: string;
  readonly test?: string;
  readonly out?: string;
  readonly overwrite?: boolean;
  readonly keepTraining?: boolean;
  readonly validShare?: number;
  readonly shots?: number;
  readonly maxLength?: number;
  readonly loss?: LossKind;
  readonly init?: InitialisationName;
  readonly method?: MethodName;
  readonly epochs?: number;
  readonly maxSteps?: number;
  readonly batchSize?: number;
  readonly accumulation?: number;
  readonly lr?: number | 'auto';
  readonly warmUp?: number;
  readonly decay?: Decay;
  readonly weightDecay?: number;
  readonly clip?: number;
  readonly evaluateEvery?: number;
  readonly patience?: number;
  readonly seed?: number;
  readonly seeds?: number;
  readonly search?: number;
  readonly calibrate?: boolean;
  readonly baselines?: boolean;
}

export function addTuneFlags(command: Command): Command {
  command
    .option('--template <template>', "for example '[soft:20]{text} It was{label}'")
    .option('--labels <json>', 'label in the data → word in the text: \'{"0":" terrible","1":" great"}\'')
    .option('--train <file>', 'training examples: JSONL, CSV, TSV or Parquet, .gz too')
    .option('--valid <file>', 'validation examples (default: a tenth of the training file)')
    .option('--test <file>', 'test examples');
  return addOutputFlags(addExampleFlags(addTrainingFlags(command)));
}

/** Flags of every command that learns a prompt: on which model, where to, and how. */
export function addTrainingFlags(command: Command): Command {
  command
    .option('--model <model>', 'folder, GGUF file, or hub id such as HuggingFaceTB/SmolLM2-135M-Instruct')
    .option('--out <folder>', 'where the prompt goes')
    .option('--overwrite', 'replace a prompt that is already there')
    .option('--keep-training', 'keep the states of training after success')
    .option('--epochs <n>', 'passes over the training data (default: 3, and at least 150 steps)', positiveNumber)
    .addOption(new Option('--max-steps <n>', 'updates in all, instead of epochs').argParser(count).conflicts('epochs'))
    .option('--batch-size <n>', 'examples an update (default: 16)', count)
    .option('--accumulation <n>', 'pieces in which a batch is computed, to save memory (default: 1)', count)
    .option('--lr <rate>', "learning rate, or 'auto': a share of the embeddings' size (default: auto)", learningRate)
    .addOption(
      new Option('--loss <kind>', 'over the label words alone, or the full vocabulary (default: labels)').choices([
        'labels',
        'vocabulary',
      ]),
    )
    .addOption(
      new Option(
        '--method <name>',
        'what is learned: input embeddings, or keys and values of every layer (default: soft)',
      ).choices(METHOD_NAMES),
    )
    .option(
      '--init <start>',
      'vocabulary, labels, random, zero, words:SOME WORDS or prompt:FOLDER (default: vocabulary)',
    )
    .option('--max-length <n>', 'longest sequence in tokens, learned ones included (default: 256)', count)
    .option('--shots <n>', 'train on n examples a label, validate on n others', count)
    .option('--valid-share <share>', 'share of the training data that validates (default: 0.1)', shareBelowOne)
    .option('--warm-up <share>', 'share of the steps in which the rate rises (default: 0.06)', shareBelowOne)
    .addOption(
      new Option('--decay <kind>', 'how the rate falls (default: linear)').choices(['linear', 'cosine', 'constant']),
    )
    .option('--weight-decay <x>', 'default: 0', numberFromZero)
    .option('--clip <norm>', 'longest gradient (default: 1)', positiveNumber)
    .option('--evaluate-every <steps>', 'updates between validations', count)
    .option('--patience <n>', 'validations without improvement after which to stop (default: never)', count)
    .option('--seed <n>', 'default: 0', seedNumber)
    .option('--seeds <n>', 'runs with so many seeds; the best is kept, all are reported (default: 1)', countUpTo(1000))
    .option('--search <minutes>', 'first search learning rate, length and initialisation for so long', positiveNumber)
    .option('--calibrate', 'save the prompt with contextual calibration of its label words')
    .option('--no-baselines', 'leave out scoring the same template unlearned');
  return addThreadsFlag(addModelFlags(command));
}

/** What those flags ask for. @throws FLAG_MISSING */
export function trainingOptions(flags: TuneFlags) {
  return {
    model: required(flags.model, '--model', 'a model folder, GGUF file or hub id'),
    out: required(flags.out, '--out', 'a folder for the prompt'),
    overwrite: flags.overwrite,
    keepTraining: flags.keepTraining,
    validShare: flags.validShare,
    shots: flags.shots,
    maxLength: flags.maxLength,
    loss: flags.loss,
    initialisation: flags.init,
    method: flags.method,
    epochs: flags.epochs,
    maxSteps: flags.maxSteps,
    batchSize: flags.batchSize,
    accumulation: flags.accumulation,
    learningRate: flags.lr,
    warmUp: flags.warmUp,
    decay: flags.decay,
    weightDecay: flags.weightDecay,
    clipNorm: flags.clip,
    evaluateEvery: flags.evaluateEvery,
    patience: flags.patience,
    seed: flags.seed,
    seeds: flags.seeds,
    searchMinutes: flags.search,
    calibrate: flags.calibrate,
    baselines: flags.baselines,
    threads: flags.threads,
  };
}

function learningRate(text: string): number | 'auto' {
  return text === 'auto' ? 'auto' : positiveNumber(text);
}
