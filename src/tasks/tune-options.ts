import type { TableOptions } from '../data/read-table.js';
import { SoftpromptError } from '../errors.js';
import type { MethodName } from '../methods/method.js';
import type { LossKind } from '../network/prompt-network.js';
import { parseLabels } from '../prompt/labels.js';
import { parseTemplate } from '../prompt/parse-template.js';
import type { Decay } from '../training/schedule.js';
import type { TuningSettings } from '../training/settings.js';

/** Where a learned token starts that the template leaves free; `prompt:DIR` is another learned prompt's folder. */
export type InitialisationName = 'vocabulary' | 'labels' | 'random' | 'zero' | `words:${string}` | `prompt:${string}`;

/** Everything a user can say about a tuning run; plain JSON, so that a run can be repeated and resumed from it. */
export interface TuneOptions {
  /** Folder, GGUF file, or hub id. */
  readonly model: string;
  readonly template: string;
  /** Label key in the data → word in the text. */
  readonly labels: Readonly<Record<string, string>>;
  readonly train: string;
  /** Default: `validShare` of the training file. */
  readonly valid?: string | undefined;
  readonly test?: string | undefined;
  /** Where prompt, history and training state go. */
  readonly out: string;
  readonly overwrite?: boolean | undefined;
  /** Whether the states of training stay after success. Default: no. */
  readonly keepTraining?: boolean | undefined;
  /** Template field → column of the files, where they differ. */
  readonly columns?: Readonly<Record<string, string>> | undefined;
  readonly labelColumn?: string | undefined;
  readonly table?: TableOptions | undefined;
  readonly validShare?: number | undefined;
  /** Train on that many examples a label, drawn with the seed; as many others validate if there is no validation file. */
  readonly shots?: number | undefined;
  /** Longest sequence in tokens, learned ones included. */
  readonly maxLength?: number | undefined;
  readonly loss?: LossKind | undefined;
  readonly initialisation?: InitialisationName | undefined;
  /** What is learned; default: a soft prompt. */
  readonly method?: MethodName | undefined;
  readonly epochs?: number | undefined;
  /** Instead of epochs. */
  readonly maxSteps?: number | undefined;
  readonly batchSize?: number | undefined;
  readonly accumulation?: number | undefined;
  /** A number, or `auto`: a share of the embeddings' size, which fits models of different scale. */
  readonly learningRate?: number | 'auto' | undefined;
  readonly warmUp?: number | undefined;
  readonly decay?: Decay | undefined;
  readonly weightDecay?: number | undefined;
  readonly clipNorm?: number | undefined;
  /** Updates between validations; default: so that validating takes at most about a third of the training time. */
  readonly evaluateEvery?: number | undefined;
  /** Validations without improvement after which a run stops. */
  readonly patience?: number | undefined;
  readonly seed?: number | undefined;
  /** Runs with the seeds `seed`, `seed + 1`, …; the best by validation is kept, all are reported. */
  readonly seeds?: number | undefined;
  /** Minutes to spend on a search over learning rate, prompt length and initialisation first. */
  readonly searchMinutes?: number | undefined;
  /** Save the learned prompt with contextual calibration. */
  readonly calibrate?: boolean | undefined;
  /** Score the same template unlearned, for comparison; default: true. */
  readonly baselines?: boolean | undefined;
  readonly threads?: number | undefined;
}

/** What a user can say about a learning whose rows are given, wherever they come from. */
export type LearnOptions = Omit<
  TuneOptions,
  'model' | 'train' | 'valid' | 'test' | 'out' | 'overwrite' | 'keepTraining' | 'table'
>;

export const TUNE_DEFAULTS = {
  validShare: 0.1,
  maxLength: 256,
  loss: 'labels',
  initialisation: 'vocabulary',
  method: 'soft',
  epochs: 3,
  /** Small data repeat until at least this many updates are done: 16 examples a label learn nothing in 3 epochs. */
  leastSteps: 150,
  batchSize: 16,
  accumulation: 1,
  /** The automatic learning rate in units of the embedding table's root mean square. */
  relativeLearningRate: 0.1,
  warmUp: 0.06,
  decay: 'linear',
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  clipNorm: 1,
  patience: Number.POSITIVE_INFINITY,
  seed: 0,
  seeds: 1,
} as const;

/**
 * Finds what is wrong with the options alone, before anything is loaded.
 * Errors: TEMPLATE_INVALID, NOTHING_TO_LEARN, LABELS_INVALID, TUNING_SETTING.
 */
export function checkOptions({ template, labels, seeds = TUNE_DEFAULTS.seeds }: LearnOptions): void {
  const { parts } = parseTemplate(template);
  if (!parts.some(({ kind }) => kind === 'learned' || kind === 'learned-words')) {
    throw new SoftpromptError('NOTHING_TO_LEARN', {
      found: `The template ${JSON.stringify(template)} has no learned tokens`,
      expected: 'at least one [soft:N] or [soft:"words"]',
      fix: 'Put [soft:20] in front of it.',
    });
  }
  parseLabels(labels);
  if (!Number.isInteger(seeds) || seeds < 1) {
    throw new SoftpromptError('TUNING_SETTING', {
      found: `The setting seeds is ${seeds}`,
      expected: 'a whole number above 0',
      fix: 'Correct the setting, or leave it out to use the default.',
    });
  }
}

/** What shapes the task rather than its training. */
export function taskSettings({
  maxLength = TUNE_DEFAULTS.maxLength,
  loss = TUNE_DEFAULTS.loss,
  method = TUNE_DEFAULTS.method,
  threads,
}: LearnOptions): {
  readonly maxLength: number;
  readonly loss: LossKind;
  readonly method: MethodName;
  readonly threads: number | undefined;
} {
  return { maxLength, loss, method, threads };
}

/** A run's number of validations, between few and many, by what one costs beside training. */
const VALIDATIONS = { least: 3, most: 20 };
/** Scoring an example takes about this share of training on it. */
const SCORING_COST = 1 / 3;

/**
 * The settings of one run.
 * @param scale root mean square of the embedding table
 */
export function resolveSettings(
  options: Omit<LearnOptions, 'template' | 'labels'>,
  data: { readonly trainExamples: number; readonly validExamples: number; readonly scale: number },
): TuningSettings {
  const d = TUNE_DEFAULTS;
  const batchSize = Math.min(options.batchSize ?? d.batchSize, data.trainExamples);
  const stepsAnEpoch = Math.ceil(data.trainExamples / batchSize);
  const byEpochs = Math.ceil((options.epochs ?? d.epochs) * stepsAnEpoch);
  const steps = options.maxSteps ?? (options.epochs === undefined ? Math.max(byEpochs, d.leastSteps) : byEpochs);
  const affordable = (steps * batchSize) / 3 / (data.validExamples * SCORING_COST);
  const validations = Math.min(VALIDATIONS.most, Math.max(VALIDATIONS.least, Math.floor(affordable)));
  const { learningRate, accumulation = d.accumulation } = options;
  return {
    steps,
    batchSize,
    // no more pieces than examples where there are fewer than a batch was to have
    accumulation: batchSize < (options.batchSize ?? d.batchSize) ? Math.min(accumulation, batchSize) : accumulation,
    learningRate:
      learningRate === undefined || learningRate === 'auto' ? d.relativeLearningRate * data.scale : learningRate,
    warmUp: options.warmUp ?? d.warmUp,
    decay: options.decay ?? d.decay,
    beta1: d.beta1,
    beta2: d.beta2,
    epsilon: d.epsilon,
    weightDecay: options.weightDecay ?? d.weightDecay,
    clipNorm: options.clipNorm ?? d.clipNorm,
    evaluateEvery: options.evaluateEvery ?? Math.max(1, Math.ceil(steps / validations)),
    patience: options.patience ?? d.patience,
    seed: options.seed ?? d.seed,
  };
}
