import { calibrate } from '../../evaluation/calibration.js';
import { type ClassificationReport, evaluateClassification } from '../../evaluation/classification-report.js';
import { reportRow } from '../../evaluation/score-table.js';
import type { FrozenModel } from '../../network/load-model.js';
import type { SavedPrompt } from '../prompt-folder/saved-prompt.js';
import { writtenTask } from '../prompt-search/local-scorer.js';
import { calibrationOf } from '../prompt-search/prompt-scores.js';
import { savedPrompt } from '../saved-prompt.js';
import { targetsOf } from '../task.js';
import type { TaskData } from '../task-data.js';
import { demonstrationTemplates, labelEntropy } from './demonstrations.js';
import type { DesignPlan } from './design-options.js';
import type { Proposal } from './proposals.js';

/** Labelled examples in front of a form, and how good that is. */
export interface Demonstrated {
  readonly template: string;
  /** How many are shown, and how many orders of them were tried. */
  readonly examples: number;
  readonly orders: number;
  readonly entropy: number;
  readonly valid: ClassificationReport;
  readonly test?: ClassificationReport | undefined;
  readonly saved: SavedPrompt;
}

/**
 * An example of each label in front of a form, in the order whose answers to the training texts have the most entropy (Lu et al.
 * 2022), calibrated by these texts (Zhou et al. 2024). Undefined where they find no room.
 */
export async function demonstrate(
  model: FrozenModel,
  data: TaskData,
  { template, labels }: Pick<Proposal, 'template' | 'labels'>,
  { seed, threads }: Pick<DesignPlan, 'seed' | 'threads'>,
  beside: SavedPrompt,
  signal: AbortSignal | undefined,
): Promise<Demonstrated | undefined> {
  const { templates, shown } = demonstrationTemplates(template, labels, data.train, seed);
  const hidden = new Set(shown.map(({ id }) => id));
  const probing = data.train.filter(({ id }) => !hidden.has(id));
  if (probing.length === 0 || templates.length === 0) return undefined;
  const maxLength = Math.min(model.checkpoint.config.maxPositions, 1024);
  const none = new Float32Array(0);
  const options = signal === undefined ? {} : { signal };
  let best: { readonly template: string; readonly entropy: number } | undefined;
  for (const one of templates) {
    const task = writtenTask(model, one, { labels, maxLength, threads });
    try {
      if (task.compiled.fixedLength + 32 > task.maxLength) return undefined;
      const entropy = labelEntropy(await task.score(none, probing.map(task.encode), options));
      if (best === undefined || entropy > best.entropy) best = { template: one, entropy };
    } finally {
      await task.network.release();
    }
  }
  const task = writtenTask(model, best!.template, { labels, maxLength, threads });
  try {
    const own = probing.map(task.encode);
    const calibration = calibrationOf(await task.score(none, own, options), targetsOf(own));
    const report = async (examples: TaskData['train']) => {
      const sequences = examples.map(task.encode);
      const scores = calibrate(calibration, await task.score(none, sequences, options));
      return evaluateClassification({ scores, targets: targetsOf(sequences), labels: task.labelKeys, seed });
    };
    const valid = await report(data.valid);
    const test = data.test && (await report(data.test));
    const rows = [reportRow('demonstrations, calibrated', test ?? valid), ...(beside.metrics[0]?.rows ?? [])];
    const saved = savedPrompt(task, {
      ...{ prompt: none, initial: none, calibration, columns: beside.columns },
      tuning: { demonstrations: shown.length, orders: templates.length, seed, maxLength },
      metrics: [{ split: test === undefined ? 'validation' : 'test', rows }],
    });
    const facts = {
      template: best!.template,
      examples: shown.length,
      orders: templates.length,
      entropy: best!.entropy,
    };
    return { ...facts, valid, ...(test && { test }), saved };
  } finally {
    await task.network.release();
  }
}
