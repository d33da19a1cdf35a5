import { type Calibration, calibrate } from '../evaluation/calibration.js';
import { type ClassificationReport, evaluateClassification } from '../evaluation/classification-report.js';
import type { LabelScores } from '../evaluation/label-scores.js';
import { majorityBaseline } from '../evaluation/majority-baseline.js';
import { majorityRow, reportRow, type ScoreRow } from '../evaluation/score-table.js';
import type { PromptSequence } from '../prompt/sequence.js';
import { withoutLearned } from '../prompt/without-learned.js';
import type { TuningState } from '../training/tuning-state.js';
import type { KnownScores } from './kept-scores.js';
import { targetsOf } from './task.js';
import type { TaskData } from './task-data.js';
import { encodeExamples, type TaskSequences } from './task-sequences.js';
import { calibratePrompt, type TextTask, textTask } from './text-task.js';
import { type RunResult, scoringHooks, type TuneHooks } from './tune-events.js';

/** A run that has ended, with what choosing and saving need of it. */
export interface MeasuredRun {
  readonly result: RunResult;
  readonly state: TuningState;
  readonly initial: Float32Array;
  /** Of the best prompt, on the validation data. */
  readonly validScores: LabelScores;
  /** Of the best prompt, on the test data, or the validation data where there are none. */
  readonly scores: LabelScores;
}

/** Scores a run's best prompt on the validation and test data. */
export async function measureRun(
  task: TextTask,
  { valid, test }: TaskSequences,
  run: {
    readonly state: TuningState;
    readonly initial: Float32Array;
    readonly seed: number;
    readonly heldOut?: LabelScores | undefined;
    /** Measured before. */
    readonly known?: KnownScores | undefined;
  },
  hooks: TuneHooks,
): Promise<MeasuredRun> {
  const best = run.state.best!;
  const score = (what: string, sequences: readonly PromptSequence[]) =>
    task.score(best.weights.prompt!, sequences, scoringHooks(what, hooks));
  const validScores = run.known?.valid ?? run.heldOut ?? (await score('scoring the validation data', valid));
  const testScores = test && (run.known?.test ?? (await score('scoring the test data', test)));
  return {
    state: run.state,
    initial: run.initial,
    validScores,
    scores: testScores ?? validScores,
    result: {
      seed: run.seed,
      steps: run.state.step,
      bestStep: best.step,
      valid: reportOf(task, validScores, valid, run.seed),
      ...(test && testScores ? { test: reportOf(task, testScores, test, run.seed) } : {}),
    },
  };
}

/** What a learned prompt is put beside. */
export interface ComparedRows {
  readonly written: readonly ScoreRow[];
  /** Scores of the same rows, in the order of the table, right behind the prompt. */
  readonly beside?: readonly { readonly name: string; readonly scores: LabelScores }[];
  /** Whether the area under the curve is told. */
  readonly withArea?: boolean;
}

/** The learned prompt beside its baselines, on the test data, or the validation data where there are none. */
export async function scoreTable(
  task: TextTask,
  { train, valid, test }: TaskSequences,
  best: MeasuredRun,
  calibration: Calibration,
  { written, beside = [], withArea = false }: ComparedRows,
): Promise<ScoreRow[]> {
  const sequences = test ?? valid;
  const report = (scores: LabelScores) => reportOf(task, scores, sequences, best.result.seed);
  const row = (name: string, scores: LabelScores) => reportRow(name, report(scores), withArea);
  const majority = majorityBaseline(targetsOf(train), targetsOf(sequences), task.labelKeys.length);
  return [
    row('learned prompt', best.scores),
    row('learned prompt, calibrated', calibrate(calibration, best.scores)),
    ...beside.map(({ name, scores }) => row(name, scores)),
    ...written,
    majorityRow(majority, task.labelKeys),
  ];
}

/** The most frequent training label, always, as scores. */
export function majorityOf({ labelKeys }: TextTask, { train, valid, test = valid }: TaskSequences) {
  const classes = labelKeys.length;
  const { label } = majorityBaseline(targetsOf(train), targetsOf(test), classes);
  const values = Float32Array.from({ length: test.length * classes }, (_, i) => (i % classes === label ? 1 : 0));
  return { name: `always '${labelKeys[label]}'`, scores: { values, classes } };
}

/**
 * The same template with nothing learned, plain and calibrated. None where no token but the example's own would be left
 * before the label: there is nothing to predict it from where the text is empty, as it is in calibration.
 */
export async function writtenBaselines(
  task: TextTask,
  data: TaskData,
  settings: { readonly maxLength: number; readonly threads: number | undefined; readonly seed: number },
  hooks: TuneHooks,
  withArea = false,
): Promise<ScoreRow[]> {
  const template = withoutLearned(task.compiled.template);
  const first = template.parts.find((part) => part.kind !== 'words' || part.text.trim() !== '');
  if (first?.kind === 'label') return [];
  const written = textTask(task.model, { ...settings, template, labels: task.compiled.labels, loss: 'labels' });
  try {
    if (written.compiled.fixedLength === 0) return [];
    const none = new Float32Array(0);
    const sequences = await encodeExamples(written.compiled, data.test ?? data.valid, hooks.signal);
    const scores = await written.score(none, sequences, scoringHooks('scoring the written prompt', hooks));
    const calibrated = calibrate(await calibratePrompt(written, none), scores);
    return [
      reportRow('written prompt', reportOf(written, scores, sequences, settings.seed), withArea),
      reportRow('written prompt, calibrated', reportOf(written, calibrated, sequences, settings.seed), withArea),
    ];
  } finally {
    await written.network.release();
  }
}

function reportOf(
  { labelKeys }: TextTask,
  scores: LabelScores,
  sequences: readonly PromptSequence[],
  seed: number,
): ClassificationReport {
  return evaluateClassification({ scores, targets: targetsOf(sequences), labels: labelKeys, seed });
}
