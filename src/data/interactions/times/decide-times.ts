import { SoftpromptError } from '../../../errors.js';
import { tellTime } from '../show-time.js';
import type { DateOrder } from './date-text.js';
import { LIKELY_FROM, type NumberUnit, TO_SECONDS } from './number-times.js';
import type { TimeEvidence, TimeKind, TimeSample } from './time-evidence.js';
import { TIME_UNIT_WORDS, TIMES_READ, type TimeUnit } from './time-unit.js';

/** Where a column of times stands, for messages. */
export interface TimePlace {
  readonly source: string;
  readonly column: string;
}

/** How the times of a column are written. */
export interface TimeDecision {
  readonly unit: TimeUnit;
  readonly kind: TimeKind;
  /** Of dates whose order was not told. */
  readonly order?: DateOrder;
  /** A number as it stands → seconds since 1970, NaN where it is no time beside the others. */
  readonly toSeconds?: (value: number) => number;
  readonly notes: readonly string[];
}

/**
 * Decides from all times of a column how they are written.
 * @param drop whether times that do not fit most others are to be dropped
 * @throws DATA_TIME_INVALID, DATA_TIME_AMBIGUOUS
 */
export function decideTimes(
  evidence: TimeEvidence,
  named: TimeUnit | undefined,
  place: TimePlace,
  drop: boolean,
): TimeDecision {
  const kinds = (['number', 'date', 'unordered'] as const).filter((kind) => evidence.of[kind].count > 0);
  const [main = 'number', other] = kinds.sort((a, b) => evidence.of[b].count - evidence.of[a].count);
  const mostly = evidence.of[main].count > evidence.count / 2;
  if (other !== undefined && !(drop && mostly)) throw mixed(evidence, main, other, place);
  if (main === 'number') return decideNumbers(evidence, named, place, drop);
  const notes = dateNotes(evidence, place);
  if (main === 'date') return { unit: named ?? 'date', kind: 'date', notes };
  return { ...decideOrder(evidence, place), kind: 'unordered', notes };
}

/** What %g and %e leave of a number; its shortest exact text has more in some row. */
const FEW_DECIMALS = 6;

function decideNumbers(
  evidence: TimeEvidence,
  named: TimeUnit | undefined,
  place: TimePlace,
  drop: boolean,
): TimeDecision {
  const { numbers } = evidence;
  const range = `${numbers.smallest} to ${numbers.largest}`;
  if (named !== undefined) {
    const toSeconds = named === 'order' ? undefined : TO_SECONDS[named as keyof typeof TO_SECONDS];
    return { unit: named, kind: 'number', ...(toSeconds && { toSeconds }), notes: [] };
  }
  const verdict = numbers.verdict();
  if (verdict.kind === 'order' || numbers.count === 0) {
    const note = `the times in '${place.column}' are numbers from ${range}, which are no dates: they only say an order (--time-unit says what else they are)`;
    return { unit: 'order', kind: 'number', notes: numbers.count === 0 ? [] : [note] };
  }
  if (verdict.kind === 'year-at-end') throw yearAtEnd(evidence, place);
  if (verdict.kind === 'unclear') {
    const { best, also } = verdict;
    if (best !== undefined && also !== undefined) throw severalUnits(evidence, best, also, place);
    const fits = best === undefined ? 0 : numbers.of[best].fits;
    if (best === undefined || !drop || fits <= numbers.count / 2) throw noUnit(evidence, best, place, drop);
    const { first, last } = numbers.of[best];
    const convert = TO_SECONDS[best];
    const toSeconds = (value: number) => {
      const seconds = convert(value);
      return seconds >= first && seconds <= last ? seconds : Number.NaN;
    };
    return { unit: unitOf(best), kind: 'number', toSeconds, notes: [] };
  }
  const { unit, evidence: found } = verdict;
  const { rounded } = evidence;
  const unlikely = numbers.count - found.likely;
  const notes: string[] = [];
  if (unlikely > 0) {
    notes.push(
      `${unlikely} of ${numbers.count} times in '${place.column}', read as ${words(unit)}, lie before ${new Date(LIKELY_FROM * 1000).getUTCFullYear()} or more than a year ahead (${tellTime(found.first)} to ${tellTime(found.last)}): if that is wrong, say what they are with --time-unit`,
    );
  }
  if (rounded.count > 0 && rounded.mostDecimals <= FEW_DECIMALS) {
    notes.push(
      `${rounded.count} of ${numbers.count} times in '${place.column}' are written as ${rounded.first}, without their last digits: they may be rounded`,
    );
  }
  return { unit: unitOf(unit), kind: 'number', toSeconds: TO_SECONDS[unit], notes };
}

function decideOrder(evidence: TimeEvidence, place: TimePlace): { unit: TimeUnit; order: DateOrder } {
  const possible = evidence.possibleOrders();
  const [order] = possible;
  if (order !== undefined && (possible.length === 1 || !evidence.ordersDiffer)) return { unit: order, order };
  const { 'day-first': dayFirst, 'month-first': monthFirst } = evidence.orders;
  const sample = evidence.of.unordered.first!;
  throw new SoftpromptError('DATA_TIME_AMBIGUOUS', {
    found:
      order === undefined && dayFirst.misfit && monthFirst.misfit
        ? `${at(place, dayFirst.misfit)}, which cannot have the day first, and ${at(place, monthFirst.misfit)}, which cannot have the month first`
        : `${at(place, sample)}, and all dates of the column can be read with ${possible.map((each) => `the ${each.split('-')[0]} first`).join(' and with ')}`,
    expected: 'dates that can be read in one way, such as 2024-05-31',
    fix: `Say which it is with --time-unit ${(possible.length > 0 ? possible : ['day-first', 'month-first']).join(' or ')}, or write the dates as 2024-05-31.`,
  });
}

function dateNotes({ of, unlikely, zoned }: TimeEvidence, place: TimePlace): string[] {
  const notes: string[] = [];
  const dates = of.date.count + of.unordered.count;
  if (unlikely.first !== undefined) {
    notes.push(
      `${unlikely.count} of ${dates} dates lie before 1980 or more than a year ahead, such as ${at(place, unlikely.first)}: correct them if they stand for no date`,
    );
  }
  if (zoned > 0 && zoned < dates) {
    notes.push(`${dates - zoned} of ${dates} dates in '${place.column}' name no time zone and are read as UTC`);
  }
  return notes;
}

const at = ({ source, column }: TimePlace, { text, row }: TimeSample) =>
  `${source}:${row} has the time ${JSON.stringify(text)} in '${column}'`;

const unitOf = (unit: NumberUnit): TimeUnit => (unit === 'compact' ? 'date' : unit);

function words(unit: NumberUnit): string {
  return unit === 'compact' ? 'dates without marks' : TIME_UNIT_WORDS[unit];
}

const KIND_WORDS: Readonly<Record<TimeKind, string>> = {
  number: 'numbers',
  date: 'calendar dates',
  unordered: 'dates with the year last',
};

function mixed(evidence: TimeEvidence, main: TimeKind, other: TimeKind, place: TimePlace): SoftpromptError {
  const { of } = evidence;
  return new SoftpromptError('DATA_TIME_INVALID', {
    found: `${at(place, of[other].first!)}, and ${at(place, of[main].first!)}: ${of[main].count} ${KIND_WORDS[main]} and ${of[other].count} ${KIND_WORDS[other]}`,
    expected: `${main === 'number' ? 'a number' : 'a date'} in every row, as in most, written in one way`,
    fix: 'Write all times in one way, name another column (--time-column), or leave out the fewer ones (--drop-invalid).',
  });
}

function severalUnits(evidence: TimeEvidence, a: NumberUnit, b: NumberUnit, place: TimePlace): SoftpromptError {
  return new SoftpromptError('DATA_TIME_AMBIGUOUS', {
    found: `${at(place, evidence.of.number.first!)}: the column can be ${asUnit(evidence, a)}, or ${asUnit(evidence, b)}`,
    expected: 'times that can be read in one way',
    fix: `Say which it is with --time-unit ${unitOf(a)} or ${unitOf(b)}.`,
  });
}

function yearAtEnd(evidence: TimeEvidence, place: TimePlace): SoftpromptError {
  return new SoftpromptError('DATA_TIME_AMBIGUOUS', {
    found: `${at(place, evidence.of.number.first!)}: all numbers of the column may be days, months and years, the year last`,
    expected: 'dates whose order as numbers is that of time, such as 20240531, or 2024-05-31',
    fix: 'Write them so, or give --time-unit order where they are numbers of an order.',
  });
}

function noUnit(
  evidence: TimeEvidence,
  best: NumberUnit | undefined,
  place: TimePlace,
  drop: boolean,
): SoftpromptError {
  const { numbers, of } = evidence;
  if (best === undefined) {
    return new SoftpromptError('DATA_TIME_INVALID', {
      found: `${at(place, of.number.first!)}: the numbers from ${numbers.smallest} to ${numbers.largest} are no times from 1980 to 2100 in any unit`,
      expected: TIMES_READ,
      fix: 'Convert them, say what they are with --time-unit (order: they only say what came first), or name another column with --time-column.',
    });
  }
  const { fits, misfit } = numbers.of[best];
  return new SoftpromptError('DATA_TIME_INVALID', {
    found: `${place.source}:${misfit!.row} has the time ${misfit!.value} in '${place.column}', while ${fits} of ${numbers.count} are ${asUnit(evidence, best)}`,
    expected: 'times of one unit, and none that stand for no time, such as 0 or -1',
    fix: `Correct the others${drop ? '' : ', leave such rows out with --drop-invalid'}, or have all numbers taken as ${unitOf(best)} with --time-unit ${unitOf(best)}.`,
  });
}

function asUnit({ numbers }: TimeEvidence, unit: NumberUnit): string {
  const { first, last } = numbers.of[unit];
  return `${words(unit)} (${tellTime(first)} to ${tellTime(last)})`;
}
