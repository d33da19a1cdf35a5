import type { ExampleColumns } from '../data/load-examples.js';
import { SoftpromptError } from '../errors.js';
import { isBetter } from '../evaluation/judgement.js';
import type { LabelScores } from '../evaluation/label-scores.js';
import type { LogisticRegression } from '../evaluation/logistic-regression.js';
import { summarizeRuns } from '../evaluation/summarize-runs.js';
import { endPart, leavesOut, type Parts } from '../jobs/parts.js';
import { keptNumbers } from '../methods/encoded.js';
import { METHODS } from '../methods/registry.js';
import { embeddingScale } from '../network/checkpoint/embedding-rows.js';
import type { FrozenModel } from '../network/load-model.js';
import { parseTemplate } from '../prompt/parse-template.js';
import { checkSettings, type TuningSettings } from '../training/settings.js';
import type { TuningState } from '../training/tuning-state.js';
import {
  type Alternative,
  bagOfWordsAlternative,
  canBeKept,
  chooseAlternative,
  chosenAlternative,
  headAlternative,
  tooFarAhead,
  vectorsAlternative,
} from './alternatives.js';
import { withContextExamples } from './context-examples.js';
import { keptScores, scoresToKeep } from './kept-scores.js';
import { keepStart, startFromRegression, teachRows } from './made-rows/learn-rows.js';
import { OF_LOG_ODDS } from './made-rows/start-maps.js';
import { rowFields, widthsOf } from './made-rows/text-rows.js';
import { type MeasuredRun, majorityOf, measureRun, scoreTable, writtenBaselines } from './measure-run.js';
import type { SavedPrompt } from './prompt-folder/saved-prompt.js';
import { seedPart } from './prompt-job.js';
import { promptVerdict } from './prompt-verdict.js';
import { savedPrompt } from './saved-prompt.js';
import { searchRun } from './search-run.js';
import { startPrompt } from './start-prompt.js';
import { targetsOf } from './task.js';
import type { TaskData } from './task-data.js';
import { encodeData, lengthNotes, type TaskSequences } from './task-sequences.js';
import type { KeptRun, KeptState } from './task-training.js';
import { templateFields } from './template-fields.js';
import { calibratePrompt, type TextTask, textTask } from './text-task.js';
import { trainTask } from './train-task.js';
import type { LearnReport, TuneHooks } from './tune-events.js';
import { scoringHooks } from './tune-events.js';
import { ENOUGH_TO_CHOOSE, hasLearnedTokens, type LearnPlan, resolveSettings } from './tune-options.js';

/** What a caller keeps of a learning, so that it can go on after an interruption. */
export interface LearningKeeper {
  /** All that was given was read and can be learned from. */
  begin(plan: LearnPlan): Promise<void>;
  /** A search has decided. */
  settled(plan: LearnPlan): Promise<void>;
  /** @param sequences what a state must be continued with */
  state(seed: number, model: FrozenModel, sequences: TaskSequences): KeptState & Partial<KeptRun>;
  /** Keeps what is learned from, or compares it with what was. */
  read?(model: FrozenModel, sequences: TaskSequences): Promise<void>;
  /** Runs are its parts, see `seedPart`; undefined where all are done here. */
  readonly parts?: Parts | undefined;
}

/** A learned prompt in memory, and how it came to be; undefined `saved` where it was interrupted. */
export interface Learning {
  readonly saved: SavedPrompt | undefined;
  readonly report: LearnReport;
}

/**
 * From rows in memory to a learned prompt in memory: search, initialise, train, choose the best by validation, measure it
 * beside its baselines. An interrupted one says so in its report.
 */
export function learnPrompt(
  model: FrozenModel,
  data: TaskData,
  plan: LearnPlan,
  hooks: TuneHooks = {},
  keeper?: LearningKeeper,
): Promise<Learning> {
  return new PromptLearning(model, data, plan, hooks, keeper).run();
}

/** Labels × training rows up to which the words that a prompt is compared with go into its folder, half a megabyte or so. */
const SMALL_BASELINE = 5000;

/** One call of `learnPrompt`. */
class PromptLearning {
  private readonly started = performance.now();
  /** The run at hand, for what an interrupted call reports. */
  private current: { readonly state: TuningState; readonly learningRate: number } | undefined;
  private readonly ended: MeasuredRun[] = [];
  private scale = 0;

  constructor(
    private readonly model: FrozenModel,
    private readonly data: TaskData,
    private plan: LearnPlan,
    private readonly hooks: TuneHooks,
    private readonly keeper: LearningKeeper | undefined,
  ) {}

  async run(): Promise<Learning> {
    try {
      return (await this.runToTheEnd()) ?? this.interrupted();
    } catch (error) {
      const { signal } = this.hooks;
      if (signal?.aborted && error === signal.reason) return this.interrupted();
      throw error;
    }
  }

  private async runToTheEnd(): Promise<Learning | undefined> {
    this.scale = await embeddingScale(this.model.checkpoint);
    checkSettings(this.settingsOf(this.data, this.plan.seed));
    await this.keeper?.begin(this.plan);
    this.plan = withExamples(this.plan, this.data);
    if (!(await this.search())) return undefined;
    const template = parseTemplate(this.plan.template);
    const task = textTask(this.model, { ...this.plan, made: widthsOf(template, this.data.train) });
    try {
      return await this.train(task);
    } finally {
      await task.network.release();
    }
  }

  /** Settles what a search decides; false if it was interrupted. */
  private async search(): Promise<boolean> {
    const { model, data, plan, scale, hooks } = this;
    const { searchMinutes } = plan;
    if (searchMinutes === undefined) return true;
    const { best, interrupted } = await searchRun(model, data, { ...plan, searchMinutes }, scale, hooks);
    if (interrupted || best === undefined) return false;
    this.plan = { ...plan, ...best.candidate, searchMinutes: undefined };
    await this.keeper?.settled(this.plan);
    return true;
  }

  private async train(task: TextTask): Promise<Learning | undefined> {
    const { data, plan, scale, hooks } = this;
    const { seed, maxLength, loss, threads } = plan;
    const sequences = await encodeData(task, data, hooks.signal);
    for (const text of [...data.notes, ...lengthNotes(task, sequences), ...fewNotes(sequences)])
      hooks.onEvent?.({ event: 'note', text });
    const rows = task.maps.length > 0 ? this.teach(task, sequences) : undefined;
    const starts: { readonly seed: number; readonly initial: Float32Array; readonly steepness?: number | undefined }[] =
      [];
    for (const one of seedsOf(plan)) {
      const own = await startPrompt(task, plan, scale, one, [...task.compiled.labels.values()]);
      const started = rows && (await startFromRegression(task, sequences, rows, { own, scale, seed: one }));
      starts.push({ seed: one, initial: started?.learned ?? own, steepness: started?.steepness });
    }
    await this.gather(sequences);
    const isPart = this.keeper?.parts?.only !== undefined;
    const written =
      plan.baselines && !isPart && !(rows && templateFields(task.compiled.template).length === 0)
        ? await writtenBaselines(task, data, { maxLength, threads, seed }, hooks, this.withArea)
        : [];

    const { folds } = sequences;
    const first = plan.keepBest && folds ? await this.alternatives(task, seed) : undefined;
    const targets = targetsOf(sequences.valid);
    const behind = first && ((prompt: LabelScores, share: number) => tooFarAhead(prompt, share, first, targets, seed));
    for (const start of starts) {
      const { name } = seedPart(start.seed);
      if (this.keeper && leavesOut(this.keeper, name)) continue;
      const settings = this.settingsOf(sequences, start.seed, start.steepness);
      const kept = this.keeper?.state(start.seed, this.model, sequences);
      const { train, valid } = sequences;
      const classWeights = rows && plan.classWeights === 'auto' ? 'none' : plan.classWeights;
      const { initial } = start;
      const training = { ...{ train, valid, folds, behind }, classWeights, initial, settings };
      const known = keptScores(await kept?.readRun?.(), task.labelKeys.length);
      const found = known ? await kept?.read() : undefined;
      const outcome =
        found !== undefined
          ? { state: found, ended: 'finished', heldOut: undefined }
          : await trainTask(task, training, hooks, kept);
      const { ended, heldOut } = outcome;
      const interrupted = ended === 'interrupted';
      const state = rows && !interrupted ? await keepStart(task, outcome.state, initial, valid, hooks) : outcome.state;
      this.current = { state, learningRate: settings.learningRate };
      if (interrupted) return undefined;
      const measured = await measureRun(task, sequences, { seed: start.seed, initial, state, heldOut, known }, hooks);
      if (!known) await kept?.writeRun?.(scoresToKeep(measured, sequences.test !== undefined));
      if (this.keeper) endPart(this.keeper, name);
      this.ended.push(measured);
    }
    const best = this.ended.reduce((a, b) => (isBetter(b.state.best!.validation, a.state.best!.validation) ? b : a));
    const calibration = await calibratePrompt(task, best.state.best!.weights.prompt!);
    const alternatives =
      first ?? (await this.alternatives(task, best.result.seed, rows && { teacher: rows, sequences }));
    const beside = rows && plan.baselines ? await this.withoutRows(task, sequences, best) : [];
    if (hooks.signal?.aborted) return undefined;
    const scores = await scoreTable(task, sequences, best, calibration, {
      written: [...alternatives.map(({ row }) => row), ...written],
      ...{ beside, withArea: this.withArea },
    });
    const kept = plan.keepBest
      ? chooseAlternative(best.validScores, alternatives.filter(canBeKept), data.valid, task.labelKeys, plan.seed)
      : undefined;
    const judged = sequences.test ?? sequences.valid;
    const verdict =
      plan.baselines || plan.keepBest
        ? promptVerdict(best.scores, [...alternatives, majorityOf(task, sequences)], targetsOf(judged), {
            split: sequences.test ? 'test' : sequences.folds ? 'cross-validation' : 'validation',
            ...{ seed: plan.seed, kept: kept?.name, keepsSimpler: plan.chosenColumn === undefined },
          })
        : undefined;
    const { steepness } = starts.find(({ seed }) => seed === best.result.seed)!;
    const settings = this.settingsOf(sequences, best.result.seed, steepness);
    const { valid, test } = best.result;
    const keep = async (numbers: Float32Array) =>
      rows
        ? numbers
        : keptNumbers(
            METHODS[task.method],
            task.starts.length,
            this.model.checkpoint.config,
            task.methodOptions,
            numbers,
          );
    const facts = {
      columns: namedColumns(plan),
      tuning: { ...settings, maxLength, loss, bestStep: best.result.bestStep },
      metrics: [{ split: sequences.test === undefined ? 'validation' : 'test', rows: scores }],
    };
    const prompt = {
      ...{ prompt: await keep(best.state.best!.weights.prompt!), initial: await keep(best.initial) },
      calibration: plan.calibrate ? calibration : undefined,
    };
    const saved = kept?.head
      ? savedPrompt(kept.head.task, { ...facts, prompt: kept.head.learned, initial: kept.head.learned })
      : savedPrompt(task, { ...facts, ...prompt });
    const words = alternatives.find(({ name }) => name === 'bag of words')?.bag;
    const bag = kept?.bag ?? (task.labelKeys.length * data.train.length <= SMALL_BASELINE ? words : undefined);
    return {
      saved: bag ? { ...saved, [kept?.bag ? 'bagOfWords' : 'wordsBaseline']: bag().model } : saved,
      report: {
        ended: 'finished',
        ...(verdict && { verdict, kept: kept?.name ?? 'prompt' }),
        valid,
        ...(test === undefined ? {} : { test }),
        scores,
        runs: this.ended.map(({ result }) => result),
        summary: summarizeRuns(this.ended.map(({ result }) => (result.test ?? result.valid).accuracy)),
        ...costsOf(this.started, best.state, settings.learningRate),
      },
    };
  }

  /** Has runs done elsewhere, where that was asked for. */
  private async gather(sequences: TaskSequences): Promise<void> {
    const { keeper, model, plan } = this;
    // with pieces a run's updates are done elsewhere, and the runs here, one after the other
    if (keeper?.parts === undefined || keeper.parts.only !== undefined || plan.pieces !== undefined) return;
    await keeper.read?.(model, sequences);
    await keeper.parts.gather(seedsOf(plan).map(seedPart));
  }

  /** What costs less, measured on the same rows. */
  private async alternatives(
    task: TextTask,
    seed: number,
    rows?: { readonly teacher: LogisticRegression; readonly sequences: TaskSequences },
  ): Promise<Alternative[]> {
    const { model, data, plan, hooks, withArea } = this;
    if (!plan.baselines && !plan.keepBest) return [];
    const { classWeights, chosenColumn } = plan;
    const slots = templateFields(task.compiled.template);
    const keys = task.labelKeys;
    const found = [
      ...(chosenColumn === undefined ? [] : [chosenAlternative(data, chosenColumn, { keys, seed })]),
      ...(rows ? [vectorsAlternative(rows.teacher, rows.sequences, { keys, seed })] : []),
    ];
    if (slots.length === 0) return found;
    found.push(bagOfWordsAlternative(data, { keys, seed, classWeights, slots, withArea }));
    if (plan.method === 'head' || !(plan.head || plan.keepBest)) return found;
    const settings = this.settingsOf(data, seed);
    const how = { everything: plan.keepBest, withArea };
    const head = await headAlternative(model, data, { ...plan, seed }, settings, hooks, how);
    return head ? [...found, head] : found;
  }

  /** Whether the table tells the area under the curve. */
  private get withArea(): boolean {
    return this.plan.chosenColumn !== undefined || rowFields(parseTemplate(this.plan.template)).length > 0;
  }

  /** The regression that made rows start from. */
  private teach(task: TextTask, { train, folds }: TaskSequences): LogisticRegression {
    const { seed, classWeights } = this.plan;
    if (folds) {
      throw new SoftpromptError('TUNING_SETTING', {
        found: `${new Set(folds).size} folds for a template whose rows are made`,
        expected: 'validation rows: the start of made rows has learned from all training rows',
        fix: 'Leave --folds out.',
      });
    }
    return teachRows(train, task.labelKeys.length, {
      ...{ seed, weighing: classWeights === 'balanced' ? 'balanced' : 'none' },
    });
  }

  /** What the prompt says before anything is learned, and where its rows are told nothing. */
  private async withoutRows(task: TextTask, { valid, test = valid }: TaskSequences, { state, initial }: MeasuredRun) {
    const blank = test.map((sequence) => ({
      ...sequence,
      given: sequence.given!.map((vector) => new Float32Array(vector.length)),
    }));
    const score = async (name: string, prompt: Float32Array, sequences: TaskSequences['valid']) => ({
      name,
      scores: await task.score(prompt, sequences, scoringHooks(name, this.hooks)),
    });
    return [
      await score('made rows, nothing learned', initial, test),
      await score('learned prompt, rows told nothing', state.best!.weights.prompt!, blank),
    ];
  }

  private settingsOf(
    { train, valid, folds }: Record<'train' | 'valid', readonly unknown[]> & Pick<TaskData, 'folds'>,
    seed: number,
    steepness?: number,
  ): TuningSettings {
    const validExamples = folds ? Math.ceil(train.length / new Set(folds).size) : valid.length;
    const counts = { trainExamples: train.length, validExamples, scale: this.scale };
    const { learningRate } = this.plan;
    const rate = learningRate === 'auto' && steepness ? OF_LOG_ODDS / steepness : learningRate;
    return resolveSettings({ ...this.plan, learningRate: rate, seed }, counts);
  }

  private interrupted(): Learning {
    const { started, current, ended } = this;
    return {
      saved: undefined,
      report: interruptedReport(
        started,
        current,
        ended.map(({ result }) => result),
      ),
    };
  }
}

/** The seeds of a plan's runs. */
export const seedsOf = ({ seed, seeds }: Pick<LearnPlan, 'seed' | 'seeds'>): number[] =>
  Array.from({ length: seeds }, (_, i) => seed + i);

/** A plan whose template has what its learned tokens start from, where the method takes that from the examples. */
function withExamples(plan: LearnPlan, { train }: TaskData): LearnPlan {
  if (!METHODS[plan.method].startsFromExamples || hasLearnedTokens(plan.template)) return plan;
  return { ...plan, template: withContextExamples(plan.template, plan.labels, train, plan.seed) };
}

/** What an interrupted learning came to. @param started as `performance.now()` has it */
export function interruptedReport<Report>(
  started: number,
  current?: { readonly state: TuningState; readonly learningRate: number },
  runs: LearnReport<Report>['runs'] = [],
): LearnReport<Report> {
  return { ended: 'interrupted', scores: [], runs, ...costsOf(started, current?.state, current?.learningRate ?? 0) };
}

/** @param started as `performance.now()` has it */
export function costsOf(started: number, state: TuningState | undefined, learningRate: number) {
  return {
    steps: state?.step ?? 0,
    learningRate,
    examplesPerSecond: state === undefined || state.examples === 0 ? 0 : state.examples / state.trainingSeconds,
    seconds: (performance.now() - started) / 1000,
    peakRssMib: process.resourceUsage().maxRSS / 1024,
  };
}

/** A line where chance has a say in what is chosen. */
function fewNotes({ valid, folds }: TaskSequences): string[] {
  if (valid.length >= ENOUGH_TO_CHOOSE) return [];
  if (folds)
    return [
      `only ${valid.length} labelled rows, so chance has a say in all that follows; ${ENOUGH_TO_CHOOSE} or more are better`,
    ];
  return [
    `only ${valid.length} rows validate, so chance has a say in what is chosen; ${ENOUGH_TO_CHOOSE} or more are better`,
  ];
}

/** The columns that were named, for the files that the prompt is used on later. */
export function namedColumns({
  columns,
  labelColumn,
}: Pick<LearnPlan, 'columns' | 'labelColumn'>): ExampleColumns | undefined {
  if (columns === undefined && labelColumn === undefined) return undefined;
  return { fields: columns ?? {}, ...(labelColumn !== undefined && { label: labelColumn }) };
}
