import { isNumberColumn, readNumber } from '../number-column.js';

/**
 * How the values of an attribute of users are told apart: each for itself, or numbers by ranges. Plain JSON. A group is a
 * place in `names`.
 */
export interface AttributeGroups {
  /** The column. */
  readonly attribute: string;
  /** A value each, or what a range is called, such as `25-34`. */
  readonly names: readonly string[];
  /** Where the second and each later range begins, ascending; undefined where values stand for themselves. */
  readonly cuts: readonly number[] | undefined;
}

export interface GroupingOptions {
  /** Ranges that numbers are cut into, about equally many users in each. Default: 4. */
  readonly ranges?: number | undefined;
  /** The cuts, where they are known beforehand. */
  readonly cuts?: readonly number[] | undefined;
  /** Values that fewer users have are no group. Default: 1, none. */
  readonly fewest?: number | undefined;
}

/** Numbers of more different values than this are cut into ranges; fewer are codes. */
const MOST_CODES = 8;

/** Learns the groups of an attribute. @param values of training users alone; empty ones say nothing */
export function fitAttributeGroups(
  attribute: string,
  values: readonly string[],
  { ranges = 4, cuts, fewest = 1 }: GroupingOptions = {},
): AttributeGroups {
  const given = values.filter((value) => value !== '');
  if (cuts !== undefined) return rangesOf(attribute, cuts);
  const counts = new Map<string, number>();
  for (const value of given) counts.set(value, (counts.get(value) ?? 0) + 1);
  if (isNumberColumn(given) && counts.size > MOST_CODES) {
    const numbers = given.flatMap((value) => readNumber(value) ?? []).filter((number) => Number.isFinite(number));
    return rangesOf(attribute, quantileCuts(numbers, ranges));
  }
  const names = [...counts.keys()].filter((value) => counts.get(value)! >= fewest);
  return { attribute, names: names.sort(), cuts: undefined };
}

/**
 * The group of a value, −1 where it has none. A range also answers to its name, and to another range by its middle:
 * `25-34` is 29.5.
 */
export function groupOf({ names, cuts }: AttributeGroups, value: string): number {
  const named = names.indexOf(value);
  if (cuts === undefined || named !== -1) return named;
  const range = /^(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)$/.exec(value);
  const number = range ? (Number(range[1]) + Number(range[2])) / 2 : (readNumber(value) ?? Number(value));
  if (value.trim() === '' || Number.isNaN(number)) return -1;
  return cuts.filter((cut) => cut <= number).length;
}

/** Cuts [ranges − 1] at most, between ranges of about equally many values; none below all values. */
function quantileCuts(values: readonly number[], ranges: number): number[] {
  const sorted = [...values].sort((a, b) => a - b);
  const cuts = Array.from({ length: ranges - 1 }, (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / ranges)]!);
  const above = [...new Set(cuts)].filter((cut) => cut > sorted[0]!);
  return above.length > 0 ? above : [sorted.find((value) => value > sorted[0]!)!];
}

function rangesOf(attribute: string, cuts: readonly number[]): AttributeGroups {
  const whole = cuts.every(Number.isInteger);
  const between = (from: number, to: number) => {
    const last = whole ? to - 1 : to;
    return from === last ? String(from) : `${from}-${last}`;
  };
  const names = [
    `under ${cuts[0]}`,
    ...cuts.slice(1).map((cut, i) => between(cuts[i]!, cut)),
    `${cuts.at(-1)} or more`,
  ];
  return { attribute, names, cuts };
}
