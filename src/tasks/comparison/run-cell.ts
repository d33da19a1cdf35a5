import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { median } from '../../evaluation/percentile.js';
import { METHODS, type MethodName } from '../../methods/registry.js';
import type { FrozenModel } from '../../network/load-model.js';
import { learnPrompt } from '../learn-prompt.js';
import { predict, promptOnModel } from '../open-prompt.js';
import type { SavedPrompt } from '../prompt-folder/saved-prompt.js';
import { writePrompt } from '../prompt-folder/write-prompt.js';
import type { TaskData } from '../task-data.js';
import type { TuneHooks } from '../tune-events.js';
import { learnPlan } from '../tune-options.js';
import type { ComparePlan } from './compare-options.js';
import { type ComparedSet, templateFor } from './compared-sets.js';
import type { Budget, Cell } from './comparison.js';

/** What one run is made of. */
export interface CellRequest {
  readonly model: FrozenModel;
  readonly plan: ComparePlan;
  readonly set: ComparedSet;
  readonly budget: Budget;
  readonly method: MethodName;
  readonly seed: number;
  readonly data: TaskData;
  /** Where what was learned is kept. */
  readonly folder: string;
}

/** Updates of a first try that shows the speed. */
const PROBE_STEPS = 3;
/** Single answers that are timed. */
const TIMED = 12;
const SAMPLE_MS = 50;

/** Learns with one method, measures, and keeps what was learned; undefined where the signal ended it. */
export async function runCell(request: CellRequest, hooks: TuneHooks): Promise<Cell | undefined> {
  const { model, plan, set, budget, method, seed, data } = request;
  const learn = async (maxSteps: number | undefined) => {
    const { batchSize, maxLength, threads } = plan;
    const asked = learnPlan({
      ...{ template: templateFor(method, set.template, plan.tokens), labels: set.labels, method },
      ...{ seed, batchSize, maxLength, threads, maxSteps, baselines: false },
      ...{ columns: set.columns, labelColumn: set.labelColumn },
    });
    return learnPrompt(model, data, asked, hooks);
  };
  let { maxSteps } = budget;
  if (budget.seconds !== undefined && !METHODS[method].solvedAtOnce) {
    const { report } = await learn(PROBE_STEPS);
    if (report.ended === 'interrupted') return undefined;
    const batch = Math.min(plan.batchSize, data.train.length);
    maxSteps = Math.max(1, Math.floor((budget.seconds * report.examplesPerSecond) / batch));
  }
  const memory = watchMemory();
  const { saved, report } = await learn(maxSteps).finally(memory.stop);
  if (saved === undefined) return undefined;
  await writePrompt(request.folder, saved, { overwrite: true });
  const judged = report.test ?? report.valid!;
  return {
    ...{ set: set.name, budget, method, seed, trainExamples: data.train.length },
    ...{ accuracy: judged.accuracy, macroF1: judged.macroF1, validAccuracy: report.valid!.accuracy },
    ...{ steps: report.steps, learningRate: report.learningRate, learned: saved.learned.values.length },
    ...{ seconds: report.seconds, peakMib: memory.peakMib(), folderBytes: await bytesOf(request.folder) },
    latencyMs: await latency(saved, request, hooks.signal),
  };
}

/** The median time of single answers, the first one not counted. */
async function latency(saved: SavedPrompt, { model, plan, data }: CellRequest, signal?: AbortSignal): Promise<number> {
  const prompt = promptOnModel(saved, model, { threads: plan.threads });
  try {
    const times: number[] = [];
    for (const { fields } of (data.test ?? data.valid).slice(0, TIMED + 1)) {
      const started = performance.now();
      await predict(prompt, [fields], signal ? { signal } : {});
      times.push(performance.now() - started);
    }
    return median(times.length > 1 ? times.slice(1) : times);
  } finally {
    await prompt.close();
  }
}

function watchMemory() {
  const rss = () => process.memoryUsage.rss() / 2 ** 20;
  let peak = rss();
  const timer = setInterval(() => {
    peak = Math.max(peak, rss());
  }, SAMPLE_MS);
  return { stop: () => clearInterval(timer), peakMib: () => peak };
}

async function bytesOf(folder: string): Promise<number> {
  const files = await readdir(folder, { withFileTypes: true });
  const sizes = await Promise.all(
    files.filter((file) => file.isFile()).map(async ({ name }) => (await stat(join(folder, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
