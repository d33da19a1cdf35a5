import { createHash } from 'node:crypto';
import { listRows } from '../../data/row-source.js';
import { type RunningJob, resumeJob, startJob } from '../../jobs/run-job.js';
import { type FrozenModel, loadModel } from '../../network/load-model.js';
import { placeName } from '../../prompt/made-places.js';
import { describeBaseModel } from '../../tasks/prompt-folder/base-model-match.js';
import type { JsonValue } from '../../tasks/prompt-folder/saved-prompt.js';
import { PROMPT_STATE, promptInputs } from '../../tasks/prompt-job.js';
import { modelEvent, type TuneHooks } from '../../tasks/tune-events.js';
import { type LearnedPreference, learnPreference } from './learn-preference.js';
import { answers, encodeJudged, type JudgedRows, judgedRows, reportOn, sampleUsers } from './measure-preference.js';
import { preferenceBaselines } from './preference-baselines.js';
import { preferenceCard } from './preference-card.js';
import { loadPreferenceData, type PreferenceData, withTold } from './preference-data.js';
import { type SavedPreference, writePreference } from './preference-folder.js';
import { PREFERENCE_JOB } from './preference-job.js';
import { type PreferenceOptions, type PreferencePlan, preferencePlan } from './preference-options.js';
import { openPreferenceTask, prepareSources } from './preference-setup.js';
import type { MeasuredPreference, PreferenceTable } from './preference-table.js';
import type { PreferenceTask } from './preference-task.js';
import { preferenceVerdict } from './preference-verdict.js';
import { PROMPT_ALONE, withOffset } from './rates-offset.js';
import type { Sources } from './sources.js';

export interface PreferenceResult extends PreferenceTable {
  readonly ended: 'finished' | 'interrupted';
  readonly out: string;
  readonly template: string;
  /** Which answers rates were made of in the test. */
  readonly statistics: PreferencePlan['statistics'];
  readonly train: { readonly rows: number; readonly users: number; readonly items: number };
  readonly steps: number;
  /** 0 where no update was better than the start. */
  readonly bestStep: number;
  readonly learnedNumbers: number;
  readonly examplesPerSecond: number;
  /** Of training alone, and of all. */
  readonly fitSeconds: number;
  readonly seconds: number;
}

/**
 * Learns whether people will like things: a prompt whose rows are made of what is known of a user and an item, behind which
 * a frozen model answers yes or no. An interrupted fit saves its state, and the same call goes on from there.
 * @throws RECOMMEND_OPTION, PROMPT_FOLDER_EXISTS, PROMPT_FOLDER_UNWRITABLE, RUN_UNFINISHED, and the errors of
 * loadPreferenceData, loadModel and the template's compiler
 */
export async function fitPreference(given: PreferenceOptions, hooks: TuneHooks = {}): Promise<PreferenceResult> {
  const options = await listRows(given);
  const plan = preferencePlan(options);
  return startJob(PREFERENCE_JOB, { out: plan.out, overwrite: plan.overwrite, plan: options }, hooks, fitting());
}

/** Goes on with an interrupted or killed fit, bit for bit. Errors: RUN_NOT_FOUND, and those of `fitPreference`. */
export async function resumePreference(folder: string, hooks: TuneHooks = {}): Promise<PreferenceResult> {
  return resumeJob(PREFERENCE_JOB, folder, hooks, fitting());
}

function fitting() {
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  const none = {
    steps: 0,
    bestStep: 0,
    learnedNumbers: 0,
    examplesPerSecond: 0,
    train: { rows: 0, users: 0, items: 0 },
  };
  const interrupted = ({ folder }: RunningJob<PreferenceOptions>): PreferenceResult => ({
    ...{ ended: 'interrupted', out: folder.path, template: '', statistics: 'known', ...none },
    ...{ fitSeconds: seconds(), seconds: seconds() },
  });
  const work = (job: RunningJob<PreferenceOptions>, hooks: TuneHooks) => fit(job, hooks, seconds);
  return { work, interrupted };
}

async function fit(
  job: RunningJob<PreferenceOptions>,
  hooks: TuneHooks,
  seconds: () => number,
): Promise<PreferenceResult> {
  const plan = preferencePlan(job.plan);
  const data = await loadPreferenceData(plan, hooks.signal);
  const model = await loadModel(plan.model, hooks);
  hooks.onEvent?.(modelEvent(plan.model, model));
  hooks.onEvent?.({
    event: 'data',
    train: data.train.length,
    valid: data.valid.length,
    test: data.test?.length ?? 0,
  });
  for (const text of data.notes) hooks.onEvent?.({ event: 'note', text });
  const sources = await prepareSources(model, data, plan, (done, all) => {
    hooks.signal?.throwIfAborted();
    hooks.onEvent?.({ event: 'scoring', what: 'reading the items', done, all });
  });
  const task = openPreferenceTask(model, data, sources, plan);
  try {
    const learned = await learnPreference(task, data, plan, hooks, async ({ sequences, settings, initial }) => {
      const inputs = promptInputs(model.checkpoint.hash, sequences);
      await job.begin();
      await job.readInputs(inputs);
      const basis = createHash('sha256')
        .update(JSON.stringify([inputs, settings]))
        .update(initial)
        .digest('hex');
      return job.folder.shard('preference', PROMPT_STATE, basis);
    });
    const about = {
      out: plan.out,
      template: plan.template,
      statistics: plan.statistics,
      train: countsOf(data),
      ...{ steps: learned.steps, bestStep: learned.bestStep, learnedNumbers: learned.learned.length },
      ...{ examplesPerSecond: learned.examplesPerSecond, fitSeconds: seconds() },
    };
    if (learned.ended === 'interrupted') return { ended: 'interrupted', ...about, seconds: seconds() };
    const measured = await measure(model, task, data, sources, plan, learned, hooks);
    const trained = withTold(data.train);
    const saved: SavedPreference = {
      plan: planOf(plan),
      baseModel: describeBaseModel(model.checkpoint),
      ...{ learned: learned.learned, initial: learned.initial, teacher: learned.teacher, offset: learned.offset },
      ...{ items: data.items, users: data.users, title: data.title, text: sources.text, vector: sources.vector },
      factors: sources.factors,
      ...{ itemCodes: sources.items.codes, userCodes: sources.users.codes },
      answers: [...trained, ...withTold(data.valid)],
      learnedFrom: trained.length,
      like: plan.like,
      metrics: JSON.parse(JSON.stringify({ ...measured, settings: learned.settings })) as Record<string, JsonValue>,
    };
    await writePreference(plan.out, saved, preferenceCard(saved, measured));
    await job.end();
    return { ended: 'finished', ...about, ...measured, seconds: seconds() };
  } finally {
    await task.network.release();
  }
}

const countsOf = ({ train }: PreferenceData): PreferenceResult['train'] => ({
  rows: train.length,
  users: new Set(train.map(({ user }) => user)).size,
  items: new Set(train.map(({ item }) => item)).size,
});

/** Rows on which the model answers anew for an ablation, at most. */
const ABLATION_ROWS = 2000;

/** The table: what was learned, its baselines and ablations, on the same rows. */
async function measure(
  model: FrozenModel,
  task: PreferenceTask,
  data: PreferenceData,
  sources: Sources,
  plan: PreferencePlan,
  learned: LearnedPreference,
  hooks: TuneHooks,
): Promise<PreferenceTable> {
  const judged = judgedRows(data, plan.statistics);
  const sequences = await encodeJudged(task, judged, hooks.signal);
  const report = (odds: ArrayLike<number>, of: JudgedRows = judged) => reportOn(of, odds, plan.seed);
  const alone = { ...learned, offset: PROMPT_ALONE };
  const ofPrompt = await answers(task, alone, sequences, 'scoring the test rows', hooks);
  const answered = withOffset(learned.offset, learned.teacher, sequences, ofPrompt);
  const test = report(answered);
  if (!plan.baselines) return { test };
  const baselines = await preferenceBaselines({ model, task, data, sources, plan, learned, judged }, hooks);
  const ablations: Record<string, MeasuredPreference> = {};
  if (learned.offset !== PROMPT_ALONE) {
    ablations.prompt_alone = { about: 'without the regression that is added', ...report(ofPrompt) };
  }
  for (const statistics of ['train', 'known', 'stream'] as const) {
    if (statistics === plan.statistics || (statistics === 'known' && data.test === undefined)) continue;
    const other = judgedRows(data, statistics);
    const encoded = await encodeJudged(task, other, hooks.signal);
    const odds = await answers(task, learned, encoded, `scoring with the statistics '${statistics}'`, hooks);
    ablations[`statistics_${statistics}`] = report(odds, other);
  }
  const some = sampleUsers(judged, ABLATION_ROWS, plan.seed);
  const sampled = some.places.map((place) => sequences[place]!);
  const all = withOffset(
    learned.offset,
    learned.teacher,
    sampled,
    Float64Array.from(some.places, (i) => ofPrompt[i]!),
  );
  if (task.places.length > 0) ablations.nothing_left_out = report(all, some);
  for (const [i, place] of task.places.entries()) {
    const name = placeName(place);
    const odds = await answers(task, learned, sampled, `scoring without ${name}`, hooks, i);
    ablations[`without_${name.replace(':', '_')}`] = report(odds, some);
  }
  const { rows } = judged;
  const verdict = preferenceVerdict(
    {
      ...{ logOdds: answered, liked: rows.map(({ liked }) => Number(liked)), users: rows.map(({ user }) => user) },
      others: baselines.flatMap(({ about, logOdds, judged: of }) =>
        of === undefined ? [{ name: about, logOdds }] : [],
      ),
    },
    plan.seed,
  );
  return {
    ...(verdict && { verdict }),
    test,
    baselines: Object.fromEntries(
      baselines.map(({ name, about, logOdds, judged: of }) => [name, { about, ...report(logOdds, of) }]),
    ),
    ablations,
  };
}

function planOf(plan: PreferencePlan): SavedPreference['plan'] {
  const { template, labels, method, hidden, maxLength, rank, alpha, rslora, targetModules, statistics } = plan;
  return { template, labels, method, hidden, maxLength, rank, alpha, rslora, targetModules, statistics };
}
