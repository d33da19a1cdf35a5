import { DATE_ORDERS, type DateOrder, readDate } from './date-text.js';
import { likelyTo, NumberEvidence, POSSIBLE_FROM, TO_SECONDS } from './number-times.js';
import type { TimeUnit } from './time-unit.js';

/** Ways of writing a time that are not mixed in a column: a number, a date that says what is what, one that does not. */
export type TimeKind = 'number' | 'date' | 'unordered';

/** What a text may mean: a number as it is, or seconds since 1970 by each order that its date may have. */
export type TimeReading =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'date'; readonly value: number }
  | { readonly kind: 'unordered'; readonly byOrder: Readonly<Record<DateOrder, number>> };

export interface TimeSample {
  readonly text: string;
  readonly row: number;
}

interface KindEvidence {
  count: number;
  first: TimeSample | undefined;
}

/** Without leading zeros, which digits of days, months or hours have. */
const NUMBER = /^[+-]?(?:(?:0|[1-9]\d*)(?:\.(\d*))?|\.\d+)(?:e([+-]?\d+))?$/i;

/** What is known of the times of a column without keeping them. */
export class TimeEvidence {
  readonly of: Readonly<Record<TimeKind, KindEvidence>> = {
    number: { count: 0, first: undefined },
    date: { count: 0, first: undefined },
    unordered: { count: 0, first: undefined },
  };
  readonly numbers = new NumberEvidence();
  /** Of the dates whose order is not told: how many are dates in it, and the first that is none. */
  readonly orders: Readonly<Record<DateOrder, { valid: number; misfit: TimeSample | undefined }>> = {
    'day-first': { valid: 0, misfit: undefined },
    'month-first': { valid: 0, misfit: undefined },
    'year-first': { valid: 0, misfit: undefined },
  };
  /** Whether the day may be the month, or the year, somewhere: the orders differ. */
  ordersDiffer = false;
  /** Dates with a zone or offset. */
  zoned = 0;
  /** Dates before 1980 or more than a year ahead. */
  unlikely: KindEvidence = { count: 0, first: undefined };
  /** Numbers such as 1.70496e+09, whose last digits are left out. */
  readonly rounded = { count: 0, first: '', mostDecimals: 0 };
  /** Times after the one before, and earlier than it. */
  rises = 0;
  falls = 0;
  private before = Number.NaN;
  private readonly likelyTo = likelyTo();

  constructor(private readonly unit?: TimeUnit) {}

  get count(): number {
    return this.of.number.count + this.of.date.count + this.of.unordered.count;
  }

  /** Reads a text and takes it in; undefined where it is no time, or not one of the unit that was named. */
  read(text: string, row: number): TimeReading | undefined {
    const reading = this.readingOf(text.trim());
    if (reading === undefined) return undefined;
    const evidence = this.of[reading.kind];
    evidence.count += 1;
    evidence.first ??= { text, row };
    if (reading.kind === 'number') this.numbers.add(reading.value, row);
    else if (reading.kind === 'date') this.lookAtDate(reading.value, { text, row });
    else this.lookAtOrders(reading.byOrder, { text, row });
    const value = reading.kind === 'unordered' ? reading.byOrder['month-first'] : reading.value;
    if (value > this.before) this.rises += 1;
    if (value < this.before) this.falls += 1;
    this.before = value;
    return reading;
  }

  private readingOf(text: string): TimeReading | undefined {
    const { unit } = this;
    const number = NUMBER.exec(text);
    if (number) {
      const value = Number(text);
      if (!Number.isFinite(value)) return undefined;
      const [, decimals = '', exponent] = number;
      if (exponent !== undefined) this.lookAtRounded(text, Number(exponent), decimals.length);
      if (unit === undefined || unit === 'order' || Object.hasOwn(TO_SECONDS, unit)) return { kind: 'number', value };
      const seconds = unit === 'date' ? TO_SECONDS.compact(value) : Number.NaN;
      return Number.isNaN(seconds) ? undefined : { kind: 'date', value: seconds };
    }
    if (unit !== undefined && unit !== 'date' && !isOrder(unit)) return undefined;
    const date = readDate(text);
    if (date === undefined) return undefined;
    if ('seconds' in date) {
      this.zoned += date.zoned ? 1 : 0;
      return { kind: 'date', value: date.seconds };
    }
    if (unit === undefined || unit === 'date') {
      this.zoned += date.zoned ? 1 : 0;
      return { kind: 'unordered', byOrder: date.byOrder };
    }
    const value = date.byOrder[unit];
    return Number.isNaN(value) ? undefined : { kind: 'date', value };
  }

  private lookAtRounded(text: string, exponent: number, decimals: number): void {
    const { rounded } = this;
    rounded.mostDecimals = Math.max(rounded.mostDecimals, decimals);
    if (exponent <= decimals) return;
    if (rounded.count === 0) rounded.first = text;
    rounded.count += 1;
  }

  private lookAtDate(seconds: number, sample: TimeSample): void {
    if (seconds >= POSSIBLE_FROM && seconds < this.likelyTo) return;
    this.unlikely.count += 1;
    this.unlikely.first ??= sample;
  }

  private lookAtOrders(byOrder: Readonly<Record<DateOrder, number>>, sample: TimeSample): void {
    let known = Number.NaN;
    for (const order of DATE_ORDERS) {
      const value = byOrder[order];
      if (Number.isNaN(value)) this.orders[order].misfit ??= sample;
      else {
        this.orders[order].valid += 1;
        if (!Number.isNaN(known) && value !== known) this.ordersDiffer = true;
        known = value;
      }
    }
  }

  /** The orders in which all dates whose order is not told are dates. */
  possibleOrders(): DateOrder[] {
    return DATE_ORDERS.filter((order) => this.orders[order].valid === this.of.unordered.count);
  }

  /** Whether everything taken in is, beyond doubt, a time that interactions may have. */
  looksLikeTimes(): boolean {
    if (this.count === 0) return false;
    if (this.of.number.count === 0)
      return this.unlikely.count === 0 && (this.of.date.count === 0 || this.of.unordered.count === 0);
    if (this.of.number.count < this.count) return false;
    const verdict = this.numbers.verdict();
    if (verdict.kind !== 'unit' || verdict.evidence.likely < this.count) return false;
    return verdict.unit === 'compact'
      ? this.numbers.smallest > 1.9e7
      : verdict.unit !== 'excel-days' && verdict.unit !== 'dotnet-ticks';
  }
}

function isOrder(unit: TimeUnit): unit is DateOrder {
  return (DATE_ORDERS as readonly string[]).includes(unit);
}
