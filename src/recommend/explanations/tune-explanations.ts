import { createHash } from 'node:crypto';
import { listRows } from '../../data/row-source.js';
import { SoftpromptError } from '../../errors.js';
import { type RunningJob, resumeJob, startJob } from '../../jobs/run-job.js';
import type { Method } from '../../methods/method.js';
import { METHODS } from '../../methods/registry.js';
import { type FrozenModel, loadModel } from '../../network/load-model.js';
import { describeBaseModel } from '../../tasks/prompt-folder/base-model-match.js';
import type { JsonValue } from '../../tasks/prompt-folder/saved-prompt.js';
import { PROMPT_STATE, promptInputs } from '../../tasks/prompt-job.js';
import { modelEvent, type TuneHooks } from '../../tasks/tune-events.js';
import { hasLearnedTokens } from '../../tasks/tune-options.js';
import { openItemReader } from '../item-reader.js';
import { readRecommenderVectors } from '../made-rows/recommender-vectors.js';
import { ITEMS_A_DIRECTION } from '../reading/whitening.js';
import { explanationCard } from './explanation-card.js';
import { type Explanation, type ExplanationData, loadExplanationData } from './explanation-data.js';
import { type SavedExplanations, writeExplanations } from './explanation-folder.js';
import { EXPLANATION_JOB } from './explanation-job.js';
import {
  EXPLANATION_TEMPLATE,
  type ExplanationOptions,
  type ExplanationPlan,
  explanationPlan,
} from './explanation-options.js';
import { explanationPlaces, explanationTask, scaleOf } from './explanation-task.js';
import { knownReviews, type SentenceVectors } from './known-reviews.js';
import { type ExplanationTable, learnExplanations, measureLearned } from './learn-explanations.js';
import type { PersonalSources } from './personal-rows.js';

export interface ExplanationResult extends Partial<ExplanationTable> {
  readonly ended: 'finished' | 'interrupted';
  readonly out: string;
  readonly template: string;
  readonly train: { readonly rows: number; readonly users: number; readonly items: number; readonly features: number };
  readonly steps: number;
  readonly bestStep: number;
  readonly learnedNumbers: number;
  readonly examplesPerSecond: number;
  readonly seconds: number;
}

/**
 * Learns to explain: sentences of reviews, behind a prompt with rows of the user and the item. An interrupted run saves its state, and
 * the same call goes on from there.
 * @throws TUNING_SETTING, TEMPLATE_INVALID, PROMPT_FOLDER_EXISTS, RUN_UNFINISHED, and the errors of loadExplanationData and loadModel
 */
export async function tuneExplanations(given: ExplanationOptions, hooks: TuneHooks = {}): Promise<ExplanationResult> {
  const options = await listRows(given);
  const plan = settled(options);
  return startJob(EXPLANATION_JOB, { out: plan.out, overwrite: plan.overwrite, plan: options }, hooks, tuning());
}

/** Goes on with an interrupted or killed run, bit for bit. Errors: RUN_NOT_FOUND, and those of `tuneExplanations`. */
export async function resumeExplanations(folder: string, hooks: TuneHooks = {}): Promise<ExplanationResult> {
  return resumeJob(EXPLANATION_JOB, folder, hooks, tuning());
}

/** @throws TUNING_SETTING, TEMPLATE_INVALID, NOTHING_TO_LEARN */
function settled(options: ExplanationOptions): ExplanationPlan {
  const plan = explanationPlan(options);
  const { tokens }: Method = METHODS[plan.method];
  const template =
    options.template === undefined && tokens === 'none'
      ? EXPLANATION_TEMPLATE.replace(/\[soft:"(.*?)"\]/u, '$1')
      : plan.template;
  const places = explanationPlaces(template);
  const learned = hasLearnedTokens(template);
  if (learned && tokens === 'none') {
    throw new SoftpromptError('TEMPLATE_INVALID', {
      found: `The template ${JSON.stringify(template)} has learned tokens, of which the method ${plan.method} has none`,
      expected: 'a template without [soft:…]',
      fix: 'Leave them out, or learn tokens (--method soft).',
    });
  }
  if (!learned && (tokens === 'front' || (tokens !== 'none' && places.length === 0))) {
    throw new SoftpromptError('NOTHING_TO_LEARN', {
      found: `The template ${JSON.stringify(template)} has no learned tokens${tokens === 'front' ? '' : ', and no rows that are made'}`,
      expected: 'at least one [soft:N], or [user:vector]',
      fix: 'Put [soft:20] in front of it.',
    });
  }
  return { ...plan, template };
}

function tuning() {
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  return {
    work: (job: RunningJob<ExplanationOptions>, hooks: TuneHooks) => tune(job, hooks, seconds),
    interrupted: ({ folder }: RunningJob<ExplanationOptions>): ExplanationResult => ({
      ...{ ended: 'interrupted', out: folder.path, template: '', train: { rows: 0, users: 0, items: 0, features: 0 } },
      ...{ steps: 0, bestStep: 0, learnedNumbers: 0, examplesPerSecond: 0, seconds: seconds() },
    }),
  };
}

async function tune(
  job: RunningJob<ExplanationOptions>,
  hooks: TuneHooks,
  seconds: () => number,
): Promise<ExplanationResult> {
  const plan = settled(job.plan);
  const data = await loadExplanationData(plan, hooks.signal);
  const model = await loadModel(plan.model, hooks);
  hooks.onEvent?.(modelEvent(plan.model, model));
  const { train, valid, test } = data;
  hooks.onEvent?.({ event: 'data', train: train.length, valid: valid.length, test: test?.length ?? 0 });
  for (const text of data.notes) hooks.onEvent?.({ event: 'note', text });
  const sources = await prepareSources(model, data, plan, hooks);
  const explaining = await explanationTask(model, plan, sources);
  try {
    const learned = await learnExplanations(explaining, data, sources, plan, hooks, async (basis) => {
      const inputs = promptInputs(model.checkpoint.hash, basis.sequences);
      await job.begin();
      await job.readInputs(inputs);
      const hash = createHash('sha256')
        .update(JSON.stringify([inputs, basis.settings]))
        .update(basis.initial)
        .digest('hex');
      return job.folder.shard('explanations', PROMPT_STATE, hash);
    });
    const about = {
      ...{ out: plan.out, template: plan.template, steps: learned.steps, bestStep: learned.bestStep },
      ...{ learnedNumbers: learned.learned.length, examplesPerSecond: learned.examplesPerSecond },
      train: {
        rows: train.length,
        users: sources.known.users.ids.length,
        items: sources.known.items.ids.length,
        features: data.features.length,
      },
    };
    if (learned.ended === 'interrupted') return { ended: 'interrupted', ...about, seconds: seconds() };
    const table = await measureLearned(explaining, data, sources, plan, learned.learned, hooks);
    const { template, method, maxLength, maxNewTokens, rank, alpha, rslora, targetModules } = plan;
    const saved: SavedExplanations = {
      plan: { template, method, maxLength, maxNewTokens, rank, alpha, rslora, targetModules },
      baseModel: describeBaseModel(model.checkpoint),
      ...{ learned: learned.learned, scale: sources.scale, known: sources.known, vectors: sources.vectors },
      ...{ items: data.items, features: data.features },
      metrics: JSON.parse(JSON.stringify({ ...table, settings: learned.settings })) as Record<string, JsonValue>,
    };
    await writeExplanations(plan.out, saved, explanationCard(saved, table));
    await job.end();
    return { ended: 'finished', ...about, ...table, seconds: seconds() };
  } finally {
    await explaining.task.network.release();
  }
}

async function prepareSources(
  model: FrozenModel,
  data: ExplanationData,
  plan: ExplanationPlan,
  hooks: TuneHooks,
): Promise<PersonalSources> {
  const places = explanationPlaces(plan.template);
  const sentences = places.some(({ source }) => source === 'text')
    ? await readSentences(model, data.train, plan, hooks)
    : undefined;
  const met = new Set(data.train.map(({ item }) => item));
  return {
    known: knownReviews(data.train, sentences),
    vectors: plan.recommender === undefined ? undefined : await readRecommenderVectors(plan.recommender, met),
    items: data.items,
    learnedFrom: { rows: data.train, sentences },
    scale: await scaleOf(model, plan.method),
  };
}

/** Sentences as the frozen model reads them, whitened; undefined where they are too few to whiten. */
async function readSentences(
  model: FrozenModel,
  rows: readonly Explanation[],
  { readLayers, textWidth, seed, threads }: ExplanationPlan,
  { onEvent, signal }: TuneHooks,
): Promise<SentenceVectors | undefined> {
  if (rows.length < ITEMS_A_DIRECTION) return undefined;
  const ids = rows.map((_, i) => `${i}`);
  const reader = await openItemReader(
    model,
    { ids, columns: new Map([['sentence', rows.map(({ text }) => text)]]) },
    ids,
    new Uint8Array(rows.length).fill(1),
    {
      ...{ layers: readLayers, textWidth, seed, threads, itemTemplate: '{sentence}' },
      ...{ maxTextLength: 64, learnPrompt: false, method: 'soft', pooling: undefined },
    },
    (done, all) => {
      signal?.throwIfAborted();
      onEvent?.({ event: 'scoring', what: 'reading the sentences', done, all });
    },
  );
  await reader.release();
  return { values: reader.features.vectors, width: reader.features.width };
}
