import { dayStart } from './date-text.js';

/** What a number of a column of times may count or spell. */
const NUMBER_UNITS = [
  'seconds',
  'milliseconds',
  'microseconds',
  'nanoseconds',
  'excel-days',
  'dotnet-ticks',
  'compact',
] as const;
export type NumberUnit = (typeof NUMBER_UNITS)[number];

const SECONDS_A_DAY = 86400;
const EXCEL_DAY_OF_1970 = 25569;
const SECONDS_FROM_YEAR_1_TO_1970 = 62135596800;

/** Seconds since 1970; NaN where digits spell no date. */
export const TO_SECONDS: Readonly<Record<NumberUnit | 'days', (value: number) => number>> = {
  seconds: (value) => value,
  milliseconds: (value) => value / 1e3,
  microseconds: (value) => value / 1e6,
  nanoseconds: (value) => value / 1e9,
  days: (value) => value * SECONDS_A_DAY,
  'excel-days': (value) => Math.round((value - EXCEL_DAY_OF_1970) * SECONDS_A_DAY * 1e3) / 1e3,
  'dotnet-ticks': (value) => value / 1e7 - SECONDS_FROM_YEAR_1_TO_1970,
  compact: compactSeconds,
};

/** What a whole number of this many digits is divided by for its year, from years and months to milliseconds. */
const COMPACT_SCALES = [1e2, 1e4, 1e6, 1e8, 1e10, 1e13];

/** 202401, 20240131, 2024013112, 202401311200, 20240131120000 or 20240131120000123, of the years from 1900 to 2100. */
function compactSeconds(value: number): number {
  const scale = COMPACT_SCALES.find((each) => value >= 1900 * each && value < 2101 * each);
  if (scale === undefined || !Number.isInteger(value)) return Number.NaN;
  const digits = String(value);
  const part = (from: number, to: number, missing: number) =>
    from < digits.length ? Number(digits.slice(from, to)) : missing;
  const [hour, minute, second] = [part(8, 10, 0), part(10, 12, 0), part(12, 14, 0)];
  const longest = digits.length === 17 ? 60 : 59; // a float64 rounds 59,999 milliseconds of 17 digits to 60,000
  if (hour > 23 || minute > 59 || second > longest) return Number.NaN;
  const start = dayStart(part(0, 4, 0), part(4, 6, 1), part(6, 8, 1));
  return start + hour * 3600 + minute * 60 + second + part(14, 17, 0) / 1e3;
}

/** 31052024, 5312024, 310524 and 53124: a day, a month and a year from 1970, the year last. */
function mayEndInYear(value: number): boolean {
  if (!Number.isInteger(value) || value < 10100 || value > 31129999) return false;
  const scale = value >= 1e6 ? 1e4 : 1e2;
  const year = value % scale;
  if (scale === 1e4 && (year < 1970 || year > 2100)) return false;
  const [a, b] = [Math.floor(value / scale / 100), Math.floor(value / scale) % 100];
  return a > 0 && b > 0 && ((a <= 31 && b <= 12) || (a <= 12 && b <= 31));
}

/** Numbers of six digits may spell dates by accident; that so many do is none. */
const FEWEST_SHORT = 5;

/** What is found of a unit among the numbers of a column. */
export interface UnitEvidence {
  /** Numbers that are times from 1980 to 2100, and those among them that interactions may have. */
  fits: number;
  likely: number;
  /** The earliest and latest of them, in seconds since 1970. */
  first: number;
  last: number;
  /** The first number that is none. */
  misfit: { readonly value: number; readonly row: number } | undefined;
}

export const POSSIBLE_FROM = Date.UTC(1980, 0) / 1000;
const POSSIBLE_TO = Date.UTC(2101, 0) / 1000;
/** Before, hardly anybody kept such a log; beyond a year from now, nobody has met anything yet. */
export const LIKELY_FROM = Date.UTC(1991, 0) / 1000;
export const likelyTo = () => Date.now() / 1000 + 366 * SECONDS_A_DAY;

/** Numbers below this may only say an order, such as 1, 2, 3. */
const MOST_OF_AN_ORDER = 1e8;
/** … unless so large a share of them are dates. */
const SHARE_OF_DATES = 0.9;

export type NumberVerdict =
  | { readonly kind: 'unit'; readonly unit: NumberUnit; readonly evidence: UnitEvidence }
  | { readonly kind: 'order' }
  /** Digits of a day, a month and a year, the year last: their order as numbers is not that of time. */
  | { readonly kind: 'year-at-end' }
  /** Most fit the unit, if there is one, but not all; or several fit all. */
  | { readonly kind: 'unclear'; readonly best: NumberUnit | undefined; readonly also?: NumberUnit };

/** Gathers, number by number, what tells a column's unit. */
export class NumberEvidence {
  count = 0;
  /** Numbers that may be a day, a month and a year, in this or the other order. */
  yearsAtEnd = 0;
  smallest = Number.POSITIVE_INFINITY;
  largest = Number.NEGATIVE_INFINITY;
  private readonly likelyTo = likelyTo();
  readonly of: Readonly<Record<NumberUnit, UnitEvidence>> = Object.fromEntries(
    NUMBER_UNITS.map((unit) => [
      unit,
      {
        fits: 0,
        likely: 0,
        first: Number.POSITIVE_INFINITY,
        last: Number.NEGATIVE_INFINITY,
        misfit: undefined,
      } satisfies UnitEvidence,
    ]),
  ) as Record<NumberUnit, UnitEvidence>;

  add(value: number, row: number): void {
    this.count += 1;
    if (value < this.smallest) this.smallest = value;
    if (value > this.largest) this.largest = value;
    if (mayEndInYear(value)) this.yearsAtEnd += 1;
    for (const unit of NUMBER_UNITS) {
      const evidence = this.of[unit];
      const seconds = TO_SECONDS[unit](value);
      if (seconds >= POSSIBLE_FROM && seconds < POSSIBLE_TO) {
        evidence.fits += 1;
        if (seconds >= LIKELY_FROM && seconds < this.likelyTo) evidence.likely += 1;
        if (seconds < evidence.first) evidence.first = seconds;
        if (seconds > evidence.last) evidence.last = seconds;
      } else evidence.misfit ??= { value, row };
    }
  }

  verdict(): NumberVerdict {
    const all = NUMBER_UNITS.filter((unit) => this.of[unit].fits === this.count);
    const likely = all.filter((unit) => this.of[unit].likely === this.count);
    const chosen = likely.length > 0 ? likely : all;
    if (chosen.length === 1) return { kind: 'unit', unit: chosen[0]!, evidence: this.of[chosen[0]!] };
    // that every number spells a date is no accident
    if (chosen.includes('compact')) return { kind: 'unit', unit: 'compact', evidence: this.of.compact };
    if (chosen.length > 1) return { kind: 'unclear', best: chosen[0]!, also: chosen[1]! };
    const [best] = [...NUMBER_UNITS].sort((a, b) => this.of[b].fits - this.of[a].fits);
    const share = this.of[best!].fits / this.count;
    const small = this.smallest > -MOST_OF_AN_ORDER && this.largest < MOST_OF_AN_ORDER;
    if (this.yearsAtEnd === this.count && (this.count >= FEWEST_SHORT || this.largest >= 1e6)) {
      return { kind: 'year-at-end' };
    }
    if (small && !(share >= SHARE_OF_DATES && this.smallest <= 0) && !(best === 'compact' && share > 0.5)) {
      return { kind: 'order' };
    }
    return { kind: 'unclear', best: share > 0 ? best : undefined };
  }
}
