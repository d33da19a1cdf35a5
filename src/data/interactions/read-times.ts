export const TIME_UNITS = ['seconds', 'milliseconds', 'microseconds', 'date'] as const;
export type TimeUnit = (typeof TIME_UNITS)[number];

/** The kind of a time column, told by its first value: a number, or a date such as 2024-05-31 or 2024-05-31T12:00:00Z. */
export type TimeKind = 'number' | 'date';

const DATE =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?)?\s?(?:Z|UTC|([+-])(\d{2}):?(\d{2})?)?$/;

/**
 * A time as text: a finite number as it is, or an ISO 8601 date in seconds since 1970 (UTC where it names no zone).
 * Undefined where it is neither, or of another kind than the column.
 */
export function readTime(text: string, kind: TimeKind | undefined): { kind: TimeKind; value: number } | undefined {
  if (kind !== 'date') {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (Number.isFinite(value)) return { kind: 'number', value };
  }
  const value = kind === 'number' ? undefined : dateSeconds(text);
  return value === undefined ? undefined : { kind: 'date', value };
}

function dateSeconds(text: string): number | undefined {
  const parts = DATE.exec(text);
  if (!parts) return undefined;
  const [year, month, day, hour, minute, second, zoneHours, zoneMinutes] = [1, 2, 3, 4, 5, 6, 8, 9].map((part) =>
    Number(parts[part] ?? 0),
  ) as [number, number, number, number, number, number, number, number];
  const midnight = new Date(Date.UTC(year, month - 1, day)); // years below 100 would mean 1900 and later
  if (midnight.getUTCFullYear() !== year || midnight.getUTCMonth() !== month - 1 || midnight.getUTCDate() !== day) {
    return undefined;
  }
  if (hour > 24 || minute > 59 || second >= 61 || (hour === 24 && minute + second > 0)) return undefined;
  if (zoneHours > 23 || zoneMinutes > 59) return undefined;
  const zone = (parts[7] === '-' ? -1 : 1) * (zoneHours * 3600 + zoneMinutes * 60);
  return midnight.getTime() / 1000 + hour * 3600 + minute * 60 + second - zone;
}

/**
 * The unit of a column of numbers, by its largest: seconds stay below 1e11 until the year 5138, milliseconds have
 * been above it since 1973. Small numbers, such as 1, 2, 3, only say an order, and count as seconds.
 */
export function guessTimeUnit(largest: number): Exclude<TimeUnit, 'date'> {
  if (largest < 1e11) return 'seconds';
  return largest < 1e14 ? 'milliseconds' : 'microseconds';
}

export const UNITS_PER_SECOND: Readonly<Record<TimeUnit, number>> = {
  seconds: 1,
  date: 1,
  milliseconds: 1e3,
  microseconds: 1e6,
};
