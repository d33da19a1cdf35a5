import { largest } from '../extremes.js';
import { minimise } from './accelerated-gradient.js';
import { chooseHeldOut, type HeldOutChoice, oneFold } from './held-out-choice.js';
import type { LabelScores } from './label-scores.js';
import { rowWeights, type Weighing } from './label-weights.js';

/** A text and the index of its label. */
export interface LabelledText {
  readonly text: string;
  readonly label: number;
}

/** A fitted bag-of-words classifier. */
export interface BagOfWords {
  /** Words and pairs of words that it knows. */
  readonly features: number;
  /** What λ was chosen. */
  readonly regularisation: number;
  /** Scores [N, C]. */
  readonly score: (texts: readonly string[]) => LabelScores;
  /** The same as plain data. */
  readonly model: BagOfWordsModel;
}

/** What a bag of words knows; survives JSON. */
export interface BagOfWordsModel {
  /** C */
  readonly classes: number;
  /** Texts that it learned from. */
  readonly documents: number;
  readonly regularisation: number;
  /** Each feature and how many texts have it. */
  readonly features: readonly (readonly [feature: string, documents: number])[];
  /** [F + 1, C], the last row the biases. */
  readonly weights: readonly number[];
}

const REGULARISATIONS = [1e-5, 1e-4, 1e-3, 1e-2];
const ITERATIONS = 200;

/** What is chosen where it did not learn. */
export interface BagOfWordsChoice extends Pick<LearnedWords, 'featuresOf'> {
  readonly regularisations?: readonly number[];
  readonly weighings?: readonly Weighing[];
  /** Of two judgements; default: `isBetter`. */
  readonly better?: Parameters<typeof chooseHeldOut>[3];
}

/** How a bag of words learns. */
export interface BagOfWordsSettings {
  readonly regularisation: number;
  readonly weighing: Weighing;
}

/** What it learns. */
export interface LearnedWords {
  /** What a text has; default: words, and pairs of them. */
  readonly featuresOf?: ((text: string) => Iterable<string>) | undefined;
}

/**
 * The classical baseline without a language model: multinomial logistic regression with an L2 penalty (Hastie et al.
 * 2009, section 4.4) on which words, Chinese characters, and pairs of neighbours a text has, weighted by inverse document
 * frequency and scaled to length 1. λ is the one of {1e-5, …, 1e-2} that does best on the validation texts.
 * @param classes C
 */
export function fitBagOfWords(
  train: readonly LabelledText[],
  valid: readonly LabelledText[],
  classes: number,
  choice: BagOfWordsChoice = {},
): BagOfWords {
  if (valid.length === 0) return learnBagOfWords(train, classes, firstOf(choice));
  const { candidate } = chooseBagOfWords([...train, ...valid], oneFold(train.length, valid.length), classes, choice);
  return learnBagOfWords(train, classes, candidate);
}

/** The settings that do best on texts they did not learn from; see `chooseHeldOut`. @param folds [N] */
export function chooseBagOfWords(
  texts: readonly LabelledText[],
  folds: Int32Array,
  classes: number,
  { regularisations = REGULARISATIONS, weighings = ['none'], featuresOf, better }: BagOfWordsChoice = {},
): HeldOutChoice<BagOfWordsSettings> {
  const candidates = weighings.flatMap((weighing) =>
    // between equals the stronger penalty
    [...regularisations].reverse().map((regularisation) => ({ regularisation, weighing })),
  );
  const targets = Int32Array.from(texts, ({ label }) => label);
  const score = (settings: BagOfWordsSettings, learn: readonly number[], judge: readonly number[]) => {
    const fit = learnBagOfWords(learn.map((row) => texts[row]!), classes, { ...settings, featuresOf }); // biome-ignore format: one step
    return fit.score(judge.map((row) => texts[row]!.text)).values;
  };
  return chooseHeldOut(candidates, { folds, targets, classes }, score, better);
}

/** Learns from all of the texts. */
export function learnBagOfWords(
  texts: readonly LabelledText[],
  classes: number,
  { regularisation, weighing, featuresOf = wordsOf }: BagOfWordsSettings & LearnedWords,
): BagOfWords {
  const found = texts.map(({ text }) => new Set(featuresOf(text)));
  const vocabulary = countDocuments(found);
  const rows = found.map((features) => toRow(features, vocabulary, texts.length));
  const labels = texts.map(({ label }) => label);
  const features = [...vocabulary].map(([feature, { documents }]) => [feature, documents] as const);
  const weights = fit(rows, labels, rowWeights(labels, classes, weighing), vocabulary.size, classes, regularisation);
  return openBagOfWords(
    { classes, documents: texts.length, regularisation, features, weights: [...weights] },
    featuresOf,
  );
}

const firstOf = ({ regularisations = REGULARISATIONS, weighings = ['none'] }: BagOfWordsChoice) => ({
  regularisation: regularisations.at(-1)!,
  weighing: weighings[0]!,
});

/** A bag of words from its data. */
export function openBagOfWords(model: BagOfWordsModel, featuresOf: LearnedWords['featuresOf'] = wordsOf): BagOfWords {
  const { classes, documents, regularisation, features } = model;
  const vocabulary: Vocabulary = new Map(
    features.map(([feature, documents], index) => [feature, { index, documents }]),
  );
  const weights = Float64Array.from(model.weights);
  const score = (texts: readonly string[]) => {
    const values = texts.flatMap((text) =>
      scoresOf(toRow(new Set(featuresOf(text)), vocabulary, documents), weights, classes),
    );
    return { values: Float32Array.from(values), classes };
  };
  return { features: features.length, regularisation, score, model };
}

/** Words in lower case and single Chinese characters; then each with the one after it. */
function wordsOf(text: string): Set<string> {
  const apart = text.toLowerCase().replace(/\p{Script=Han}/gu, ' $& ');
  const words = apart.match(/\p{Script=Han}|[\p{L}\p{N}']+/gu) ?? [];
  return new Set([...words, ...words.slice(1).map((word, i) => `${words[i]} ${word}`)]);
}

/** Feature → its number and how many texts have it. */
type Vocabulary = ReadonlyMap<string, { readonly index: number; documents: number }>;

function countDocuments(texts: readonly ReadonlySet<string>[]): Vocabulary {
  const vocabulary = new Map<string, { readonly index: number; documents: number }>();
  for (const features of texts) {
    for (const feature of features) {
      const known = vocabulary.get(feature);
      if (known === undefined) vocabulary.set(feature, { index: vocabulary.size, documents: 1 });
      else known.documents += 1;
    }
  }
  return vocabulary;
}

/** A text as a sparse vector of length 1. */
interface Row {
  readonly indices: readonly number[];
  readonly values: readonly number[];
}

function toRow(features: ReadonlySet<string>, vocabulary: Vocabulary, documents: number): Row {
  const known = [...features].flatMap((feature) => vocabulary.get(feature) ?? []);
  const values = known.map((entry) => Math.log((1 + documents) / (1 + entry.documents)) + 1);
  const norm = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0)) || 1;
  return { indices: known.map(({ index }) => index), values: values.map((value) => value / norm) };
}

/** Weights [F + 1, C], the last row the biases. */
function scoresOf({ indices, values }: Row, weights: Float64Array, classes: number): number[] {
  const bias = weights.length - classes;
  return Array.from({ length: classes }, (_, c) => {
    let score = weights[bias + c]!;
    for (let i = 0; i < indices.length; i++) score += values[i]! * weights[indices[i]! * classes + c]!;
    return score;
  });
}

/** Mean of the rows' weighed losses + λ/2 · |weights|². */
function fit(
  rows: readonly Row[],
  labels: readonly number[],
  rowWeights: Float64Array,
  features: number,
  classes: number,
  regularisation: number,
): Float64Array {
  const bias = features * classes;
  // the softmax's curvature is at most 1/2; a row with its bias has the squared length 2, and weights have the mean 1
  const settings = { step: 1 / (1 + regularisation), iterations: ITERATIONS };
  return minimise((features + 1) * classes, settings, (weights) => {
    const gradient = weights.map((weight, i) => (i < bias ? regularisation * weight : 0));
    rows.forEach((row, n) => {
      const { indices, values } = row;
      const scores = scoresOf(row, weights, classes);
      const highest = largest(scores);
      const shares = scores.map((score) => Math.exp(score - highest));
      const total = shares.reduce((sum, share) => sum + share, 0);
      for (let c = 0; c < classes; c++) {
        const error = (rowWeights[n]! * (shares[c]! / total - (c === labels[n] ? 1 : 0))) / rows.length;
        for (let i = 0; i < indices.length; i++) gradient[indices[i]! * classes + c]! += error * values[i]!;
        gradient[bias + c]! += error;
      }
    });
    return gradient;
  });
}
