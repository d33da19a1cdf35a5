import type { ClassificationReport } from '../evaluation/classification-report.js';
import type { GenerationReport } from '../evaluation/generation/generation-report.js';
import type { RunningJob } from '../jobs/run-job.js';
import { resumeJob, startJob } from '../jobs/run-job.js';
import { settleChat } from '../network/chat.js';
import { lastingSource, loadModel } from '../network/load-model.js';
import { parseTemplate } from '../prompt/parse-template.js';
import { learnGeneration } from './learn-generation.js';
import { interruptedReport, type LearningKeeper, learnPrompt } from './learn-prompt.js';
import { inputFields, rowFields } from './made-rows/text-rows.js';
import { writePrompt } from './prompt-folder/write-prompt.js';
import { fingerprint, PROMPT_JOB, promptInputs, seedShard } from './prompt-job.js';
import { loadTaskData, TARGET_COLUMN } from './task-data.js';
import { templateFields } from './template-fields.js';
import {
  dataEvent,
  type LearnReport,
  modelEvent,
  type TaskReport,
  type TuneHooks,
  type TuneResult,
} from './tune-events.js';
import { type TuneOptions, type TunePlan, tunePlan } from './tune-options.js';

/**
 * The whole way from files to a learned prompt in a folder: load, split, initialise, train, choose the best by
 * validation, measure it beside its baselines, save.
 */
export function tunePrompt(
  options: TuneOptions & { readonly task: 'generate' },
  hooks?: TuneHooks,
): Promise<TuneResult<GenerationReport>>;
export function tunePrompt(options: TuneOptions, hooks?: TuneHooks): Promise<TuneResult>;
export async function tunePrompt(options: TuneOptions, hooks: TuneHooks = {}): Promise<TuneResult<TaskReport>> {
  const plan = tunePlan(options);
  return startJob(PROMPT_JOB, { out: plan.out, overwrite: plan.overwrite, plan }, hooks, tuning<TaskReport>());
}

/** Goes on with an interrupted or killed run; one that kept its training is measured and saved again. */
export async function resumeTuning<Report extends TaskReport = ClassificationReport>(
  folder: string,
  hooks: TuneHooks = {},
): Promise<TuneResult<Report>> {
  return resumeJob(PROMPT_JOB, folder, hooks, tuning<Report>());
}

/** A run. @param prepare makes its options, once the folder is its own; default: those that the job has */
export function tuning<Report extends TaskReport = ClassificationReport>(
  prepare?: (hooks: TuneHooks) => Promise<TuneOptions>,
) {
  const started = performance.now();
  return {
    work: async (job: RunningJob<TuneOptions>, hooks: TuneHooks): Promise<TuneResult<Report>> => {
      if (prepare) await job.settle(await prepare(hooks));
      // which task it is, its options say
      const report = (await learnFromFiles(job, hooks)) as LearnReport<Report>;
      return resultOf(job.plan.out, { ...report, ...costs(started) });
    },
    interrupted: ({ folder }: RunningJob<TuneOptions>) => resultOf(folder.path, interruptedReport<Report>(started)),
  };
}

async function learnFromFiles(job: RunningJob<TuneOptions>, hooks: TuneHooks): Promise<LearnReport<TaskReport>> {
  const { signal } = hooks;
  const given = tunePlan(job.plan);
  const model = await loadModel(
    given.model,
    signal === undefined ? hooks : { ...hooks, hub: { ...hooks.hub, signal } },
  );
  hooks.onEvent?.(modelEvent(given.model, model));
  // a run goes on with the very model that it began with
  const lasting = model.checkpoint.origin ? { ...given, model: lastingSource(model.checkpoint) } : given;
  const plan = await settleChat(lasting, model);
  const generates = plan.task === 'generate';
  const template = parseTemplate(plan.template);
  const fields = generates
    ? templateFields(template)
    : [...inputFields(template), ...(plan.chosenColumn === undefined ? [] : [plan.chosenColumn])];
  // the start of made rows has learned from all training rows
  const folds = rowFields(template).length > 0 && plan.folds === 'auto' ? 0 : plan.folds;
  const data = generates
    ? await loadTaskData(plan, { ...plan, labelColumn: plan.targetColumn ?? TARGET_COLUMN }, fields)
    : await loadTaskData(plan, { ...plan, folds }, fields, Object.keys(plan.labels));
  hooks.onEvent?.(dataEvent(data));
  const learn = generates ? learnGeneration : learnPrompt;
  const { saved, report } = await learn(model, data, plan, hooks, keeper(job, plan, hooks));
  if (saved === undefined) return report;
  await writePrompt(plan.out, saved, { overwrite: true });
  if (!plan.keepTraining) await job.end();
  return report;
}

/** Keeps options and states in the prompt's folder. */
function keeper(job: RunningJob<TuneOptions>, plan: TunePlan, { parts }: TuneHooks): LearningKeeper {
  return {
    parts,
    begin: (settled) => job.begin({ ...plan, ...settled }),
    settled: (settled) => job.settle({ ...plan, ...settled }),
    state: (seed, { checkpoint: { hash } }, sequences) => {
      const shard = seedShard(job.folder, seed, fingerprint(hash, sequences));
      return {
        ...shard,
        read: async () => {
          await job.readInputs(promptInputs(hash, sequences));
          return shard.read();
        },
      };
    },
    read: ({ checkpoint: { hash } }, sequences) => job.readInputs(promptInputs(hash, sequences)),
  };
}

const resultOf = <Report>(out: string, { ended, ...report }: LearnReport<Report>): TuneResult<Report> => ({
  ended,
  out,
  ...report,
});

const costs = (started: number) => ({
  seconds: (performance.now() - started) / 1000,
  peakRssMib: process.resourceUsage().maxRSS / 1024,
});
