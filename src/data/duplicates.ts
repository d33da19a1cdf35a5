import type { Example } from './example.js';
import { groupBy } from './group-by.js';

/** Rows of one split whose texts also stand in another. */
export interface SplitOverlap {
  readonly split: string;
  readonly other: string;
  /** Rows of `split`, and how many of them occur in `other`. */
  readonly rows: number;
  readonly duplicates: number;
  /** Duplicates that `other` holds with a different label. */
  readonly conflicts: number;
  /** The first few, beside their match (one of a different label where there is one). */
  readonly samples: readonly { readonly example: Example; readonly match: Example }[];
}

const SAMPLES = 3;

/**
 * Finds rows that occur in two splits, for every pair that has any. Two rows are the same if all their fields are,
 * after Unicode normalisation (NFC) and with each run of white space as one space. Keys go from train to test:
 * {train, valid, test} tells which valid rows are in train, and which test rows are in train or in valid.
 */
export function findDuplicates(splits: Readonly<Record<string, readonly Example[]>>): SplitOverlap[] {
  const named = Object.entries(splits);
  return named
    .flatMap(([other, otherRows], i) => {
      const index = groupBy(otherRows, textKey);
      return named.slice(i + 1).map(([split, rows]) => overlap(split, rows, other, index));
    })
    .filter(({ duplicates }) => duplicates > 0);
}

/** The training rows whose texts stand in none of the held-out splits. */
export function withoutDuplicates(train: readonly Example[], ...heldOut: readonly (readonly Example[])[]): Example[] {
  const keys = new Set(heldOut.flat().map(textKey));
  return train.filter((example) => !keys.has(textKey(example)));
}

/** Examples with the same text together, in the order of their first. */
export function groupByText(examples: readonly Example[]): readonly Example[][] {
  return [...groupBy(examples, textKey).values()];
}

/** One line for people: "37 of 872 rows of valid are also in train, 3 with another label (dev.tsv:5 = train.tsv:9, …)". */
export function describeOverlap({ split, other, rows, duplicates, conflicts, samples }: SplitOverlap): string {
  const pairs = samples.map(({ example, match }) => `${example.id} = ${match.id}`);
  if (duplicates > samples.length) pairs.push('…');
  const conflicting = conflicts > 0 ? `, ${conflicts} with another label` : '';
  return `${duplicates} of ${rows} rows of ${split} are also in ${other}${conflicting} (${pairs.join(', ')})`;
}

function overlap(
  split: string,
  rows: readonly Example[],
  other: string,
  index: ReadonlyMap<string, readonly Example[]>,
): SplitOverlap {
  const samples: { example: Example; match: Example }[] = [];
  let duplicates = 0;
  let conflicts = 0;
  for (const example of rows) {
    const matches = index.get(textKey(example));
    if (!matches) continue;
    duplicates += 1;
    const conflict = matches.find((match) => match.label !== example.label && match.label && example.label);
    if (conflict) conflicts += 1;
    if (samples.length < SAMPLES) samples.push({ example, match: conflict ?? matches[0]! });
  }
  return { split, other, rows: rows.length, duplicates, conflicts, samples };
}

function textKey({ fields }: Example): string {
  return JSON.stringify(
    Object.keys(fields)
      .sort()
      .map((name) => fields[name]!.normalize('NFC').replace(/\s+/g, ' ').trim()),
  );
}
