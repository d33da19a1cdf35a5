import { type GenerationReport, generationRow } from '../evaluation/generation/generation-report.js';
import { isBetter } from '../evaluation/judgement.js';
import type { ScoreRow } from '../evaluation/score-table.js';
import { summarizeRuns } from '../evaluation/summarize-runs.js';
import { embeddingScale } from '../network/checkpoint/embedding-rows.js';
import type { FrozenModel } from '../network/load-model.js';
import { withoutLearned } from '../prompt/without-learned.js';
import { checkSettings } from '../training/settings.js';
import type { TuningState } from '../training/tuning-state.js';
import { type GenerationTask, generationTask } from './generation-task.js';
import { costsOf, interruptedReport, type LearningKeeper, namedColumns } from './learn-prompt.js';
import { measureGeneration } from './measure-generation.js';
import type { SavedPrompt } from './prompt-folder/saved-prompt.js';
import { savedPrompt } from './saved-prompt.js';
import { startPrompt } from './start-prompt.js';
import type { TaskData } from './task-data.js';
import { encodeData, lengthNotes, type TaskSequences } from './task-sequences.js';
import { trainTask } from './train-task.js';
import { type LearnReport, type RunResult, scoringHooks, type TuneHooks, VALIDATING } from './tune-events.js';
import { type LearnPlan, resolveSettings } from './tune-options.js';

/** A learned prompt in memory, and how it came to be; undefined `saved` where it was interrupted. */
export interface GenerationLearning {
  readonly saved: SavedPrompt | undefined;
  readonly report: LearnReport<GenerationReport>;
}

interface LearnedRun {
  readonly result: RunResult<GenerationReport>;
  readonly state: TuningState;
  readonly initial: Float32Array;
}

/**
 * From rows in memory to a prompt that answers with texts: initialise, train, keep the prompt of the lowest validation loss a
 * token, that which it started from included, generate with it beside the same template unlearned. An interrupted one says so in its report.
 */
export async function learnGeneration(
  model: FrozenModel,
  data: TaskData,
  plan: LearnPlan,
  hooks: TuneHooks = {},
  keeper?: LearningKeeper,
): Promise<GenerationLearning> {
  const started = performance.now();
  const runs: LearnedRun[] = [];
  let current: { readonly state: TuningState; readonly learningRate: number } | undefined;
  const interrupted = (): GenerationLearning => ({
    saved: undefined,
    report: interruptedReport(
      started,
      current,
      runs.map(({ result }) => result),
    ),
  });
  let task: GenerationTask | undefined;
  try {
    const scale = await embeddingScale(model.checkpoint);
    const settingsOf = (seed: number) =>
      resolveSettings({ ...plan, seed }, { trainExamples: data.train.length, validExamples: data.valid.length, scale });
    checkSettings(settingsOf(plan.seed));
    await keeper?.begin(plan);
    task = await generationTask(model, plan);
    const sequences = await encodeData(task, data, hooks.signal);
    for (const text of [...data.notes, ...lengthNotes(task, sequences), ...endNotes(task, sequences)]) {
      hooks.onEvent?.({ event: 'note', text });
    }
    for (let seed = plan.seed; seed < plan.seed + plan.seeds; seed++) {
      const settings = settingsOf(seed);
      const initial = await startPrompt(task, plan, scale, seed);
      const { train, valid } = sequences;
      const { state, ended } = await trainTask(
        task,
        { train, valid, initial, settings },
        withPerplexity(hooks),
        keeper?.state(seed, model, sequences),
      );
      current = { state, learningRate: settings.learningRate };
      if (ended === 'interrupted') return interrupted();
      const kept = await notBelowStart(task, initial, state, valid, hooks);
      runs.push({ state: kept, initial, result: await measure(task, data, kept, seed, plan, hooks) });
    }
    const best = runs.reduce((a, b) => (isBetter(b.state.best!.validation, a.state.best!.validation) ? b : a));
    const { valid, test, seed, bestStep } = best.result;
    const scores = [
      generationRow('learned prompt', test ?? valid),
      ...(plan.baselines ? await writtenRow(task, data, plan, hooks) : []),
    ];
    const worse = worseThanWritten(scores);
    if (worse !== undefined) hooks.onEvent?.({ event: 'note', text: worse });
    const settings = settingsOf(seed);
    const { maxLength, maxNewTokens } = plan;
    const columns = namedColumns({ ...plan, labelColumn: plan.targetColumn });
    return {
      saved: savedPrompt(task, {
        ...{ prompt: best.state.best!.weights.prompt!, initial: best.initial, columns },
        tuning: { ...settings, maxLength, maxNewTokens, loss: 'vocabulary', bestStep },
        metrics: [{ split: data.test === undefined ? 'validation' : 'test', rows: scores }],
      }),
      report: {
        ended: 'finished',
        valid,
        ...(test && { test }),
        scores,
        runs: runs.map(({ result }) => result),
        summary: summarizeRuns(runs.map(({ result }) => (result.test ?? result.valid).perplexity!)),
        ...costsOf(started, best.state, settings.learningRate),
      },
    };
  } catch (error) {
    const { signal } = hooks;
    if (signal?.aborted && error === signal.reason) return interrupted();
    throw error;
  } finally {
    await task?.network.release();
  }
}

/** What was learned, or where it started if no update made the validation rows likelier. */
async function notBelowStart(
  task: GenerationTask,
  initial: Float32Array,
  state: TuningState,
  valid: TaskSequences['valid'],
  hooks: TuneHooks,
): Promise<TuningState> {
  const validation = await task.validate(initial, valid, scoringHooks(VALIDATING, hooks));
  const { best } = state;
  if (best !== undefined && !isBetter(validation, best.validation)) return state;
  const text = 'no update lowered the validation loss: the prompt stays as it started (a lower --lr may learn)';
  hooks.onEvent?.({ event: 'note', text });
  return { ...state, best: { step: 0, validation, weights: { prompt: initial }, buffers: {} } };
}

/** What to say where the written prompt's texts are nearer to the right ones. */
function worseThanWritten([learned, written]: readonly ScoreRow[]): string | undefined {
  const [own, other] = [learned?.scores.rougeL, written?.scores.rougeL];
  if (own === undefined || other === undefined || own >= other) return undefined;
  const figures = `rougeL ${other.toFixed(3)} beside ${own.toFixed(3)}`;
  return `the written prompt's texts are nearer to the right ones (${figures}): let the tokens start as its words ([soft:"words"]), learn longer (--max-steps) or from more rows`;
}

async function measure(
  task: GenerationTask,
  data: TaskData,
  state: TuningState,
  seed: number,
  plan: LearnPlan,
  hooks: TuneHooks,
): Promise<RunResult<GenerationReport>> {
  const { weights, step } = state.best!;
  const reportOf = async (what: string, examples: TaskData['valid'], mostTexts: number) =>
    (
      await measureGeneration(task, weights.prompt!, examples, {
        ...{ seed, mostTexts, settings: { threads: plan.threads }, decoding: { maxNewTokens: plan.maxNewTokens } },
        ...scoringHooks(what, hooks),
      })
    ).report;
  // texts are generated once: for the test data where there are some
  const valid = await reportOf(GENERATING, data.valid, data.test === undefined ? plan.measureTexts : 0);
  const test = data.test && (await reportOf(GENERATING, data.test, plan.measureTexts));
  return { seed, steps: state.step, bestStep: step, valid, ...(test && { test }) };
}

const GENERATING = 'generating texts';

/** The same template with nothing learned. None where no token but the example's own would be left. */
async function writtenRow(
  task: GenerationTask,
  data: TaskData,
  plan: LearnPlan,
  hooks: TuneHooks,
): Promise<ScoreRow[]> {
  const template = withoutLearned(task.template);
  if (template.parts[0]?.kind === 'label') return [];
  const { maxLength, threads, seed, maxNewTokens, measureTexts: mostTexts } = plan;
  const written = await generationTask(task.model, { template, maxLength, threads });
  try {
    const { report } = await measureGeneration(written, new Float32Array(0), data.test ?? data.valid, {
      ...{ seed, mostTexts, settings: { threads }, decoding: { maxNewTokens } },
      ...scoringHooks('generating with the written prompt', hooks),
    });
    return [generationRow('written prompt', report)];
  } finally {
    await written.network.release();
  }
}

/** What a user should know of where answers end. */
function endNotes({ ends, model }: GenerationTask, { train }: TaskSequences): string[] {
  if (ends.length === 0) {
    return [`${model.checkpoint.source} names no end mark: texts end at --max-new-tokens or at a stop text alone`];
  }
  const cut = train.filter(({ candidates }) => candidates[0]!.at(-1) !== ends[0]).length;
  if (cut === 0) return [];
  return [`${cut} of ${train.length} targets are cut, and their ends not learned; --max-length allows more`];
}

/** Hooks whose validations say the perplexity. */
export function withPerplexity(hooks: TuneHooks): TuneHooks {
  const { onEvent } = hooks;
  if (onEvent === undefined) return hooks;
  return {
    ...hooks,
    onEvent: (event) => onEvent(event.event === 'validation' ? { ...event, perplexity: Math.exp(event.loss) } : event),
  };
}
