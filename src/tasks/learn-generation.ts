import { type GenerationReport, generationRow } from '../evaluation/generation/generation-report.js';
import { isBetter } from '../evaluation/judgement.js';
import type { ScoreRow } from '../evaluation/score-table.js';
import { summarizeRuns } from '../evaluation/summarize-runs.js';
import { endPart, leavesOut } from '../jobs/parts.js';
import { embeddingScale } from '../network/checkpoint/embedding-rows.js';
import type { FrozenModel } from '../network/load-model.js';
import { withoutLearned } from '../prompt/without-learned.js';
import { checkSettings } from '../training/settings.js';
import type { TuningState } from '../training/tuning-state.js';
import { type GenerationTask, generationTask } from './generation-task.js';
import { areNearer, generationVerdict } from './generation-verdict.js';
import { costsOf, interruptedReport, type LearningKeeper, namedColumns, seedsOf } from './learn-prompt.js';
import { type MeasuredGeneration, measureGeneration } from './measure-generation.js';
import type { SavedPrompt } from './prompt-folder/saved-prompt.js';
import { seedPart } from './prompt-job.js';
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
  readonly measured: MeasuredTexts;
  readonly result: RunResult<GenerationReport>;
  readonly state: TuningState;
  readonly initial: Float32Array;
}

/**
 * From rows in memory to a prompt that answers with texts: initialise, train, keep the prompt of the lowest validation loss a
 * token, that which it started from included, generate with it beside the same template unlearned, which is kept where its texts are
 * nearer to the right ones. An interrupted one says so in its report.
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
  let written: WrittenPrompt | undefined;
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
    if (keeper?.parts && keeper.parts.only === undefined && plan.pieces === undefined) {
      await keeper.read?.(model, sequences);
      await keeper.parts.gather(seedsOf(plan).map(seedPart));
    }
    for (const seed of seedsOf(plan)) {
      const { name } = seedPart(seed);
      if (keeper && leavesOut(keeper, name)) continue;
      const settings = settingsOf(seed);
      const initial = await startPrompt(task, plan, scale, seed);
      const { train, valid } = sequences;
      const keep = keeper?.state(seed, model, sequences);
      const training = { train, valid, initial, settings };
      const { state, ended } = await trainTask(task, training, withPerplexity(hooks), keep);
      current = { state, learningRate: settings.learningRate };
      if (ended === 'interrupted') return interrupted();
      const kept = await notBelowStart(task, initial, state, valid, hooks);
      const prompt = kept.best!.weights.prompt!;
      const known = (await keep?.readRun?.()) as MeasuredTexts | undefined;
      const measured = known ?? (await measureTexts(task, prompt, data, { ...plan, seed }, GENERATING, hooks));
      if (known === undefined) await keep?.writeRun?.(measured);
      if (keeper) endPart(keeper, name);
      const { step: bestStep } = kept.best!;
      runs.push({
        state: kept,
        initial,
        measured,
        result: { seed, steps: state.step, bestStep, ...reports(measured) },
      });
    }
    const best = runs.reduce((a, b) => (isBetter(b.state.best!.validation, a.state.best!.validation) ? b : a));
    const { valid, test, seed, bestStep } = best.result;
    written = plan.baselines ? await writtenPrompt(task, data, plan, hooks) : undefined;
    const keepsWritten = written !== undefined && areNearer(written.measured.valid, best.measured.valid);
    const scores = [
      generationRow('learned prompt', test ?? valid),
      ...(written ? [generationRow('written prompt', (written.measured.test ?? written.measured.valid).report)] : []),
    ];
    const worse = worseThanWritten(scores, keepsWritten);
    if (worse !== undefined) hooks.onEvent?.({ event: 'note', text: worse });
    const settings = settingsOf(seed);
    const { maxLength, maxNewTokens } = plan;
    const facts = {
      columns: namedColumns({ ...plan, labelColumn: plan.targetColumn }),
      tuning: { ...settings, maxLength, maxNewTokens, loss: 'vocabulary', bestStep },
      metrics: [{ split: data.test === undefined ? 'validation' : 'test', rows: scores }],
    };
    const nothing = new Float32Array(0);
    return {
      saved: keepsWritten
        ? savedPrompt(written!.task, { ...facts, prompt: nothing, initial: nothing })
        : savedPrompt(task, { ...facts, prompt: best.state.best!.weights.prompt!, initial: best.initial }),
      report: {
        ended: 'finished',
        ...(written && { kept: keepsWritten ? 'written prompt' : 'prompt' }),
        ...(written && { verdict: verdictOf(best.measured, written.measured, keepsWritten) }),
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
    await written?.task.network.release();
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
function worseThanWritten([learned, written]: readonly ScoreRow[], keepsWritten: boolean): string | undefined {
  const [own, other] = [learned?.scores.rougeL, written?.scores.rougeL];
  if (own === undefined || other === undefined || (own >= other && !keepsWritten)) return undefined;
  const figures = `rougeL ${other.toFixed(3)} beside ${own.toFixed(3)}`;
  return keepsWritten
    ? `the written prompt's texts for the validation rows are nearer to the right ones, so it is kept (${figures}): to learn more, let the tokens start as its words ([soft:"words"]), learn longer (--max-steps), from more rows, or take a larger --model`
    : `the written prompt's texts are nearer to the right ones (${figures}): let the tokens start as its words ([soft:"words"]), learn longer (--max-steps) or from more rows`;
}

/** Of the test rows where there are some. */
const verdictOf = (learned: MeasuredTexts, written: MeasuredTexts, keepsWritten: boolean) =>
  learned.test && written.test
    ? generationVerdict(learned.test, written.test, 'test', keepsWritten)
    : generationVerdict(learned.valid, written.valid, 'validation', keepsWritten);

/** Texts for the validation rows, which choose, and for the test rows. */
interface MeasuredTexts {
  readonly valid: MeasuredGeneration;
  readonly test?: MeasuredGeneration;
}

const reports = ({ valid, test }: MeasuredTexts) => ({ valid: valid.report, ...(test && { test: test.report }) });

async function measureTexts(
  task: GenerationTask,
  learned: Float32Array,
  data: TaskData,
  { seed, threads, maxNewTokens, measureTexts: mostTexts }: LearnPlan,
  what: string,
  hooks: TuneHooks,
): Promise<MeasuredTexts> {
  const measured = (examples: TaskData['valid']) =>
    measureGeneration(task, learned, examples, {
      ...{ seed, mostTexts, settings: { threads }, decoding: { maxNewTokens } },
      ...scoringHooks(what, hooks),
    });
  return { valid: await measured(data.valid), ...(data.test && { test: await measured(data.test) }) };
}

const GENERATING = 'generating texts';

/** The same template with nothing learned, and its texts. */
interface WrittenPrompt {
  readonly task: GenerationTask;
  readonly measured: MeasuredTexts;
}

/** Undefined where no token but the example's own would be left. */
async function writtenPrompt(
  { model, template: learned }: GenerationTask,
  data: TaskData,
  plan: LearnPlan,
  hooks: TuneHooks,
): Promise<WrittenPrompt | undefined> {
  const template = withoutLearned(learned);
  if (template.parts[0]?.kind === 'label') return undefined;
  const { maxLength, threads } = plan;
  const task = await generationTask(model, { template, method: 'written', maxLength, threads });
  try {
    const what = 'generating with the written prompt';
    return { task, measured: await measureTexts(task, new Float32Array(0), data, plan, what, hooks) };
  } catch (error) {
    await task.network.release();
    throw error;
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
