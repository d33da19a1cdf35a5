import { createHash } from 'node:crypto';
import { SoftpromptError } from '../../errors.js';
import { type RunningJob, resumeJob, startJob } from '../../jobs/run-job.js';
import { embeddingScale } from '../../network/checkpoint/embedding-rows.js';
import { type FrozenModel, loadModel } from '../../network/load-model.js';
import { defaultsOf, type Plan } from '../../options/option.js';
import { settle } from '../../options/settle.js';
import type { Template } from '../../prompt/template.js';
import type { JsonValue } from '../../tasks/prompt-folder/saved-prompt.js';
import { writePrompt } from '../../tasks/prompt-folder/write-prompt.js';
import { fingerprint, PROMPT_STATE, promptInputs } from '../../tasks/prompt-job.js';
import { savedPrompt } from '../../tasks/saved-prompt.js';
import { startTokens } from '../../tasks/start-prompt.js';
import type { ScoringOptions } from '../../tasks/task.js';
import { trainTask } from '../../tasks/train-task.js';
import { scoringHooks, type TuneHooks, VALIDATING } from '../../tasks/tune-events.js';
import { resolveSettings, TRAINING } from '../../tasks/tune-options.js';
import type { TuningSettings } from '../../training/settings.js';
import type { Validation } from '../../training/tuning-state.js';
import { loadRecommendData } from '../recommend-data.js';
import { LEARN_WORDS, LEARNED_FRONT, type LearnWordsOptions, NEGATIVES } from './learn-words-options.js';
import { nextTitleCases } from './next-title-cases.js';
import { questionSequences } from './question-sequences.js';
import { questionTask } from './question-task.js';
import { residualCases, type TitleCases } from './residual-cases.js';
import { titleSequences } from './title-sequences.js';
import { type TitleTaskOptions, titleTask } from './title-task.js';
import { titledItems } from './titled-items.js';
import { WORDS_JOB } from './words-job.js';
import { parseWords, WORDS_TEMPLATES, type WordsForm } from './words-template.js';

export interface LearnWordsResult {
  readonly ended: 'finished' | 'interrupted';
  readonly out: string;
  readonly steps: number;
  readonly form?: WordsForm | undefined;
  /** Updates after which the prompt that is kept was learned; 0 where none made the validation rows likelier than the start. */
  readonly bestStep?: number | undefined;
  /**
   * Of the prompt that is kept: how often the next item is first among the sampled ones, and −log of its share; where titles are asked
   * about, how many answers are right, and −log of their probability.
   */
  readonly valid?: Validation | undefined;
  /** The same of the prompt before the first update. */
  readonly start?: Validation | undefined;
  readonly seconds: number;
}

/**
 * Learns the prompt behind which titles are ranked, by the next-item loss over sampled candidates; the model stays frozen.
 * An interrupted call saves its state, and the same call goes on from there, bit for bit.
 * @throws RECOMMEND_OPTION, NOTHING_TO_LEARN, TEMPLATE_INVALID, PROMPT_FOLDER_EXISTS, PROMPT_FOLDER_UNWRITABLE,
 * RECOMMEND_DATA, TUNING_SETTING, RUN_UNFINISHED where the folder holds another call's state
 */
export async function learnWordsPrompt(options: LearnWordsOptions, hooks: TuneHooks = {}): Promise<LearnWordsResult> {
  return startJob(WORDS_JOB, { out: options.out, overwrite: options.overwrite, plan: options }, hooks, learning());
}

/** Goes on with an interrupted or killed call, bit for bit. Errors: RUN_NOT_FOUND, and those of `learnWordsPrompt`. */
export async function resumeWordsPrompt(folder: string, hooks: TuneHooks = {}): Promise<LearnWordsResult> {
  return resumeJob(WORDS_JOB, folder, hooks, learning());
}

function learning() {
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  const interrupted = ({ folder }: RunningJob<LearnWordsOptions>): LearnWordsResult => ({
    ...{ ended: 'interrupted', out: folder.path, steps: 0, seconds: seconds() },
  });
  const work = (job: RunningJob<LearnWordsOptions>, hooks: TuneHooks) => learn(job, hooks, seconds);
  return { work, interrupted };
}

async function learn(
  job: RunningJob<LearnWordsOptions>,
  hooks: TuneHooks,
  seconds: () => number,
): Promise<LearnWordsResult> {
  const options = job.plan;
  const plan = settle(LEARN_WORDS, options, 'RECOMMEND_OPTION');
  const { form, perUser, maxHistory, seed } = plan;
  const negatives = plan.negatives ?? NEGATIVES[form];
  const template = parseWords(plan.template ?? LEARNED_FRONT + WORDS_TEMPLATES[form], form);
  if (!template.parts.some(({ kind }) => kind === 'learned' || kind === 'learned-words')) {
    throw new SoftpromptError('NOTHING_TO_LEARN', {
      found: `The template ${JSON.stringify(template.source)} has no learned tokens`,
      expected: 'at least one [soft:N] or [soft:"words"]',
      fix: 'Put [soft:10] in front of it, or use it as it is (`npx softprompt recommend words --template`).',
    });
  }
  if (plan.recommender !== undefined && (plan.interactions ?? plan.items) !== undefined) {
    throw new SoftpromptError('RECOMMEND_OPTION', {
      found: 'Interactions or items are given beside a recommender',
      expected: 'one of the two: a recommender brings the data of its fit',
      fix: 'Leave out --interactions and --items, or --recommender.',
    });
  }
  const model = await loadModel(options.model, hooks);
  const { train, valid } =
    plan.recommender === undefined
      ? await sampledCases({ ...plan, negatives })
      : await residualCases(plan.recommender, { ...plan, negatives }, scoringHooks('asking the recommender', hooks));
  if (train.length === 0 || valid.length === 0) {
    throw new SoftpromptError('RECOMMEND_DATA', {
      found: `${train.length} histories to learn from and ${valid.length} to validate with`,
      expected: `users with two titled items and more, and ${negatives} other items beside the next one`,
      fix: 'Give more data, or fewer items beside (--negatives).',
    });
  }
  const { task, sequencesOf } = learningOf(form, model, template, { ...plan, candidates: negatives + 1 });
  try {
    const scale = await embeddingScale(model.checkpoint);
    const initial = await startTokens(model, task.starts, scale, seed);
    const encoded = await sequencesOf(initial, { train, valid }, scoringHooks(VALIDATING, hooks));
    const sequences = { ...encoded, test: undefined };
    const counts = { trainExamples: encoded.train.length, validExamples: encoded.valid.length, scale };
    const settings = resolveSettings({ ...defaultsOf(TRAINING), ...plan }, counts);
    const basis = basisOf(fingerprint(model.checkpoint.hash, sequences), settings, initial);
    await job.begin();
    await job.readInputs(promptInputs(model.checkpoint.hash, sequences));
    const kept = job.folder.shard('words', PROMPT_STATE, basis);
    const { state, ended } = await trainTask(task, { ...sequences, initial, settings }, hooks, kept);
    if (ended === 'interrupted') return { ended, out: options.out, steps: state.step, seconds: seconds() };
    const start = await task.validate(initial, sequences.valid, scoringHooks(VALIDATING, hooks));
    const learnedBest = state.best!;
    const best =
      learnedBest.validation.loss < start.loss
        ? { step: learnedBest.step, validation: learnedBest.validation, prompt: learnedBest.weights.prompt! }
        : { step: 0, validation: start, prompt: initial };
    const figures = {
      ...{ maxLength: task.maxLength, bestStep: best.step, valid: best.validation, start },
      ...(form === 'yes-no' && { form }),
      ...(plan.recommender !== undefined && { residual: true }),
    };
    const tuning = JSON.parse(JSON.stringify({ ...settings, negatives, perUser, maxHistory, ...figures })) as Record<
      string,
      JsonValue
    >;
    const learned = savedPrompt(task, { prompt: best.prompt, initial, tuning, metrics: [] });
    await writePrompt(options.out, learned, { overwrite: true });
    if (!options.keepTraining) await job.end();
    return {
      ended: 'finished',
      out: options.out,
      form,
      steps: state.step,
      bestStep: best.step,
      valid: best.validation,
      start,
      seconds: seconds(),
    };
  } finally {
    await task.network.release();
  }
}

/** The task of a form, and how cases become its sequences. */
function learningOf(form: WordsForm, model: FrozenModel, template: Template, options: TitleTaskOptions) {
  if (form === 'yes-no') {
    const task = questionTask(model, template, options);
    const sequencesOf = (initial: Float32Array, cases: TitleCases, hooks: ScoringOptions) =>
      questionSequences(task, initial, cases, hooks);
    return { task, sequencesOf };
  }
  const task = titleTask(model, template, options);
  const sequencesOf = (initial: Float32Array, cases: TitleCases, hooks: ScoringOptions) =>
    titleSequences(task, initial, cases, hooks);
  return { task, sequencesOf };
}

/** Histories of the interactions that are given, each with sampled titles beside the next one. */
async function sampledCases(plan: Plan<typeof LEARN_WORDS> & { readonly negatives: number }): Promise<TitleCases> {
  const { interactions, items: file, negatives, perUser, trainUsers, validUsers, maxHistory, seed } = plan;
  if (interactions === undefined || file === undefined) {
    throw new SoftpromptError('RECOMMEND_OPTION', {
      found: 'There are no interactions to learn from, or no items',
      expected: 'a file of users, items and times, and one of the items with their titles',
      fix: 'Give --interactions and --items, or the recommender that the titles are to add to (--recommender).',
    });
  }
  const { splits, items: table } = await loadRecommendData({ ...plan, interactions });
  const titles = titlesOf(splits.items, titledItems(table!.ids, table!.columns, plan.titleColumn));
  const sampling = { negatives, perUser, maxHistory };
  return {
    train: nextTitleCases(titles, splits, 'train', { ...sampling, users: trainUsers, seed }),
    valid: nextTitleCases(titles, splits, 'valid', { ...sampling, users: validUsers, seed: seed + 1 }),
  };
}

/** Code → title, for the codes of the interactions. */
function titlesOf(ids: readonly string[], items: { titles: readonly string[]; codes: ReadonlyMap<string, number> }) {
  return ids.map((id) => items.titles[items.codes.get(id) ?? -1] ?? '');
}

/** The settings in the order in which every version has hashed them. */
const HASHED = [
  ...['steps', 'batchSize', 'accumulation', 'learningRate', 'warmUp', 'decay', 'beta1', 'beta2', 'epsilon'],
  ...['weightDecay', 'clipNorm', 'evaluateEvery', 'patience', 'seed'],
];

/** What a state must be continued with. The initial prompt tells apart what sequences do not: which words it starts as. */
function basisOf(data: string, settings: TuningSettings, initial: Float32Array): string {
  return createHash('sha256').update(data).update(JSON.stringify(settings, HASHED)).update(initial).digest('hex');
}
