import type { Example } from '../data/example.js';
import { type BagOfWords, chooseBagOfWords, type LabelledText, learnBagOfWords } from '../evaluation/bag-of-words.js';
import { pairedBootstrap } from '../evaluation/bootstrap.js';
import { evaluateClassification } from '../evaluation/classification-report.js';
import { oneFold } from '../evaluation/held-out-choice.js';
import { hasLowerLoss, isBetter, judgeScores } from '../evaluation/judgement.js';
import type { LabelScores } from '../evaluation/label-scores.js';
import { weighings } from '../evaluation/label-weights.js';
import type { LogisticRegression } from '../evaluation/logistic-regression.js';
import { macroF1 } from '../evaluation/macro-f1.js';
import { judgeLabels } from '../evaluation/predicted-labels.js';
import { reportRow, type ScoreRow } from '../evaluation/score-table.js';
import { familyOf } from '../network/families/registry.js';
import type { FrozenModel } from '../network/load-model.js';
import { parseTemplate } from '../prompt/parse-template.js';
import { withoutLearned } from '../prompt/without-learned.js';
import type { TuningSettings } from '../training/settings.js';
import type { AlternativeName } from './alternative-name.js';
import { fitHead } from './fit-head.js';
import { scoresOfRegression } from './made-rows/learn-rows.js';
import { startPrompt } from './start-prompt.js';
import type { TaskData } from './task-data.js';
import { encodeData, type TaskSequences } from './task-sequences.js';
import { type TextTask, textOf, textTask } from './text-task.js';
import { scoringHooks, type TuneHooks } from './tune-events.js';
import type { LearnPlan } from './tune-options.js';

export interface Alternative {
  readonly name: AlternativeName;
  /** Of the validation rows, from which it had not learned. */
  readonly valid: LabelScores;
  /** Of the test data, or of the validation rows where there are none. */
  readonly scores: LabelScores;
  readonly row: ScoreRow;
  /** What is kept of a bag of words: one that learned from the validation rows too. */
  readonly bag?: (() => BagOfWords) | undefined;
  readonly head?: { readonly task: TextTask; readonly learned: Float32Array } | undefined;
}

/** Whether a prompt's folder can answer with it. */
export const canBeKept = ({ bag, head }: Alternative): boolean => bag !== undefined || head !== undefined;

/** More training rows than these are not read for the head: it learns little from more. */
const MOST_READ = 2000;

/** The labels in the order of all scores, where random choices start, and whether rare labels are weighed. */
interface Labelling {
  readonly keys: readonly string[];
  readonly seed: number;
  readonly classWeights: LearnPlan['classWeights'];
  /** The fields that hold texts. */
  readonly slots: readonly string[];
  /** Whether the area under the curve is told. */
  readonly withArea: boolean;
}

/** Words alone, without a language model. */
export function bagOfWordsAlternative(
  { train, valid, folds, test }: Omit<TaskData, 'notes'>,
  { keys, seed, classWeights, slots, withArea }: Labelling,
): Alternative {
  const labelled = (examples: readonly Example[]) =>
    examples.map((example): LabelledText => ({ text: textOf(example, slots), label: keys.indexOf(example.label!) }));
  const learn = labelled(train);
  const all = folds ? learn : [...learn, ...labelled(valid)];
  const { candidate, scores: heldOut } = chooseBagOfWords(
    all,
    folds ?? oneFold(train.length, valid.length),
    keys.length,
    {
      weighings: weighings(
        learn.map(({ label }) => label),
        keys.length,
        classWeights,
      ),
    },
  );
  const scores = test
    ? learnBagOfWords(learn, keys.length, candidate).score(test.map((example) => textOf(example, slots)))
    : heldOut;
  return {
    name: 'bag of words',
    valid: heldOut,
    scores,
    bag: () => learnBagOfWords(all, keys.length, candidate),
    row: rowOf('bag of words', scores, test ?? valid, keys, seed, withArea),
  };
}

/** Penalties of a regression on which items were chosen. */
const ITEM_REGULARISATIONS = [1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 1e-1];

/**
 * Logistic regression on which ids of a list an example has, weighted by inverse document frequency and scaled to length 1; its
 * penalty is chosen by the loss of the validation rows.
 * @param column of JSON lists
 */
export function chosenAlternative(
  { train, valid, folds, test }: Omit<TaskData, 'notes'>,
  column: string,
  { keys, seed }: Pick<Labelling, 'keys' | 'seed'>,
): Alternative {
  const featuresOf = (text: string) => JSON.parse(text || '[]') as string[];
  const labelled = (examples: readonly Example[]) =>
    examples.map(({ fields, label }): LabelledText => ({ text: fields[column] ?? '', label: keys.indexOf(label!) }));
  const learn = labelled(train);
  const all = folds ? learn : [...learn, ...labelled(valid)];
  const choice = { featuresOf, regularisations: ITEM_REGULARISATIONS, better: hasLowerLoss };
  const parts = folds ?? oneFold(train.length, valid.length);
  const { candidate, scores: heldOut } = chooseBagOfWords(all, parts, keys.length, choice);
  const fit = () => learnBagOfWords(learn, keys.length, { ...candidate, featuresOf });
  const scores = test ? fit().score(labelled(test).map(({ text }) => text)) : heldOut;
  const name = 'regression on all items';
  return { name, valid: heldOut, scores, row: rowOf(name, scores, test ?? valid, keys, seed, true) };
}

/** The logistic regression on what made rows are made of. */
export function vectorsAlternative(
  teacher: LogisticRegression,
  { valid, test }: Pick<TaskSequences, 'valid' | 'test'>,
  { keys, seed }: Pick<Labelling, 'keys' | 'seed'>,
): Alternative {
  const name = 'regression on the same vectors';
  const scores = scoresOfRegression(teacher, test ?? valid);
  const targets = Int32Array.from(test ?? valid, ({ target }) => target!);
  const row = reportRow(name, evaluateClassification({ scores, targets, labels: keys, seed }), true);
  return { name, valid: scoresOfRegression(teacher, valid), scores, row };
}

/** Logistic regression on what the frozen model makes of the texts, behind the same template with nothing learned. */
export async function headAlternative(
  model: FrozenModel,
  data: TaskData,
  plan: Pick<LearnPlan, 'template' | 'labels' | 'maxLength' | 'threads' | 'seed' | 'classWeights'>,
  settings: TuningSettings,
  hooks: TuneHooks,
  { everything = false, withArea = false } = {},
): Promise<Alternative | undefined> {
  const task = headTask(model, plan);
  if (task === undefined) return undefined;
  try {
    const train = everything || data.folds ? data.train : data.train.slice(0, MOST_READ);
    const sequences = await encodeData(task, { ...data, train }, hooks.signal);
    const initial = await startPrompt(task, { initialisation: 'unchanged' }, 1, plan.seed);
    const quiet: TuneHooks = {
      ...hooks,
      onEvent: (event) => (event.event === 'validation' ? undefined : hooks.onEvent?.(event)),
    };
    const { classWeights } = plan;
    const { state, ended, heldOut } = await fitHead(task, { ...sequences, initial, settings, classWeights }, quiet);
    if (ended === 'interrupted') return undefined;
    const head = state.best!.weights.prompt!;
    const score = (what: string, some: typeof sequences.train) => task.score(head, some, scoringHooks(what, hooks));
    const valid = heldOut ?? (await score('scoring the head', sequences.valid));
    const scores = sequences.test ? await score('scoring the head', sequences.test) : valid;
    const row = rowOf('head', scores, data.test ?? data.valid, task.labelKeys, plan.seed, withArea);
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

function rowOf(
  name: string,
  scores: LabelScores,
  examples: readonly Example[],
  keys: readonly string[],
  seed: number,
  withArea: boolean,
) {
  const report = evaluateClassification({ scores, targets: targetsOf(examples, keys), labels: keys, seed });
  return reportRow(name, report, withArea);
}

const targetsOf = (examples: readonly Example[], keys: readonly string[]): Int32Array =>
  Int32Array.from(examples, ({ label }) => keys.indexOf(label!));

/** Standard errors from the middle to the end of a 95 % interval. */
const NORMAL_95 = 1.96;
/** By so many standard errors the prompt must be better than what is simpler. */
const SURE = 2;

/**
 * Which to keep, by the validation rows: the better of bag of words and head (`isBetter`), and the prompt where its macro F1
 * is higher still, by two standard errors of the difference or more (paired bootstrap), and its loss is lower: of many updates
 * the best was chosen on the same rows, and what is simpler is taken between equals.
 */
export function chooseAlternative(
  prompt: LabelScores,
  alternatives: readonly Alternative[],
  examples: readonly Example[],
  keys: readonly string[],
  seed = 0,
): Alternative | undefined {
  const targets = targetsOf(examples, keys);
  const best = bestAlternative(alternatives, targets);
  if (best === undefined) return undefined;
  const { difference, standardError } = gainOver(best.valid, judgeLabels(prompt, targets), targets, seed);
  const isSurer = judgeScores(prompt, targets).loss < judgeScores(best.valid, targets).loss;
  return isSurer && difference > 0 && difference >= SURE * standardError ? undefined : best;
}

/** Before this share of its updates no training is given up; … */
const EARLIEST = 1 / 3;
/** … and before this one none that could still be kept. */
const MIDDLE = 1 / 2;

/**
 * Which alternative a prompt in training is so far behind that more of it changes no choice: after a third of its updates
 * where it is worse and even a prompt without a fault would not be chosen on these rows, else after half of them where it is
 * worse by two standard errors.
 * @param prompt of the validation rows @param share of the updates that are done
 */
export function tooFarAhead(
  prompt: LabelScores,
  share: number,
  alternatives: readonly Alternative[],
  targets: Int32Array,
  seed = 0,
): AlternativeName | undefined {
  if (share < EARLIEST) return undefined;
  const best = bestAlternative(alternatives, targets);
  if (best === undefined) return undefined;
  const { difference, standardError } = gainOver(best.valid, judgeLabels(prompt, targets), targets, seed);
  if (difference >= 0) return undefined;
  if (share >= MIDDLE && -difference >= SURE * standardError) return best.name;
  const faultless = gainOver(best.valid, targets, targets, seed);
  return faultless.difference < SURE * faultless.standardError ? best.name : undefined;
}

function bestAlternative(alternatives: readonly Alternative[], targets: Int32Array): Alternative | undefined {
  const judged = alternatives.map((one) => ({ one, judgement: judgeScores(one.valid, targets) }));
  return judged.reduce<(typeof judged)[number] | undefined>(
    (a, b) => (a !== undefined && !isBetter(b.judgement, a.judgement) ? a : b),
    undefined,
  )?.one;
}

/** By how much predictions are better than scores in macro F1. @param predictions, targets [N] */
function gainOver(reference: LabelScores, predictions: Int32Array, targets: Int32Array, seed: number) {
  const f1 = (some: Int32Array, right: Int32Array) => macroF1(some, right, reference.classes);
  const { difference, interval } = pairedBootstrap(f1, predictions, judgeLabels(reference, targets), targets, { seed });
  return { difference, standardError: (interval[1] - interval[0]) / (2 * NORMAL_95) };
}
