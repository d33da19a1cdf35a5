import { asTwoLabels, type BinaryRegression } from '../../evaluation/binary-regression.js';
import { isWorthKeeping, type PairedGain, pairedGain } from '../../evaluation/paired-gain.js';
import { embeddingScale } from '../../network/checkpoint/embedding-rows.js';
import type { PromptSequence } from '../../prompt/sequence.js';
import { Random } from '../../random.js';
import { startOwn } from '../../tasks/made-rows/own-start.js';
import { OF_LOG_ODDS, startMaps } from '../../tasks/made-rows/start-maps.js';
import { encodeExamples } from '../../tasks/task-sequences.js';
import type { KeptState } from '../../tasks/task-training.js';
import { trainTask } from '../../tasks/train-task.js';
import { scoringHooks, type TuneHooks, VALIDATING } from '../../tasks/tune-events.js';
import { resolveSettings, type TuningCounts } from '../../tasks/tune-options.js';
import type { TuningSettings } from '../../training/settings.js';
import type { TuningOutcome } from '../../training/tune.js';
import type { Validation } from '../../training/tuning-state.js';
import type { KnownAnswers } from './known-answers.js';
import { logOddsOf } from './log-odds.js';
import { knownFrom, type PreferenceData } from './preference-data.js';
import { PREFERENCE_STEPS, type PreferencePlan } from './preference-options.js';
import type { PreferenceRow } from './preference-rows.js';
import { type PreferenceCase, type PreferenceTask, YES } from './preference-task.js';
import { fitRatesOffset, PROMPT_ALONE, type RatesOffset } from './rates-offset.js';
import { tasteOf } from './taste.js';
import { teach } from './teach.js';

/** What was learned, or how far it came. */
export interface LearnedPreference {
  readonly ended: TuningOutcome['ended'];
  /** The best by validation; where no update was better than the start by more than a standard error, the start. */
  readonly learned: Float32Array;
  readonly initial: Float32Array;
  readonly steps: number;
  /** 0: the start. */
  readonly bestStep: number;
  readonly valid: Validation | undefined;
  readonly start: Validation | undefined;
  readonly teacher: BinaryRegression;
  /** What the regression adds to the prompt's answers. */
  readonly offset: RatesOffset;
  readonly settings: TuningSettings;
  readonly examplesPerSecond: number;
}

/** What a state of training must be continued with. */
export interface LearningBasis {
  readonly sequences: {
    readonly train: readonly PromptSequence[];
    readonly valid: readonly PromptSequence[];
    readonly test: undefined;
  };
  readonly settings: TuningSettings;
  readonly initial: Float32Array;
}

/**
 * Rows as cases: each sees what was known before it.
 * @param asOf the time up to which answers are known for a row, at most its own. Default: its own
 */
export function casesOf(
  rows: readonly PreferenceRow[],
  known: KnownAnswers,
  asOf: (row: PreferenceRow) => number = ({ time }) => time,
): PreferenceCase[] {
  return rows.map((row) => ({
    taste: tasteOf({ ...row, time: asOf(row) }, known),
    item: row.item,
    liked: row.liked,
    known,
  }));
}

/** Parts of the training time at whose beginnings statistics are drawn up. */
const PARTS = 16;

/**
 * When the statistics of a training row were drawn up: at the beginning of its part of the training time. What is tested
 * later knows the answers up to the test's beginning and no further; rows that knew a user's answers of the minute before
 * would teach to trust such news, and few of them would have a user of whom nothing is known.
 */
export function partStarts(rows: readonly PreferenceRow[]): (row: PreferenceRow) => number {
  const times = rows.map(({ time }) => time).sort((a, b) => a - b);
  const starts = Array.from({ length: PARTS }, (_, part) => times[Math.floor((part * times.length) / PARTS)] ?? 0);
  return ({ time }) => starts.findLast((start) => start <= time) ?? time;
}

/** Examples that the start is tried on. */
const STARTED_ON = 128;

/** Learns the prompt and the maps of its rows, beginning from what a logistic regression on the same numbers says. */
export async function learnPreference(
  task: PreferenceTask,
  data: PreferenceData,
  plan: PreferencePlan,
  hooks: TuneHooks = {},
  keep?: (basis: LearningBasis) => Promise<KeptState>,
): Promise<LearnedPreference> {
  const { seed, validRows } = plan;
  const known = knownFrom(data.train);
  const random = new Random(seed);
  const shown = data.valid.length <= validRows ? data.valid : random.shuffle([...data.valid]).slice(0, validRows);
  const asOf = plan.statistics === 'stream' ? undefined : partStarts(data.train);
  const train = await encodeExamples(task, casesOf(data.train, known, asOf), hooks.signal);
  const valid = await encodeExamples(task, casesOf(shown, known), hooks.signal);
  const scale = await embeddingScale(task.model.checkpoint);
  const teacher = teach(task.places, train, valid);
  const some = random.shuffle([...train]).slice(0, STARTED_ON);
  const own = await startOwn(task, { scale, seed });
  const start = { teacher: asTwoLabels(teacher), sequences: some, own, scale, seed };
  const { learned: initial, steepness } = await startMaps(task, start);
  const settings = settingsOf(plan, { trainExamples: train.length, validExamples: valid.length, scale }, steepness);
  const kept = await keep?.({ sequences: { train, valid, test: undefined }, settings, initial });
  const atStart = await task.validate(initial, valid, scoringHooks(VALIDATING, hooks));
  const { state, ended } = await trainTask(task, { train, valid, initial, settings }, hooks, kept);
  const best = state.best;
  const oddsOf = (prompt: Float32Array) => logOddsOf(task, prompt, valid, scoringHooks(VALIDATING, hooks));
  const done = ended !== 'interrupted';
  const found = done && best !== undefined && task.isBetter!(best.validation, atStart);
  const added = done && plan.offset === 'auto' && task.places.length > 0;
  const ofStart = found || added ? await oddsOf(initial) : undefined;
  const ofBest = found ? await oddsOf(best.weights.prompt!) : undefined;
  // the best of many validations on few rows is best by chance
  const better = ofBest !== undefined && isWorthKeeping(answersBetter(valid, ofBest, ofStart!));
  const learned = better ? best!.weights.prompt! : initial;
  const offset = added ? fitRatesOffset(teacher, valid, better ? ofBest : ofStart!) : PROMPT_ALONE;
  return {
    ...{ ended, learned, offset },
    initial,
    steps: state.step,
    bestStep: better ? best!.step : 0,
    valid: better ? best!.validation : atStart,
    start: atStart,
    teacher,
    settings,
    examplesPerSecond: state.examples / Math.max(state.trainingSeconds, 1e-9),
  };
}

/** How much likelier log odds make the rows' answers than others do. */
export function answersBetter(
  rows: readonly Pick<PromptSequence, 'target'>[],
  odds: Float64Array,
  others: Float64Array,
): PairedGain {
  const likelihood = (of: Float64Array) => of.map((z, i) => -Math.log1p(Math.exp(rows[i]!.target === YES ? -z : z)));
  return pairedGain(likelihood(odds), likelihood(others));
}

/**
 * AdamW moves every number by about the learning rate. A frozen model answers steeply to the rows in front of a yes or no: the
 * automatic rate is what moves its answer by `OF_LOG_ODDS`.
 */
function settingsOf(plan: PreferencePlan, counts: TuningCounts, steepness: number | undefined): TuningSettings {
  const { epochs, least, most, mostEpochs } = PREFERENCE_STEPS;
  const updates = (passes: number) =>
    Math.ceil((passes * counts.trainExamples) / Math.min(plan.batchSize, counts.trainExamples));
  const wanted = Math.min(most, Math.max(least, updates(epochs)), updates(mostEpochs));
  const automatic = plan.epochs === undefined ? wanted : undefined;
  return resolveSettings(
    {
      ...plan,
      maxSteps: plan.maxSteps ?? automatic,
      learningRate: plan.learningRate === 'auto' && steepness ? OF_LOG_ODDS / steepness : plan.learningRate,
    },
    counts,
  );
}
