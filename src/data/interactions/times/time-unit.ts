/** What can be asked for with `--time-unit`: how the times of a column are written. */
export const TIME_UNITS = [
  'seconds',
  'milliseconds',
  'microseconds',
  'nanoseconds',
  'days',
  'excel-days',
  'dotnet-ticks',
  'date',
  'day-first',
  'month-first',
  'year-first',
  'order',
] as const;
export type TimeUnit = (typeof TIME_UNITS)[number];

/** For people. */
export const TIME_UNIT_WORDS: Readonly<Record<TimeUnit, string>> = {
  seconds: 'seconds since 1970',
  milliseconds: 'milliseconds since 1970',
  microseconds: 'microseconds since 1970',
  nanoseconds: 'nanoseconds since 1970',
  days: 'days since 1970',
  'excel-days': "Excel's day numbers",
  'dotnet-ticks': 'ticks of .NET',
  date: 'calendar dates',
  'day-first': 'dates, the day first',
  'month-first': 'dates, the month first',
  'year-first': 'dates, the year first',
  order: 'numbers that say an order alone',
};

/** Everything that is read as a time, for messages. */
export const TIMES_READ =
  'seconds, milliseconds, microseconds or nanoseconds since 1970, a date such as 2024-05-31, 2024-05-31T12:00:00Z, 2024/5/31 10:31, 2024年5月31日, 31/05/2024, 31 May 2024, 20240531 or 20240531120000, or a day number of Excel';
