import type { RunningJob } from '../jobs/run-job.js';
import { resumeJob, startJob } from '../jobs/run-job.js';
import { lastingSource, loadModel } from '../network/load-model.js';
import { parseTemplate } from '../prompt/parse-template.js';
import { interruptedReport, type LearningKeeper, learnPrompt } from './learn-prompt.js';
import { writePrompt } from './prompt-folder/write-prompt.js';
import { fingerprint, PROMPT_JOB, promptInputs, seedShard } from './prompt-job.js';
import { loadTaskData } from './task-data.js';
import { templateFields } from './text-task.js';
import { dataEvent, type LearnReport, modelEvent, type TuneHooks, type TuneResult } from './tune-events.js';
import { type TuneOptions, type TunePlan, tunePlan } from './tune-options.js';

/**
 * The whole way from files to a learned prompt in a folder: load, split, initialise, train, choose the best by
 * validation, measure it beside its baselines, save.
 */
export async function tunePrompt(options: TuneOptions, hooks: TuneHooks = {}): Promise<TuneResult> {
  const plan = tunePlan(options);
  return startJob(PROMPT_JOB, { out: plan.out, overwrite: plan.overwrite, plan }, hooks, tuning());
}

/** Goes on with an interrupted or killed run; one that kept its training is measured and saved again. */
export async function resumeTuning(folder: string, hooks: TuneHooks = {}): Promise<TuneResult> {
  return resumeJob(PROMPT_JOB, folder, hooks, tuning());
}

/** A run. @param prepare makes its options, once the folder is its own; default: those that the job has */
export function tuning(prepare?: (hooks: TuneHooks) => Promise<TuneOptions>) {
  const started = performance.now();
  return {
    work: async (job: RunningJob<TuneOptions>, hooks: TuneHooks): Promise<TuneResult> => {
      if (prepare) await job.settle(await prepare(hooks));
      const report = await learnFromFiles(job, hooks);
      return resultOf(job.plan.out, { ...report, ...costs(started) });
    },
    interrupted: ({ folder }: RunningJob<TuneOptions>) => resultOf(folder.path, interruptedReport(started)),
  };
}

async function learnFromFiles(job: RunningJob<TuneOptions>, hooks: TuneHooks) {
  const { signal } = hooks;
  const given = tunePlan(job.plan);
  const model = await loadModel(
    given.model,
    signal === undefined ? hooks : { ...hooks, hub: { ...hooks.hub, signal } },
  );
  hooks.onEvent?.(modelEvent(given.model, model));
  // a run goes on with the very model that it began with
  const plan = model.checkpoint.origin ? { ...given, model: lastingSource(model.checkpoint) } : given;
  const fields = templateFields(parseTemplate(plan.template));
  const data = await loadTaskData(plan, plan, fields, Object.keys(plan.labels));
  hooks.onEvent?.(dataEvent(data));
  const { saved, report } = await learnPrompt(model, data, plan, hooks, keeper(job, plan));
  if (saved === undefined) return report;
  await writePrompt(plan.out, saved, { overwrite: true });
  if (!plan.keepTraining) await job.end();
  return report;
}

/** Keeps options and states in the prompt's folder. */
function keeper(job: RunningJob<TuneOptions>, plan: TunePlan): LearningKeeper {
  return {
    begin: (settled) => job.begin({ ...plan, ...settled }),
    settled: (settled) => job.settle({ ...plan, ...settled }),
    state: (seed, { checkpoint: { hash } }, sequences) => {
      const { read, write } = seedShard(job.folder, seed, fingerprint(hash, sequences));
      return {
        read: async () => {
          await job.readInputs(promptInputs(hash, sequences));
          return read();
        },
        write,
      };
    },
  };
}

const resultOf = (out: string, { ended, ...report }: LearnReport): TuneResult => ({ ended, out, ...report });

const costs = (started: number) => ({
  seconds: (performance.now() - started) / 1000,
  peakRssMib: process.resourceUsage().maxRSS / 1024,
});
