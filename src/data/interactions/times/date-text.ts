import { readClock } from './clock-text.js';

/** The orders in which day, month and year may stand where the year is not told by its place or its four digits. */
export const DATE_ORDERS = ['day-first', 'month-first', 'year-first'] as const;
export type DateOrder = (typeof DATE_ORDERS)[number];

/** Seconds since 1970, UTC where the text names no zone. */
export type DateText =
  | { readonly seconds: number; readonly zoned: boolean }
  /** By the order of its numbers; NaN where the order makes no date of it. */
  | { readonly byOrder: Readonly<Record<DateOrder, number>>; readonly zoned: boolean };

const YEAR_FIRST = /^(\d{4})([-/.])(\d{1,2})(?:\2(\d{1,2}))?(?=$|[T ])/i;
const CHINESE = /^(\d{4}) ?年 ?(\d{1,2}) ?月(?: ?(\d{1,2}) ?[日号])?/;
const PACKED = /^(\d{4})(\d{2})(\d{2})(?=[T ])/i;
const YEAR_LAST = /^(\d{1,2})([-/. ])(\d{1,2})(?:\2|, ?)(\d{4}|\d{1,2})(?=$|[T ])/i;

const WEEKDAY = String.raw`(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? )?`;
const MONTH = String.raw`(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?`;
const DAY = String.raw`(\d{1,2})(?:st|nd|rd|th)?`;
const MONTH_NAMED = new RegExp(String.raw`^${WEEKDAY}${MONTH}[ -]${DAY},?[ -](\d{4})(?=$| )`, 'i');
const DAY_BEFORE_NAME = new RegExp(String.raw`^${WEEKDAY}${DAY}[ /-]${MONTH},?[ /-](\d{4})(?=$|[ :])`, 'i');
/** `Wed Jan 31 12:00:00 +0000 2024` */
const YEAR_AT_END = new RegExp(String.raw`^${WEEKDAY}${MONTH} ${DAY} ([\d:.]+)(?: (UTC|GMT|[+-]\d{4}))? (\d{4})$`, 'i');

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/** Undefined where the text is no date in any way of writing that is known here. */
export function readDate(given: string): DateText | undefined {
  const text = given.normalize('NFKC').trim().replaceAll(/\s+/g, ' ');
  const yearFirst = YEAR_FIRST.exec(text);
  if (yearFirst) return oneDate(text, yearFirst, yearFirst[1]!, yearFirst[3]!, yearFirst[4]);
  const ordered = CHINESE.exec(text) ?? PACKED.exec(text);
  if (ordered) return oneDate(text, ordered, ordered[1]!, ordered[2]!, ordered[3]);
  const yearLast = YEAR_LAST.exec(text);
  if (yearLast) return dateOfUnknownOrder(text, yearLast);
  const end = YEAR_AT_END.exec(text);
  if (end) return named(end[4] === undefined ? end[3]! : `${end[3]} ${end[4]}`, end[5]!, end[1]!, end[2]!);
  const month = MONTH_NAMED.exec(text);
  if (month) return named(rest(text, month), month[3]!, month[1]!, month[2]!);
  const day = DAY_BEFORE_NAME.exec(text);
  if (day) return named(rest(text, day), day[3]!, day[2]!, day[1]!);
  const json = /^\{"\$date":"([^"]+)"\}$/.exec(text); // as MongoDB exports them
  return json ? readDate(json[1]!) : undefined;
}

function rest(text: string, date: RegExpExecArray): string {
  return text
    .slice(date[0].length)
    .replace(/^(?:[T:]| ?at )/i, '')
    .trim();
}

/** Without a day, the first of the month. */
function oneDate(text: string, match: RegExpExecArray, year: string, month: string, day: string | undefined) {
  const after = rest(text, match);
  if (day === undefined && after !== '') return undefined;
  return withClock(after, dayStart(Number(year), Number(month), Number(day ?? 1)));
}

function named(clock: string, year: string, month: string, day: string) {
  const place = MONTHS.indexOf(month.slice(0, 3).toLowerCase());
  return withClock(clock, dayStart(Number(year), place + 1, Number(day)));
}

function withClock(clock: string, start: number): DateText | undefined {
  const time = readClock(clock);
  if (time === undefined || Number.isNaN(start)) return undefined;
  return { seconds: start + time.seconds, zoned: time.zoned };
}

function dateOfUnknownOrder(text: string, match: RegExpExecArray): DateText | undefined {
  const time = readClock(rest(text, match));
  if (time === undefined) return undefined;
  const [a, b, c] = [Number(match[1]), Number(match[3]), Number(match[4])];
  const short = match[4]!.length < 4;
  const year = (two: number) => two + (two < 70 ? 2000 : 1900);
  const last = match[4]!.length === 1 ? Number.NaN : short ? year(c) : c;
  const byOrder = {
    'day-first': dayStart(last, b, a) + time.seconds,
    'month-first': dayStart(last, a, b) + time.seconds,
    'year-first': short && match[1]!.length === 2 ? dayStart(year(a), b, c) + time.seconds : Number.NaN,
  };
  return Object.values(byOrder).every(Number.isNaN) ? undefined : { byOrder, zoned: time.zoned };
}

/** NaN where there is no such day. */
export function dayStart(year: number, month: number, day: number): number {
  const midnight = new Date(Date.UTC(year, month - 1, day)); // years below 100 would mean 1900 and later
  const real =
    midnight.getUTCFullYear() === year && midnight.getUTCMonth() === month - 1 && midnight.getUTCDate() === day;
  return real ? midnight.getTime() / 1000 : Number.NaN;
}
