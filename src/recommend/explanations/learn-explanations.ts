import { embeddingScale } from '../../network/checkpoint/embedding-rows.js';
import type { FrozenModel } from '../../network/load-model.js';
import { parseTemplate } from '../../prompt/parse-template.js';
import type { PromptSequence } from '../../prompt/sequence.js';
import { withoutLearned } from '../../prompt/without-learned.js';
import { generationTask } from '../../tasks/generation-task.js';
import { withPerplexity } from '../../tasks/learn-generation.js';
import { encodeExamples } from '../../tasks/task-sequences.js';
import type { KeptState } from '../../tasks/task-training.js';
import { trainTask } from '../../tasks/train-task.js';
import type { TuneHooks } from '../../tasks/tune-events.js';
import { resolveSettings } from '../../tasks/tune-options.js';
import { checkSettings, type TuningSettings } from '../../training/settings.js';
import type { TuningOutcome } from '../../training/tune.js';
import type { ExplanationData } from './explanation-data.js';
import type { ExplanationPlan } from './explanation-options.js';
import { type ExplanationReport, explanationReport } from './explanation-report.js';
import { type ExplanationTask, examplesOf, startExplanations } from './explanation-task.js';
import { measureExplanations, sampledFirst } from './measure-explanations.js';
import type { PersonalSources } from './personal-rows.js';

export interface LearnedExplanations {
  readonly ended: TuningOutcome['ended'];
  readonly learned: Float32Array;
  readonly settings: TuningSettings;
  readonly steps: number;
  readonly bestStep: number;
  readonly examplesPerSecond: number;
}

/** What a state of training must be continued with. */
export interface ExplanationBasis {
  readonly sequences: {
    readonly train: readonly PromptSequence[];
    readonly valid: readonly PromptSequence[];
    readonly test: undefined;
  };
  readonly settings: TuningSettings;
  readonly initial: Float32Array;
}

/** Learns what explains: the prompt of the lowest validation loss a token is kept. */
export async function learnExplanations(
  explaining: ExplanationTask,
  data: ExplanationData,
  sources: PersonalSources,
  plan: ExplanationPlan,
  hooks: TuneHooks = {},
  keep?: (basis: ExplanationBasis) => Promise<KeptState>,
): Promise<LearnedExplanations> {
  const { task } = explaining;
  const shown = sampledFirst(data.valid, plan.validRows, plan.seed).slice(0, plan.validRows);
  const train = await encodeExamples(task, examplesOf(data.train, sources, true), hooks.signal);
  const valid = await encodeExamples(task, examplesOf(shown, sources), hooks.signal);
  const scale = await embeddingScale(task.model.checkpoint);
  const settings = resolveSettings(plan, { trainExamples: train.length, validExamples: valid.length, scale });
  checkSettings(settings);
  const initial = await startExplanations(explaining, scale, plan.seed);
  const kept = await keep?.({ sequences: { train, valid, test: undefined }, settings, initial });
  const { state, ended } = await trainTask(task, { train, valid, initial, settings }, withPerplexity(hooks), kept);
  return {
    ...{ ended, settings, steps: state.step, bestStep: state.best?.step ?? 0 },
    learned: state.best?.weights.prompt ?? initial,
    examplesPerSecond: state.examples / Math.max(state.trainingSeconds, 1e-9),
  };
}

/** The table of what was learned, on the same rows. */
export interface ExplanationTable {
  /** On the test rows, if there are some. */
  readonly test?: ExplanationReport;
  readonly valid: ExplanationReport;
  /** The same template with nothing learned; a training sentence of the item. */
  readonly baselines?: Readonly<Record<string, ExplanationReport>>;
  /** Without rows of the user, or of the item: perplexity alone. */
  readonly ablations?: Readonly<Record<string, ExplanationReport>>;
  /** Explanations beside the right ones, for people. */
  readonly samples: readonly {
    readonly user: string;
    readonly item: string;
    readonly text: string;
    readonly right: string;
  }[];
}

const SAMPLES = 5;

export async function measureLearned(
  { task, places }: ExplanationTask,
  data: ExplanationData,
  sources: PersonalSources,
  plan: ExplanationPlan,
  learned: Float32Array,
  hooks: TuneHooks,
): Promise<ExplanationTable> {
  const judged = sampledFirst(data.test ?? data.valid, plan.measureTexts, plan.seed);
  const what = data.test === undefined ? 'validation rows' : 'test rows';
  const { report, texts } = await measureExplanations(task, learned, judged, sources, plan, what, hooks);
  const alone = { ...plan, measureTexts: 0 };
  const valid =
    data.test === undefined
      ? report
      : (await measureExplanations(task, learned, data.valid, sources, alone, 'validation rows', hooks)).report;
  const samples = texts.slice(0, SAMPLES).map((text, i) => {
    const { user, item, text: right } = judged[i]!;
    return { user, item, text, right };
  });
  const table = { ...(data.test && { test: report }), valid, samples };
  if (!plan.baselines) return table;
  const written = await measureWritten(task.model, judged, sources, plan, hooks);
  const ablations: Record<string, ExplanationReport> = {};
  for (const of of ['user', 'item'] as const) {
    if (!places.some((place) => place.of === of)) continue;
    const sequences = await encodeExamples(task, examplesOf(judged, sources), hooks.signal);
    const blank = sequences.map((sequence) => ({
      ...sequence,
      given: sequence.given!.map((vector, i) => (places[i]!.of === of ? new Float32Array(vector.length) : vector)),
    }));
    const likelihoods = await task.likelihoods(learned, blank);
    ablations[`without_${of}`] = explanationReport({ rows: judged, texts: [], likelihoods, seed: plan.seed });
  }
  return {
    ...table,
    baselines: {
      ...(written && { written_prompt: written }),
      item_sentence: itemSentences(judged, texts.length, data, plan),
    },
    ablations,
  };
}

/** The same template with nothing learned. */
async function measureWritten(
  model: FrozenModel,
  rows: ExplanationData['valid'],
  sources: PersonalSources,
  plan: ExplanationPlan,
  hooks: TuneHooks,
): Promise<ExplanationReport | undefined> {
  const template = withoutLearned(parseTemplate(plan.template));
  if (template.parts[0]?.kind === 'label') return undefined;
  const task = await generationTask(model, { template, maxLength: plan.maxLength, threads: plan.threads });
  try {
    return (await measureExplanations(task, new Float32Array(0), rows, sources, plan, 'the written prompt', hooks))
      .report;
  } finally {
    await task.network.release();
  }
}

/** What needs no model: a training sentence of the item, or of any where it has none. */
function itemSentences(
  rows: ExplanationData['valid'],
  count: number,
  { train }: ExplanationData,
  { seed }: ExplanationPlan,
): ExplanationReport {
  const of = new Map<string, string>();
  for (const { item, text } of train) if (!of.has(item)) of.set(item, text);
  const texts = rows.slice(0, count).map(({ item }) => of.get(item) ?? train[0]!.text);
  return explanationReport({ rows, texts, seed });
}
