import { type Calibration, calibrate } from '../../evaluation/calibration.js';
import { type ClassificationReport, evaluateClassification } from '../../evaluation/classification-report.js';
import { logProbabilities } from '../../evaluation/label-scores.js';
import { reportRow } from '../../evaluation/score-table.js';
import type { JobHooks } from '../../jobs/job.js';
import { type RunningJob, resumeJob, startJob } from '../../jobs/run-job.js';
import { embeddingScale } from '../../network/checkpoint/embedding-rows.js';
import { loadBaseModel } from '../../network/load-base-model.js';
import { type FrozenModel, type LoadModelOptions, loadModel } from '../../network/load-model.js';
import { settle } from '../../options/settle.js';
import { parseTemplate } from '../../prompt/parse-template.js';
import type { PromptSequence } from '../../prompt/sequence.js';
import { Random } from '../../random.js';
import { matchBaseModel } from '../prompt-folder/base-model-match.js';
import { requireTask } from '../prompt-folder/prompt-task.js';
import { readPrompt } from '../prompt-folder/read-prompt.js';
import type { SavedPrompt } from '../prompt-folder/saved-prompt.js';
import { writePrompt } from '../prompt-folder/write-prompt.js';
import { fingerprint, hashOfExamples, PROMPT_STATE } from '../prompt-job.js';
import { savedPrompt } from '../saved-prompt.js';
import { targetsOf } from '../task.js';
import { loadTaskData } from '../task-data.js';
import { encodeData } from '../task-sequences.js';
import { templateFields } from '../template-fields.js';
import { calibratePrompt, type TextTask, textTask } from '../text-task.js';
import { trainTask } from '../train-task.js';
import { dataEvent, modelEvent, type TuneEvent } from '../tune-events.js';
import { resolveSettings, TRAINING } from '../tune-options.js';
import { refuseShort } from './refuse-short.js';
import { SHORTEN_JOB } from './shorten-job.js';
import { SHORTEN, type ShortenOptions, type ShortenPlan } from './shorten-options.js';
import { effects, rowsOf, shorterTemplate, tokensToKeep } from './token-effects.js';

export type ShortenEvent = TuneEvent | { readonly event: 'pruned'; readonly kept: readonly number[] };

export interface ShortenHooks extends LoadModelOptions, JobHooks<ShortenEvent> {}

/** A prompt beside the others, on the validation and test data. */
export interface ShortenRow {
  readonly name: 'long prompt' | 'pruned' | 'pruned, pieces too' | 'distilled';
  readonly tokens: number;
  readonly valid: ClassificationReport;
  readonly test?: ClassificationReport | undefined;
}

export interface ShortenResult {
  readonly ended: 'finished' | 'interrupted';
  readonly out: string;
  readonly rows: readonly ShortenRow[];
  /** Which of the short ones was kept: the one that validates best. */
  readonly kept?: ShortenRow['name'];
  readonly template?: string;
  /** The long prompt's tokens that stayed, from 0. */
  readonly tokens?: readonly number[];
}

/** Pieces of a token (XPrompt, section 3.3), and the share of them that is left out. */
const PIECES = 16;
const PRUNED_PIECES = 0.2;
/** How often an example stands in the data that is learned: once with its right label, else with one that the long prompt gives. */
const COPIES = 4;

/**
 * A shorter prompt that answers as a long one does: learned tokens are left out by their effect, in rounds, then pieces of those left
 * (hierarchical pruning, Ma et al. 2022); and what is left is trained on labels that are drawn from the long prompt's probabilities
 * beside the right ones (distillation, Hinton et al. 2015: in the mean the same gradient as from the probabilities). The one that
 * validates best is kept.
 * @throws TUNING_SETTING where there is nothing to leave out, PROMPT_BASE_MODEL, and what reading and learning throw
 */
export async function shortenPrompt(options: ShortenOptions, hooks: ShortenHooks = {}): Promise<ShortenResult> {
  const plan = settle(SHORTEN, options, 'TUNING_SETTING');
  return startJob(SHORTEN_JOB, { out: plan.out, overwrite: plan.overwrite, plan }, hooks, shortening());
}

export function resumeShortening(folder: string, hooks: ShortenHooks = {}): Promise<ShortenResult> {
  return resumeJob(SHORTEN_JOB, folder, hooks, shortening());
}

const shortening = () => ({
  work: (job: RunningJob<ShortenOptions>, hooks: ShortenHooks) => shorten(job, hooks),
  interrupted: ({ folder: { path } }: RunningJob<ShortenOptions>): ShortenResult => ({
    ...{ ended: 'interrupted', out: path, rows: [] },
  }),
});

async function shorten(job: RunningJob<ShortenOptions>, hooks: ShortenHooks): Promise<ShortenResult> {
  const { signal, onEvent } = hooks;
  const plan = settle(SHORTEN, job.plan, 'TUNING_SETTING');
  const saved = await readPrompt(plan.prompt);
  requireTask(saved, 'classification', plan.prompt);
  refuseShort(plan.prompt, saved, plan.tokens);
  const loading = signal === undefined ? hooks : { ...hooks, hub: { ...hooks.hub, signal } };
  const model =
    plan.model === undefined ? await loadBaseModel(saved.baseModel, loading) : await loadModel(plan.model, loading);
  matchBaseModel(saved, model.checkpoint);
  onEvent?.(modelEvent(saved.baseModel.source, model));
  const long = taskOf(model, saved.template, saved, plan);
  let short: TextTask | undefined;
  try {
    const reading = {
      ...plan,
      columns: plan.columns ?? saved.columns?.fields,
      labelColumn: plan.labelColumn ?? saved.columns?.label,
    };
    const fields = templateFields(parseTemplate(saved.template));
    const data = await loadTaskData({ ...plan, signal }, reading, fields, long.labelKeys);
    onEvent?.(dataEvent(data));
    const sequences = await encodeData(long, data, signal);
    await job.begin(plan);
    await job.readInputs({
      ...{ model: model.checkpoint.hash, 'the prompt': hashOfExamples([...saved.learned.values]) },
      'training data': hashOfExamples(data.train),
      'validation data': hashOfExamples(data.valid),
    });
    const { values, tokens } = saved.learned;
    const size = values.length / tokens;
    const kept = await tokensToKeep(tokens, plan.tokens, async (left) => {
      const alone = new Float32Array(values.length);
      for (const k of left) alone.set(values.subarray(k * size, (k + 1) * size), k * size);
      const all = await effects(long, alone, sequences.train, size, signal);
      return left.map((k) => all[k]!);
    });
    onEvent?.({ event: 'pruned', kept });
    const countTokens = (words: string) => model.tokenizer.encodeWritten(words).ids.length;
    const template = shorterTemplate(saved.template, kept, countTokens);
    short = taskOf(model, template, saved, plan);
    const own = await encodeData(short, data, signal);
    const pruned = rowsOf(values, kept, size);
    const pieces = await withoutPieces(short, pruned, own.train, size, signal);

    const answers = logProbabilities(await long.score(values, sequences.train, signal ? { signal } : {}));
    const scale = await embeddingScale(model.checkpoint);
    const taught = withAnswers(own.train, answers, plan.seed);
    const settings = resolveSettings(
      {
        ...settle(
          TRAINING,
          { maxSteps: plan.maxSteps, batchSize: plan.batchSize, threads: plan.threads },
          'TUNING_SETTING',
        ),
        ...{ seed: plan.seed, learningRate: plan.learningRate, method: saved.learned.method },
      },
      { trainExamples: taught.length, validExamples: own.valid.length, scale },
    );
    const shard = job.folder.shard(
      'distilled',
      PROMPT_STATE,
      fingerprint(model.checkpoint.hash, { ...own, train: taught }),
    );
    const { state, ended } = await trainTask(
      short,
      { train: taught, valid: own.valid, initial: pruned, settings },
      { ...(signal && { signal }), ...(onEvent && { onEvent: (event: TuneEvent) => onEvent(event) }) },
      shard,
    );
    if (ended === 'interrupted') return { ended, out: plan.out, rows: [] };
    const candidates = [
      { name: 'pruned' as const, numbers: pruned },
      { name: 'pruned, pieces too' as const, numbers: pieces },
      { name: 'distilled' as const, numbers: state.best!.weights.prompt! },
    ];
    const rows: ShortenRow[] = [
      { name: 'long prompt', tokens, ...(await judged(long, values, sequences, saved.calibration, plan.seed)) },
    ];
    const judgedShort = [];
    for (const { name, numbers } of candidates) {
      const calibration = saved.calibration && (await calibratePrompt(short, numbers));
      const row = { name, tokens: kept.length, ...(await judged(short, numbers, own, calibration, plan.seed)) };
      rows.push(row);
      judgedShort.push({ row, numbers, calibration });
    }
    const best = judgedShort.reduce((a, b) => (betterThan(b.row.valid, a.row.valid) ? b : a));
    const split = data.test === undefined ? 'validation' : 'test';
    const shortened = savedPrompt(short, {
      ...{ prompt: best.numbers, initial: pruned, calibration: best.calibration, columns: saved.columns },
      tuning: { ...saved.tuning, shortenedFrom: tokens, keptTokens: [...kept], shortenedBy: best.row.name },
      metrics: [{ split, rows: rows.map(({ name, test, valid }) => reportRow(name, test ?? valid)) }],
    });
    await writePrompt(plan.out, shortened, { overwrite: true });
    await job.end();
    return { ended: 'finished', out: plan.out, rows, kept: best.row.name, template, tokens: kept };
  } finally {
    await long.network.release();
    await short?.network.release();
  }
}

function taskOf(model: FrozenModel, template: string, saved: SavedPrompt, { threads }: ShortenPlan): TextTask {
  const { maxLength } = saved.tuning;
  return textTask(model, {
    ...{ template, labels: saved.labels, loss: 'labels', method: saved.learned.method, ...saved.learned.options },
    maxLength: typeof maxLength === 'number' ? maxLength : TRAINING.maxLength.default,
    ...{ threads, answering: true },
  });
}

async function withoutPieces(
  task: TextTask,
  numbers: Float32Array,
  sequences: readonly PromptSequence[],
  size: number,
  signal?: AbortSignal,
): Promise<Float32Array> {
  // pieces of equal length, as many as the width allows
  const pieces = Array.from({ length: PIECES }, (_, i) => PIECES - i).find((count) => size % count === 0)!;
  const length = size / pieces;
  const found = await effects(task, numbers, sequences, length, signal);
  const least = [...found.keys()]
    .sort((a, b) => found[a]! - found[b]!)
    .slice(0, Math.floor(found.length * PRUNED_PIECES));
  const left = numbers.slice();
  for (const piece of least) left.fill(0, piece * length, (piece + 1) * length);
  return left;
}

/** Each example with its right label, and with labels drawn from the long prompt's probabilities [N, C]. */
function withAnswers(sequences: readonly PromptSequence[], logs: Float64Array, seed: number): PromptSequence[] {
  const random = new Random(seed);
  return sequences.flatMap((sequence, n) => {
    const classes = sequence.candidates.length;
    const drawn = Array.from({ length: COPIES - 1 }, (_, copy) => {
      // one draw of each third, so that the copies are spread as the probabilities are
      let left = (copy + random.uniform()) / (COPIES - 1);
      for (let c = 0; c < classes; c++) {
        left -= Math.exp(logs[n * classes + c]!);
        if (left < 0) return c;
      }
      return classes - 1;
    });
    return [sequence.target!, ...drawn].map((target) => ({ ...sequence, target }));
  });
}

async function judged(
  task: TextTask,
  numbers: Float32Array,
  { valid, test }: { readonly valid: readonly PromptSequence[]; readonly test: readonly PromptSequence[] | undefined },
  calibration: Calibration | undefined,
  seed: number,
) {
  const report = async (sequences: readonly PromptSequence[]) => {
    const scores = await task.score(numbers, sequences);
    return evaluateClassification({
      scores: calibration === undefined ? scores : calibrate(calibration, scores),
      ...{ targets: targetsOf(sequences), labels: task.labelKeys, seed },
    });
  };
  return { valid: await report(valid), ...(test && { test: await report(test) }) };
}

const betterThan = (a: ClassificationReport, b: ClassificationReport) =>
  a.accuracy > b.accuracy || (a.accuracy === b.accuracy && a.nll < b.nll);
