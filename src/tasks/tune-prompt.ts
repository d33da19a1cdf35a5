import { checkWritable, leavingNothing } from '../files/folder-writing.js';
import { lastingSource, loadModel } from '../network/load-model.js';
import { parseTemplate } from '../prompt/parse-template.js';
import { interruptedReport, type LearningKeeper, learnPrompt } from './learn-prompt.js';
import { checkPromptFolder, writePrompt } from './prompt-folder/write-prompt.js';
import { fingerprint, runFolder } from './run-folder.js';
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
  const { out, overwrite = false } = plan;
  checkPromptFolder(out, { overwrite });
  const folder = runFolder(out);
  if (!overwrite) folder.checkUnused();
  await checkWritable(`The prompt in ${out}`, out);
  return leavingNothing(out, folder.holdsWorth, () => tuneInFolder(plan, hooks, false));
}

/** Goes on with an interrupted or killed run; one that kept its training is measured and saved again. */
export async function resumeTuning(folder: string, hooks: TuneHooks = {}): Promise<TuneResult> {
  return tuneInFolder(tunePlan(await runFolder(folder).readOptions()), hooks, true);
}

async function tuneInFolder(given: TunePlan, hooks: TuneHooks, resumed: boolean): Promise<TuneResult> {
  const started = performance.now();
  try {
    return resultOf(given.out, { ...(await learnFromFiles(given, hooks, resumed)), ...costs(started) });
  } catch (error) {
    const { signal } = hooks;
    if (!signal?.aborted || error !== signal.reason) throw error;
    // while model or data were read: a resumed run begins with these options
    await folderKeeper(given, resumed).begin(given);
    return resultOf(given.out, interruptedReport(started));
  }
}

async function learnFromFiles(given: TunePlan, hooks: TuneHooks, resumed: boolean) {
  const { signal } = hooks;
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
  const { saved, report } = await learnPrompt(model, data, plan, hooks, folderKeeper(plan, resumed));
  if (saved === undefined) return report;
  await writePrompt(plan.out, saved, { overwrite: true });
  if (!plan.keepTraining) await runFolder(plan.out).end();
  return report;
}

/** Keeps options and states in the prompt's folder. */
function folderKeeper(plan: TunePlan, resumed: boolean): LearningKeeper {
  const folder = runFolder(plan.out);
  return {
    begin: async (settled) => {
      if (resumed) return;
      await folder.clear();
      await folder.writeOptions({ ...plan, ...settled });
    },
    settled: (settled) => folder.writeOptions({ ...plan, ...settled }),
    state: (seed, model, sequences) => {
      const basis = fingerprint(model.checkpoint.hash, sequences);
      return {
        read: async () => (resumed ? folder.readState(seed, basis) : undefined),
        write: (state) => folder.writeState(seed, state, basis),
      };
    },
  };
}

const resultOf = (out: string, { ended, ...report }: LearnReport): TuneResult => ({ ended, out, ...report });

const costs = (started: number) => ({
  seconds: (performance.now() - started) / 1000,
  peakRssMib: process.resourceUsage().maxRSS / 1024,
});
