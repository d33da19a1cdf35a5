import { SoftpromptError } from '../errors.js';
import { Random } from '../random.js';
import { groupByText } from './duplicates.js';
import type { Example } from './example.js';
import { groupBy } from './group-by.js';

export interface SplitOptions {
  /** Share of the rows for validation, from 0 to below 1; 0 for none. */
  readonly valid: number;
  /** Share of the rows for the test. */
  readonly test: number;
  readonly seed: number;
  /** Whether each split keeps the labels' proportions. Default: true. */
  readonly stratified?: boolean | undefined;
}

export interface Splits {
  readonly train: Example[];
  readonly valid: Example[];
  readonly test: Example[];
}

/**
 * Divides examples at random into three disjoint splits, each in the order of the input. Stratified, by systematic
 * sampling: the r-th of a label's n rows, in random order, stands at (r + u) / n on a line from 0 to 1, u one random
 * number per label, and the line is cut where the fractions say; each label's share is then right to about one row.
 * @throws DATA_SPLIT_FRACTION, and DATA_SPLIT_EMPTY where train or a split of non-zero fraction would have no rows.
 */
export function splitExamples(examples: readonly Example[], options: SplitOptions): Splits {
  return splitRows(examples, options, `${examples.length} examples leave`);
}

/**
 * The same, with each text in one split alone, however often it stands in the data: the shares are those of the
 * distinct texts. Without copies it is what `splitExamples` gives.
 */
export function splitByText(examples: readonly Example[], options: SplitOptions): Splits {
  const groups = groupByText(examples);
  if (groups.length === examples.length) return splitExamples(examples, options);
  const found = `${examples.length} examples with ${groups.length} distinct text${groups.length === 1 ? ' leaves' : 's leave'}`;
  const firsts = splitRows(
    groups.map(([first]) => first!),
    options,
    found,
  );
  const copies = new Map(groups.map((group) => [group[0]!, group]));
  const order = new Map(examples.map((example, place) => [example, place]));
  const withCopies = (split: readonly Example[]) =>
    split.flatMap((first) => copies.get(first)!).sort((a, b) => order.get(a)! - order.get(b)!);
  return { train: withCopies(firsts.train), valid: withCopies(firsts.valid), test: withCopies(firsts.test) };
}

/** @param found what leaves none, where a split comes out empty */
function splitRows(examples: readonly Example[], options: SplitOptions, found: string): Splits {
  const { valid, test, seed, stratified = true } = options;
  if (!(valid >= 0 && test >= 0 && valid + test < 1)) {
    throw new SoftpromptError('DATA_SPLIT_FRACTION', {
      found: `a validation share of ${valid} and a test share of ${test}`,
      expected: 'shares from 0 that together stay below 1',
      fix: 'Choose, for example, --valid-share 0.1.',
    });
  }
  const order = splitOrder(examples, stratified, new Random(seed));
  const validCount = Math.round(examples.length * valid);
  const testCount = Math.round(examples.length * test);
  const inOrder = (from: number, to: number): Example[] =>
    order
      .slice(from, to)
      .sort((a, b) => a - b)
      .map((index) => examples[index]!);
  const splits = {
    valid: inOrder(0, validCount),
    test: inOrder(validCount, validCount + testCount),
    train: inOrder(validCount + testCount, examples.length),
  };
  const wanted = { valid: valid > 0, test: test > 0, train: true };
  for (const name of ['valid', 'test', 'train'] as const) {
    if (!wanted[name] || splits[name].length > 0) continue;
    throw new SoftpromptError('DATA_SPLIT_EMPTY', {
      found: `${found} none for the ${name} split`,
      expected: 'at least one in each split',
      fix: 'Choose another share (--valid-share), give the split a file of its own (--valid, --test), or give more data.',
    });
  }
  return splits;
}

/** The indices of all examples, by their places on the line. */
function splitOrder(examples: readonly Example[], stratified: boolean, random: Random): number[] {
  const strata = groupBy(examples.keys(), (index) => (stratified ? examples[index]!.label : undefined));
  const placed = [...strata.values()].flatMap((members) => {
    const offset = random.uniform();
    return random.shuffle(members).map((index, r) => ({ index, place: (r + offset) / members.length }));
  });
  return placed.sort((a, b) => a.place - b.place).map(({ index }) => index);
}
