import type { ExampleColumns } from '../data/load-examples.js';
import { summarizeRuns } from '../evaluation/summarize-runs.js';
import { checkWritable, leavingNothing } from '../files/folder-writing.js';
import { embeddingScale } from '../network/checkpoint/embedding-rows.js';
import { type FrozenModel, lastingSource, loadModel } from '../network/load-model.js';
import { parseTemplate } from '../prompt/parse-template.js';
import { checkSettings, type TuningSettings } from '../training/settings.js';
import type { TuningState } from '../training/training-state.js';
import { isBetter, type StepProgress, tune } from '../training/tune.js';
import { type MeasuredRun, measureRun, scoreTable, validatePrompt, writtenBaselines } from './measure-run.js';
import { checkPromptFolder, writePrompt } from './prompt-folder/write-prompt.js';
import { fingerprint, runFolder } from './run-folder.js';
import { savedPrompt } from './saved-prompt.js';
import { searchRun } from './search-run.js';
import { startPrompt } from './start-prompt.js';
import { loadTaskData, type TaskData } from './task-data.js';
import { encodeData, lengthNotes, type TaskSequences } from './task-sequences.js';
import { calibratePrompt, type TextTask, templateFields, textTask } from './text-task.js';
import type { TuneHooks, TuneResult } from './tune-events.js';
import { checkOptions, resolveSettings, TUNE_DEFAULTS, type TuneOptions, taskSettings } from './tune-options.js';

/**
 * The whole way from files to a learned prompt in a folder: load, split, initialise, train, choose the best by
 * validation, measure it beside its baselines, save.
 */
export async function tunePrompt(options: TuneOptions, hooks: TuneHooks = {}): Promise<TuneResult> {
  checkOptions(options);
  checkPromptFolder(options.out, { overwrite: options.overwrite ?? false });
  const folder = runFolder(options.out);
  if (!options.overwrite) folder.checkUnused();
  await checkWritable(`The prompt in ${options.out}`, options.out);
  return leavingNothing(options.out, folder.holdsWorth, () => new PromptTuning(options, hooks, false).run());
}

/** Goes on with an interrupted or killed run; one that kept its training is measured and saved again. */
export async function resumeTuning(folder: string, hooks: TuneHooks = {}): Promise<TuneResult> {
  const options = await runFolder(folder).readOptions();
  return new PromptTuning(options, hooks, true).run();
}

/** One call of `tunePrompt` or `resumeTuning`. */
class PromptTuning {
  private readonly started = performance.now();
  private readonly folder;
  /** The run at hand, for what an interrupted call reports. */
  private current: { readonly state: TuningState; readonly learningRate: number } | undefined;
  private readonly ended: MeasuredRun[] = [];

  constructor(
    private options: TuneOptions,
    private readonly hooks: TuneHooks,
    private readonly resumed: boolean,
  ) {
    this.folder = runFolder(options.out);
  }

  async run(): Promise<TuneResult> {
    try {
      return (await this.runToTheEnd()) ?? this.interrupted();
    } catch (error) {
      const { signal } = this.hooks;
      if (signal?.aborted && error === signal.reason) return this.interrupted();
      throw error;
    }
  }

  private async runToTheEnd(): Promise<TuneResult | undefined> {
    const { options, hooks } = this;
    const { signal } = hooks;
    const model = await loadModel(
      options.model,
      signal === undefined ? hooks : { ...hooks, hub: { ...hooks.hub, signal } },
    );
    const { layers, hiddenSize } = model.checkpoint.config;
    hooks.onEvent?.({ event: 'model', source: options.model, layers, width: hiddenSize });
    // a run goes on with the very model that it began with
    if (model.checkpoint.origin) this.options = { ...options, model: lastingSource(model.checkpoint) };
    const data = await loadTaskData(
      options,
      templateFields(parseTemplate(options.template)),
      Object.keys(options.labels),
    );
    hooks.onEvent?.({
      event: 'data',
      train: data.train.length,
      valid: data.valid.length,
      test: data.test?.length ?? 0,
    });
    const scale = await embeddingScale(model.checkpoint);
    checkSettings(this.settingsOf(data, options.seed, scale));
    if (!this.resumed) {
      await this.folder.clear();
      await this.folder.writeOptions(this.options);
    }
    if (!(await this.search(model, data, scale))) return undefined;

    const task = textTask(model, { ...this.options, ...taskSettings(this.options) });
    try {
      return await this.train(task, data, scale);
    } finally {
      await task.network.release();
    }
  }

  /** Settles the options that a search decides; false if it was interrupted. */
  private async search(model: FrozenModel, data: TaskData, scale: number): Promise<boolean> {
    const { searchMinutes } = this.options;
    if (searchMinutes === undefined) return true;
    const { best, interrupted } = await searchRun(model, data, { ...this.options, searchMinutes }, scale, this.hooks);
    if (interrupted || best === undefined) return false;
    this.options = { ...this.options, ...best.candidate, searchMinutes: undefined };
    await this.folder.writeOptions(this.options);
    return true;
  }

  private async train(task: TextTask, data: TaskData, scale: number): Promise<TuneResult | undefined> {
    const { options, hooks } = this;
    const { seed = TUNE_DEFAULTS.seed, seeds = TUNE_DEFAULTS.seeds } = options;
    const { maxLength, loss, threads } = taskSettings(options);
    const sequences = await encodeData(task, data, hooks.signal);
    for (const text of [...data.notes, ...lengthNotes(task, sequences)]) hooks.onEvent?.({ event: 'note', text });
    const starts: { readonly seed: number; readonly initial: Float32Array }[] = [];
    for (let index = 0; index < seeds; index++) {
      starts.push({ seed: seed + index, initial: await startPrompt(task, options, scale, seed + index) });
    }
    const written =
      options.baselines === false ? [] : await writtenBaselines(task, data, { maxLength, threads, seed }, hooks);

    for (const start of starts) {
      const state = await this.trainSeed(task, sequences, start, scale);
      if (state === undefined) return undefined;
      this.ended.push(await measureRun(task, sequences, { ...start, state }, hooks));
    }
    const best = this.ended.reduce((a, b) => (isBetter(b.state.best!.validation, a.state.best!.validation) ? b : a));
    const calibration = await calibratePrompt(task, best.state.best!.prompt);
    const scores = await scoreTable(task, sequences, best, calibration, written);
    const settings = this.settingsOf(sequences, best.result.seed, scale);
    await writePrompt(
      options.out,
      savedPrompt(task, {
        prompt: best.state.best!.prompt,
        initial: best.initial,
        calibration: options.calibrate ? calibration : undefined,
        columns: namedColumns(options),
        tuning: { ...settings, maxLength, loss, bestStep: best.result.bestStep },
        metrics: [{ split: sequences.test === undefined ? 'validation' : 'test', rows: scores }],
      }),
      { overwrite: true },
    );
    if (!options.keepTraining) await this.folder.end();
    const { valid, test } = best.result;
    return {
      ended: 'finished',
      out: options.out,
      valid,
      ...(test === undefined ? {} : { test }),
      scores,
      runs: this.ended.map(({ result }) => result),
      summary: summarizeRuns(this.ended.map(({ result }) => (result.test ?? result.valid).accuracy)),
      ...this.costs(best.state, settings.learningRate),
    };
  }

  /** Trains with one seed, from its saved state if there is one; undefined when interrupted. */
  private async trainSeed(
    task: TextTask,
    sequences: TaskSequences,
    { seed, initial }: { readonly seed: number; readonly initial: Float32Array },
    scale: number,
  ): Promise<TuningState | undefined> {
    const { hooks } = this;
    const settings = this.settingsOf(sequences, seed, scale);
    const basis = fingerprint(task.model.checkpoint.hash, sequences);
    const { state, ended } = await tune({
      network: task.network,
      train: sequences.train,
      initial,
      settings,
      state: this.resumed ? await this.folder.readState(seed, basis) : undefined,
      signal: hooks.signal,
      validate: (prompt) => validatePrompt(task, prompt, sequences.valid, hooks),
      save: (current) => this.folder.writeState(seed, current, basis),
      onStep: (progress) =>
        hooks.onEvent?.({ event: 'step', seed, secondsLeft: secondsLeft(progress, settings.batchSize), ...progress }),
      onValidation: (line) => hooks.onEvent?.({ event: 'validation', seed, ...line }),
    });
    this.current = { state, learningRate: settings.learningRate };
    return ended === 'interrupted' ? undefined : state;
  }

  private settingsOf(
    { train, valid }: Record<'train' | 'valid', readonly unknown[]>,
    seed: number | undefined,
    scale: number,
  ): TuningSettings {
    const counts = { trainExamples: train.length, validExamples: valid.length, scale };
    return resolveSettings({ ...this.options, seed }, counts);
  }

  private interrupted(): TuneResult {
    return {
      ended: 'interrupted',
      out: this.options.out,
      scores: [],
      runs: this.ended.map(({ result }) => result),
      ...this.costs(this.current?.state, this.current?.learningRate ?? 0),
    };
  }

  private costs(state: TuningState | undefined, learningRate: number) {
    return {
      steps: state?.step ?? 0,
      learningRate,
      examplesPerSecond: state === undefined || state.examples === 0 ? 0 : state.examples / state.trainingSeconds,
      seconds: (performance.now() - this.started) / 1000,
      peakRssMib: process.resourceUsage().maxRSS / 1024,
    };
  }
}

/** The columns that were named, for the files that the prompt is used on later. */
function namedColumns({ columns, labelColumn }: TuneOptions): ExampleColumns | undefined {
  if (columns === undefined && labelColumn === undefined) return undefined;
  return { fields: columns ?? {}, ...(labelColumn !== undefined && { label: labelColumn }) };
}

function secondsLeft({ step, steps, examplesPerSecond }: StepProgress, batchSize: number): number {
  return ((steps - step) * batchSize) / examplesPerSecond;
}
