import type { Example } from '../../data/example.js';
import { fitBagOfWords } from '../../evaluation/bag-of-words.js';
import { evaluateClassification } from '../../evaluation/classification-report.js';
import { majorityBaseline } from '../../evaluation/majority-baseline.js';
import type { FrozenModel } from '../../network/load-model.js';
import { parseTemplate } from '../../prompt/parse-template.js';
import { writtenBaselines } from '../measure-run.js';
import type { TaskData } from '../task-data.js';
import { templateFields } from '../template-fields.js';
import { textTask } from '../text-task.js';
import type { TuneHooks } from '../tune-events.js';
import type { ComparePlan } from './compare-options.js';
import { type ComparedSet, templateFor } from './compared-sets.js';
import type { Baseline, Budget } from './comparison.js';

/** What the same examples give without learning anything of a language model: a bag of words, and the most frequent label. */
export function textBaselines(
  set: ComparedSet,
  budget: Budget,
  seed: number,
  { train, valid, test = valid }: TaskData,
): Baseline[] {
  const keys = Object.keys(set.labels);
  const fields = templateFields(parseTemplate(set.template));
  const textOf = (example: Example) => fields.map((field) => example.fields[field] ?? '').join(' ');
  const labelled = (examples: readonly Example[]) =>
    examples.map((example) => ({ text: textOf(example), label: keys.indexOf(example.label!) }));
  const targets = Int32Array.from(labelled(test), ({ label }) => label);
  const fit = fitBagOfWords(labelled(train), labelled(valid), keys.length);
  const words = evaluateClassification({ scores: fit.score(test.map(textOf)), targets, labels: keys, seed });
  const known = Int32Array.from(labelled(train), ({ label }) => label);
  const majority = majorityBaseline(known, targets, keys.length);
  const facts = { set: set.name, budget, seed };
  return [
    { ...facts, name: 'bag of words', accuracy: words.accuracy, macroF1: words.macroF1 },
    { ...facts, name: 'majority class', accuracy: majority.accuracy, macroF1: majority.macroF1 },
  ];
}

/** The written prompt, which needs no examples. */
export async function writtenRows(
  model: FrozenModel,
  set: ComparedSet,
  data: TaskData,
  { maxLength, threads, seed }: ComparePlan,
  hooks: TuneHooks,
): Promise<Pick<Baseline, 'name' | 'accuracy' | 'macroF1'>[]> {
  const task = textTask(model, {
    ...{ template: templateFor('lora', set.template, 0), labels: set.labels, method: 'lora' },
    ...{ maxLength, loss: 'labels', threads },
  });
  try {
    const rows = await writtenBaselines(task, data, { maxLength, threads, seed }, hooks);
    return rows.map(({ name, scores }) => ({
      name: name as Baseline['name'],
      accuracy: scores.accuracy!,
      macroF1: scores.macroF1!,
    }));
  } finally {
    await task.network.release();
  }
}
