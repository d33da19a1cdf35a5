import { EXAMPLES } from '../data/example-options.js';
import { TABLE } from '../data/table-options.js';
import { SoftpromptError } from '../errors.js';
import type { Method } from '../methods/method.js';
import { METHOD_OPTIONS } from '../methods/method-options.js';
import { METHOD_NAMES, METHODS } from '../methods/registry.js';
import {
  choice,
  count,
  endless,
  fromZero,
  positive,
  seedNumber,
  shareBelowOne,
  text,
  textByName,
  toggle,
  whole,
  wordOr,
} from '../options/kind.js';
import { declareOptions, type Given, type Plan } from '../options/option.js';
import { settle } from '../options/settle.js';
import { parseLabels } from '../prompt/labels.js';
import { checkAnswer, parseTemplate } from '../prompt/parse-template.js';
import { withoutLearned } from '../prompt/without-learned.js';
import { THREADS } from '../runtime/runtime-options.js';
import { DECAYS } from '../training/schedule.js';
import type { TuningSettings } from '../training/settings.js';

/** Where a learned token starts that the template leaves free; `prompt:DIR` is another learned prompt's folder. */
export type InitialisationName =
  | 'vocabulary'
  | 'labels'
  | 'random'
  | 'zero'
  | 'unchanged'
  | `words:${string}`
  | `prompt:${string}`;

/** What depends on others, in one place. */
export const TUNING = {
  /** Where nobody says how many epochs, … */
  epochs: 3,
  /** … small data repeat until at least this many updates are done: 16 examples a label learn nothing in 3 epochs. */
  leastSteps: 150,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
} as const;

/** With fewer rows chance chooses. */
export const ENOUGH_TO_CHOOSE = 20;
/** Parts of cross-validation. */
export const FOLDS = 5;

export const labelWords = textByName('<json>', 'a JSON object from label to word', (texts) =>
  Object.fromEntries(parseLabels(texts.at(-1) ?? '')),
);

/** Of every learning of a prompt: how it is trained. */
export const TRAINING = declareOptions({
  epochs: {
    kind: positive('<n>'),
    about: 'passes over the training data',
    auto: `${TUNING.epochs}, and at least ${TUNING.leastSteps} steps`,
  },
  maxSteps: { kind: count(), about: 'updates in all, instead of epochs', excludes: ['epochs'] },
  batchSize: { kind: count(), about: 'examples an update', default: 16 },
  accumulation: { kind: count(), about: 'pieces in which a batch is computed, to save memory', default: 1 },
  pieces: {
    kind: count(1024),
    about:
      'pieces of each batch that are computed by themselves and summed in their order: by workers with tune --on, else here, with the same result',
    excludes: ['accumulation'],
  },
  learningRate: {
    kind: wordOr('auto', positive('<rate>')),
    about: "learning rate, or 'auto': the method's own, that of learned tokens in units of the embeddings' size",
    flag: 'lr',
    default: 'auto',
  },
  loss: {
    kind: choice('<kind>', ['labels', 'vocabulary']),
    about: 'over the label words alone, or the full vocabulary',
    default: 'labels',
  },
  method: {
    kind: choice('<name>', METHOD_NAMES),
    about: `what is learned; ${METHOD_NAMES.map((name) => `${name}: ${METHODS[name].about}`).join('; ')}`,
    default: 'soft',
  },
  ...METHOD_OPTIONS,
  initialisation: {
    kind: text<InitialisationName>('<start>'),
    about: 'where it starts: vocabulary, labels, random, zero, words:SOME WORDS, unchanged or prompt:FOLDER',
    flag: 'init',
    auto: 'as the method has it; words of the vocabulary for learned tokens',
  },
  maxLength: { kind: count(), about: 'longest sequence in tokens, learned ones included', default: 256 },
  shots: { kind: count(), about: 'train on n examples a label, validate on n others' },
  validShare: {
    kind: shareBelowOne,
    about: 'share of the training data that validates',
    auto: 'a tenth; of few rows as many as make twenty, at most a third',
  },
  folds: {
    kind: wordOr('auto', whole(0)),
    about:
      'parts in which the training rows validate one another (cross-validation), where nothing else validates; 0: a share of them validates',
    auto: `${FOLDS} where a tenth of them would be fewer than ${ENOUGH_TO_CHOOSE} rows; else 0`,
    default: 'auto',
  },
  classWeights: {
    kind: choice('<how>', ['auto', 'none', 'balanced']),
    about: 'whether rare labels weigh as much as others in learning; auto: where validation gains by it',
    default: 'auto',
  },
  warmUp: { kind: shareBelowOne, about: 'share of the steps in which the rate rises', default: 0.06 },
  decay: { kind: choice('<kind>', DECAYS), about: 'how the rate falls', default: 'linear' },
  weightDecay: { kind: fromZero(), about: "AdamW's decoupled weight decay", default: 0 },
  clipNorm: { kind: endless(positive('<norm>')), about: 'longest gradient', flag: 'clip', default: 1 },
  evaluateEvery: {
    kind: { ...count(), sign: '<steps>' },
    about: 'updates between validations',
    auto: 'so that validating takes at most about a third of the training time',
  },
  patience: {
    kind: wordOr('auto', endless(count())),
    about:
      "validations without improvement after which to stop, or 'auto': five, while the loss rises above its least and training goes on falling",
    default: 'auto',
  },
  seed: { kind: seedNumber, about: 'where all random choices start', default: 0 },
  seeds: {
    kind: count(1000),
    about: 'runs with so many seeds; the best is kept, all are reported',
    default: 1,
  },
  searchMinutes: {
    kind: positive('<minutes>'),
    about: 'first search learning rate, length and initialisation for so long',
    flag: 'search',
  },
  calibrate: { kind: toggle, about: 'save the prompt with contextual calibration of its label words' },
  baselines: { kind: toggle, about: 'leave out scoring the same template unlearned', default: true },
  head: { kind: toggle, about: "leave out the logistic regression on the frozen model's vectors", default: true },
  ...THREADS,
});

const MODEL = declareOptions({
  model: {
    kind: text('<model>'),
    about: 'folder, GGUF file, or hub id such as HuggingFaceTB/SmolLM2-135M-Instruct',
    required: 'a model folder, GGUF file or hub id',
  },
});

const OUTPUT = declareOptions({
  out: { kind: text('<folder>'), about: 'where the prompt goes', required: 'a folder for the prompt' },
  overwrite: { kind: toggle, about: 'replace a prompt that is already there' },
  keepTraining: { kind: toggle, about: 'keep the states of training after success' },
});

/** Of every run that learns a prompt: on which model, and where to. */
export const PROMPT_RUN = declareOptions({ ...MODEL, ...OUTPUT });

const TASK = declareOptions({
  template: {
    kind: text('<template>'),
    about: "text around an example, such as '[soft:20]{text} It was{label}'",
    required: "a template such as '[soft:20]{text} It was{label}'",
  },
  chat: {
    kind: toggle,
    about:
      "wrap the template in the model's chat template: what stands before the label is the user's turn, the label the assistant's",
  },
  system: { kind: text('<text>'), about: 'what the system says in front of the chat (--chat)' },
  task: {
    kind: choice('<task>', ['classify', 'generate', 'explain']),
    about:
      'what is learned: which {label} a text has; to answer with a text, the {target}; or to explain, with sentences of reviews, why something is for somebody',
    default: 'classify',
  },
  labels: {
    kind: labelWords,
    about: 'label in the data → word in the text: \'{"0":" terrible","1":" great"}\'; needed to classify',
    default: {},
  },
  targetColumn: { kind: text('<name>'), about: 'column of the text to be generated', auto: 'target' },
  maxNewTokens: {
    kind: count(),
    about: 'longest text that is generated, in tokens, when a prompt is measured',
    default: 64,
  },
  measureTexts: {
    kind: whole(0),
    about: 'most texts that are generated to measure a prompt; 0: its perplexity alone',
    default: 200,
  },
});

const FILES = declareOptions({
  train: {
    kind: text('<file>'),
    about: 'training examples: JSONL, CSV, TSV or Parquet, .gz too',
    required: 'a file of training examples',
  },
  valid: { kind: text('<file>'), about: 'validation examples', auto: 'a tenth of the training file' },
  test: { kind: text('<file>'), about: 'test examples' },
});

const COLUMNS = declareOptions({
  ...EXAMPLES,
  chosenColumn: {
    kind: text('<name>'),
    about: 'column of a JSON list of ids, on which a logistic regression is measured beside the prompt',
    flag: null,
  },
});

const KEEP_BEST = {
  kind: toggle,
  about: 'keep a head or a bag of words in place of the prompt, where validation asks for it',
  flag: null,
} as const;

/** A learning whose rows are given, wherever they come from. */
export const LEARN = declareOptions({ ...TASK, ...TRAINING, keepBest: KEEP_BEST, ...COLUMNS });

/** Everything a user can say about a tuning run. */
export const TUNE = declareOptions({
  ...MODEL,
  ...TASK,
  ...FILES,
  ...OUTPUT,
  ...TRAINING,
  method: {
    kind: choice('<name>', ['auto', ...METHOD_NAMES] as const),
    about: `what is learned; auto: a soft prompt, a head or a bag of words, the one that validation asks for; ${METHOD_NAMES.map((name) => `${name}: ${METHODS[name].about}`).join('; ')}`,
    default: 'soft',
  },
  keepBest: KEEP_BEST,
  ...COLUMNS,
  table: TABLE,
});

/** Plain JSON, so that a run can be repeated and resumed from it. */
export type TuneOptions = Given<typeof TUNE>;
export type TunePlan = Omit<Plan<typeof TUNE>, 'method'> & Pick<LearnPlan, 'method'>;
export type LearnOptions = Given<typeof LEARN>;
export type LearnPlan = Plan<typeof LEARN>;
export type TrainingPlan = Plan<typeof TRAINING>;

/**
 * Finds what is wrong with the options alone, before anything is loaded, and fills in the defaults.
 * @throws TEMPLATE_INVALID, NOTHING_TO_LEARN, LABELS_INVALID, TUNING_SETTING
 */
export function tunePlan(given: TuneOptions): TunePlan {
  const settled = settle(TUNE, given, 'TUNING_SETTING');
  const { method } = settled;
  const plan = { ...settled, ...(method === 'auto' ? { method: 'soft' as const, keepBest: true } : { method }) };
  checkTask(plan);
  return plan;
}

/** The same where rows are given. */
export function learnPlan(given: LearnOptions): LearnPlan {
  const plan = settle(LEARN, given, 'TUNING_SETTING');
  checkTask(plan);
  return plan;
}

export function hasLearnedTokens(template: string): boolean {
  return parseTemplate(template).parts.some(({ kind }) => kind === 'learned' || kind === 'learned-words');
}

function checkTask({
  task,
  template,
  labels,
  method,
  projection,
}: Pick<LearnPlan, 'task' | 'template' | 'labels' | 'method' | 'projection'>): void {
  if (task === 'explain') {
    throw new SoftpromptError('TUNING_SETTING', {
      found: "the task 'explain' of texts that are classified or generated",
      expected: 'classify or generate: explanations have options of their own',
      fix: 'In programs call tuneExplanations of softprompt/recommend.',
    });
  }
  const parsed = parseTemplate(template);
  const { tokens, startsFromExamples, classifiesOnly }: Method = METHODS[method];
  if (task !== 'classify' && (classifiesOnly || projection)) {
    throw new SoftpromptError('TUNING_SETTING', {
      found: `The method ${method}${projection ? ' with a projection' : ''} for a task that generates texts`,
      expected: 'a method whose numbers enter the model as they are: soft, prefix, lora …',
      fix: 'Choose another (--method), or classify (--task classify).',
    });
  }
  const hasLearned = hasLearnedTokens(template);
  if (tokens === 'none' && hasLearned) {
    throw new SoftpromptError('TEMPLATE_INVALID', {
      found: `The template ${JSON.stringify(template)} has learned tokens, of which the method ${method} has none`,
      expected: 'a template without [soft:…]',
      fix: `Write ${JSON.stringify(withoutLearned(parseTemplate(template)).source)}, or learn tokens (--method soft).`,
    });
  }
  if (tokens !== 'none' && !hasLearned && !(startsFromExamples && task === 'classify')) {
    throw new SoftpromptError('NOTHING_TO_LEARN', {
      found: `The template ${JSON.stringify(template)} has no learned tokens`,
      expected: 'at least one [soft:N] or [soft:"words"]',
      fix: 'Put [soft:20] in front of it.',
    });
  }
  checkAnswer(parsed, task === 'classify' ? 'label' : 'target');
  if (task === 'classify') {
    if (Object.keys(labels).length === 0) throw noLabels();
    parseLabels(labels);
  } else if (Object.keys(labels).length > 0) {
    throw new SoftpromptError('TUNING_SETTING', {
      found: 'labels of a task that generates texts',
      expected: 'none: the texts are in the data (--target-column)',
      fix: 'Leave --labels out, or classify (--task classify).',
    });
  }
}

function noLabels(): SoftpromptError {
  return new SoftpromptError('FLAG_MISSING', {
    found: 'The flag --labels is missing',
    expected: 'a JSON object from label to word',
    fix: 'Add --labels to the command line or to the file given with --config; texts are generated with --task generate.',
  });
}

/** A run's number of validations, between few and many, by what one costs beside training. */
const VALIDATIONS = { least: 3, most: 20 };
/** Scoring an example takes about this share of training on it. */
const SCORING_COST = 1 / 3;

/** What the settings of a run depend on. */
export interface TuningCounts {
  readonly trainExamples: number;
  readonly validExamples: number;
  /** Root mean square of the embedding table. */
  readonly scale: number;
}

/** The settings of one run: what depends on its data and its model is decided here. */
export function resolveSettings(
  plan: Omit<
    TrainingPlan,
    'loss' | 'initialisation' | 'maxLength' | 'validShare' | 'folds' | 'classWeights' | 'seeds' | 'baselines' | 'head'
  >,
  { trainExamples, validExamples, scale }: TuningCounts,
): TuningSettings {
  const { beta1, beta2, epsilon, epochs, leastSteps } = TUNING;
  const { warmUp, decay, weightDecay, clipNorm, seed, accumulation, pieces, learningRate, method } = plan;
  const batchSize = Math.min(plan.batchSize, trainExamples);
  const byEpochs = Math.ceil((plan.epochs ?? epochs) * Math.ceil(trainExamples / batchSize));
  const steps = plan.maxSteps ?? (plan.epochs === undefined ? Math.max(byEpochs, leastSteps) : byEpochs);
  const affordable = (steps * batchSize) / 3 / (validExamples * SCORING_COST);
  const validations = Math.min(VALIDATIONS.most, Math.max(VALIDATIONS.least, Math.floor(affordable)));
  return {
    ...{ steps, batchSize, warmUp, decay, beta1, beta2, epsilon, weightDecay, clipNorm, seed },
    ...(pieces !== undefined && { pieces }),
    patience: plan.patience === 'auto' ? Number.POSITIVE_INFINITY : plan.patience,
    watchesOverfitting: plan.patience === 'auto',
    // no more pieces than examples where there are fewer than a batch was to have
    accumulation: batchSize < plan.batchSize ? Math.min(accumulation, batchSize) : accumulation,
    learningRate: learningRate === 'auto' ? METHODS[method].learningRate(scale) : learningRate,
    evaluateEvery: plan.evaluateEvery ?? Math.max(1, Math.ceil(steps / validations)),
  };
}
