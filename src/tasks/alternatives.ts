import type { Example } from '../data/example.js';
import { type BagOfWords, fitBagOfWords } from '../evaluation/bag-of-words.js';
import { evaluateClassification } from '../evaluation/classification-report.js';
import type { LabelScores } from '../evaluation/label-scores.js';
import { pairedGain } from '../evaluation/paired-gain.js';
import { judgeLabels } from '../evaluation/predicted-labels.js';
import { reportRow, type ScoreRow } from '../evaluation/score-table.js';
import { familyOf } from '../network/families/registry.js';
import type { FrozenModel } from '../network/load-model.js';
import { parseTemplate } from '../prompt/parse-template.js';
import { withoutLearned } from '../prompt/without-learned.js';
import type { TuningSettings } from '../training/settings.js';
import type { AlternativeName } from './alternative-name.js';
import { fitHead } from './fit-head.js';
import { startPrompt } from './start-prompt.js';
import type { TaskData } from './task-data.js';
import { encodeData } from './task-sequences.js';
import { type TextTask, textOf, textTask } from './text-task.js';
import { scoringHooks, type TuneHooks } from './tune-events.js';
import type { LearnPlan } from './tune-options.js';

export interface Alternative {
  readonly name: AlternativeName;
  /** Of the validation data, and of the test data, or of the validation data where there are none. */
  readonly valid: LabelScores;
  readonly scores: LabelScores;
  readonly row: ScoreRow;
  readonly bag?: BagOfWords | undefined;
  readonly head?: { readonly task: TextTask; readonly learned: Float32Array } | undefined;
}

/** More training rows than these are not read for the head: it learns little from more. */
const MOST_READ = 2000;

/** Labelled rows that alternatives learn from, with their labels as numbers. */
interface Rows {
  readonly keys: readonly string[];
  readonly seed: number;
}

/** Words alone, without a language model. */
export function bagOfWordsAlternative({ train, valid, test = valid }: TaskData, { keys, seed }: Rows): Alternative {
  const labelled = (examples: readonly Example[]) =>
    examples.map((example) => ({ text: textOf(example), label: keys.indexOf(example.label!) }));
  const bag = fitBagOfWords(labelled(train), labelled(valid), keys.length);
  const scores = bag.score(test.map(textOf));
  return {
    name: 'bag of words',
    valid: bag.score(valid.map(textOf)),
    scores,
    bag,
    row: rowOf('bag of words', scores, test, keys, seed),
  };
}

/** The same words learned from the validation rows too, with the penalty that these chose. */
export function bagOfAllRows({ train, valid }: TaskData, keys: readonly string[], { regularisation }: BagOfWords) {
  const all = [...train, ...valid].map((example) => ({ text: textOf(example), label: keys.indexOf(example.label!) }));
  return fitBagOfWords(all, [], keys.length, [regularisation]);
}

/** Logistic regression on what the frozen model makes of the texts, behind the same template with nothing learned. */
export async function headAlternative(
  model: FrozenModel,
  data: TaskData,
  plan: Pick<LearnPlan, 'template' | 'labels' | 'maxLength' | 'threads' | 'seed'>,
  settings: TuningSettings,
  hooks: TuneHooks,
  everything = false,
): Promise<Alternative | undefined> {
  const task = headTask(model, plan);
  if (task === undefined) return undefined;
  try {
    const train = everything ? data.train : data.train.slice(0, MOST_READ);
    const sequences = await encodeData(task, { ...data, train }, hooks.signal);
    const initial = await startPrompt(task, { initialisation: 'unchanged' }, 1, plan.seed);
    const quiet: TuneHooks = {
      ...hooks,
      onEvent: (event) => (event.event === 'validation' ? undefined : hooks.onEvent?.(event)),
    };
    const { state, ended } = await fitHead(task, { ...sequences, initial, settings }, quiet);
    if (ended === 'interrupted') return undefined;
    const head = state.best!.weights.prompt!;
    const score = (what: string, some: typeof sequences.train) => task.score(head, some, scoringHooks(what, hooks));
    const valid = await score('scoring the head', sequences.valid);
    const scores = sequences.test ? await score('scoring the head', sequences.test) : valid;
    const row = rowOf('head', scores, data.test ?? data.valid, task.labelKeys, plan.seed);
    return { name: 'head', valid, scores, row, head: { task, learned: head } };
  } finally {
    await task.network.release();
  }
}

function headTask(model: FrozenModel, plan: Parameters<typeof headAlternative>[2]): TextTask | undefined {
  const { labels, maxLength, threads } = plan;
  if (familyOf(model.checkpoint.config).sees === 'source') return undefined; // methods but soft read no encoder-decoder
  const template = withoutLearned(parseTemplate(plan.template));
  const first = template.parts.find((part) => part.kind !== 'words' || part.text.trim() !== '');
  if (first?.kind === 'label') return undefined; // it would read nothing
  return textTask(model, { template, labels, maxLength, loss: 'labels', method: 'head', threads });
}

function rowOf(name: string, scores: LabelScores, examples: readonly Example[], keys: readonly string[], seed: number) {
  return reportRow(name, evaluateClassification({ scores, targets: targetsOf(examples, keys), labels: keys, seed }));
}

const targetsOf = (examples: readonly Example[], keys: readonly string[]): Int32Array =>
  Int32Array.from(examples, ({ label }) => keys.indexOf(label!));

/**
 * Which to keep, by the validation rows: of bag of words and head the one that is right more often, and the prompt where it
 * is right more often still, by more than a standard error of the difference: what is simpler is taken between equals.
 */
export function chooseAlternative(
  prompt: LabelScores,
  alternatives: readonly Alternative[],
  examples: readonly Example[],
  keys: readonly string[],
): Alternative | undefined {
  const targets = targetsOf(examples, keys);
  const right = (scores: LabelScores) =>
    Float64Array.from(judgeLabels(scores, targets), (label, i) => (label === targets[i] ? 1 : 0));
  const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);
  const judged = alternatives.map((one) => ({ one, right: right(one.valid) }));
  const best = judged.reduce<(typeof judged)[number] | undefined>(
    (a, b) => (a !== undefined && sum(a.right) >= sum(b.right) ? a : b),
    undefined,
  );
  if (best === undefined) return undefined;
  const { gain, standardError } = pairedGain(right(prompt), best.right);
  return gain > 0 && gain >= standardError ? undefined : best.one;
}
