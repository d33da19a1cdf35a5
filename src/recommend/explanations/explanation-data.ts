import { readAttributes } from '../../data/interactions/attribute-table.js';
import type { RowSource } from '../../data/row-source.js';
import { SoftpromptError } from '../../errors.js';
import { Random } from '../../random.js';
import { type Catalogue, catalogue, NOTHING_KNOWN } from '../made-rows/catalogue.js';
import type { ExplanationPlan } from './explanation-options.js';
import { explainingSentence } from './explanation-sentences.js';
import { findFeatures } from './find-features.js';
import { type Review, readReviews } from './read-reviews.js';

/** A sentence of somebody about something, to learn from or to judge by. */
export interface Explanation {
  readonly user: string;
  readonly item: string;
  readonly text: string;
  /** What it names, the one it is about first. */
  readonly features: readonly string[];
  readonly rating: number | undefined;
}

export interface ExplanationData {
  readonly train: readonly Explanation[];
  readonly valid: readonly Explanation[];
  readonly test: readonly Explanation[] | undefined;
  /** What there is to speak of, found in the training rows. */
  readonly features: readonly string[];
  readonly items: Catalogue;
  readonly notes: readonly string[];
}

const VALID_SHARE = 0.1;
const LEAST_ROWS = 4;

/** @throws DATA_SPLIT_EMPTY, and the errors of readReviews and readAttributes */
export async function loadExplanationData(plan: ExplanationPlan, signal?: AbortSignal): Promise<ExplanationData> {
  const read = (source: RowSource) => readReviews(source, plan, signal);
  const all = await read(plan.train);
  const given = plan.valid === undefined ? undefined : await read(plan.valid);
  const test = plan.test === undefined ? undefined : await read(plan.test);
  const drawn = given === undefined ? divided(all, plan.validShare ?? VALID_SHARE, plan.seed) : undefined;
  const learned = drawn?.train ?? all;
  const told = learned.flatMap(({ feature }) => feature ?? []);
  const features = told.length > 0 ? [...new Set(told)] : findFeatures(learned.map(({ text }) => text));
  const named = new Set(features);
  const notes: string[] = [];
  const explaining = (what: string, reviews: readonly Review[]): Explanation[] => {
    const found = reviews.flatMap(({ user, item, text, feature, rating }): Explanation[] => {
      const sentence = explainingSentence(text, named, { whole: !plan.sentences, feature });
      if (sentence === undefined) return [];
      const own = feature === undefined ? sentence.features : [feature, ...sentence.features];
      return [{ user, item, text: sentence.text, features: [...new Set(own)], rating }];
    });
    const without = reviews.length - found.length;
    if (without > 0) notes.push(`${without} of ${reviews.length} texts to ${what} have no sentence that explains`);
    return found;
  };
  const data = {
    train: explaining('train', learned),
    valid: explaining('validate', given ?? drawn!.valid),
    test: test && explaining('test', test),
  };
  if (features.length === 0) notes.push('no features were found: name a column of them (--feature-column)');
  for (const [name, rows] of Object.entries(data)) {
    if (rows !== undefined && rows.length < (name === 'train' ? LEAST_ROWS : 1)) throw tooFew(name, rows.length);
  }
  const { items: file, idColumn, table } = plan;
  const items =
    file === undefined
      ? NOTHING_KNOWN
      : catalogue(await readAttributes(file, 'item', { ...table, names: undefined, idColumn }));
  return { ...data, features, items, notes };
}

function divided(reviews: readonly Review[], share: number, seed: number) {
  const count = Math.max(1, Math.round(share * reviews.length));
  const held = new Set(new Random(seed).sample(reviews.length, Math.min(count, reviews.length)));
  return { train: reviews.filter((_, i) => !held.has(i)), valid: reviews.filter((_, i) => held.has(i)) };
}

function tooFew(name: string, count: number): SoftpromptError {
  return new SoftpromptError('DATA_SPLIT_EMPTY', {
    found: `${count} texts to ${name} have a sentence that explains`,
    expected: `at least ${name === 'train' ? LEAST_ROWS : 1}: 4 to 25 words, naming a feature`,
    fix: 'Give more rows, name the column of the texts (--target-column), or learn whole texts (--no-sentences).',
  });
}
