import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SoftpromptError } from '../../../errors.js';
import { TimeColumn } from './time-column.js';
import type { TimeUnit } from './time-unit.js';

const place = { source: 'f.csv', column: 'at' };

function read(texts: readonly string[], unit?: TimeUnit, drop = false) {
  const column = new TimeColumn(unit);
  const unread = texts.filter((text, i) => !column.add(text, i + 2));
  return { ...column.finish(place, drop), unread };
}

function refuses(texts: readonly string[], code: string, message: RegExp, drop = false): void {
  assert.throws(
    () => read(texts, undefined, drop),
    (error) => {
      assert.ok(error instanceof SoftpromptError, String(error));
      assert.equal(error.code, code, texts.join());
      assert.match(error.message, message);
      return true;
    },
  );
}

const spring = Date.UTC(2024, 2, 5, 9, 1, 20) / 1000;
const autumn = Date.UTC(2024, 10, 23, 14, 30) / 1000;

test('numbers are read in the one unit in which they are times', () => {
  const digits = (seconds: number, length: number) =>
    new Date(seconds * 1000).toISOString().replaceAll(/\D/g, '').slice(0, length);
  const ticks = (seconds: number) => String((BigInt(seconds) + 62135596800n) * 10_000_000n);
  const columns: readonly [TimeUnit, (seconds: number) => string][] = [
    ['seconds', String],
    ['seconds', (seconds) => `${seconds}.0`],
    ['seconds', (seconds) => seconds.toExponential()],
    ['milliseconds', (seconds) => `${seconds}000`],
    ['microseconds', (seconds) => `${seconds}000000`],
    ['nanoseconds', (seconds) => `${seconds}000000000`],
    ['excel-days', (seconds) => String(seconds / 86400 + 25569)],
    ['dotnet-ticks', ticks],
    ['date', (seconds) => digits(seconds, 14)],
    ['date', (seconds) => digits(seconds, 17)],
  ];
  for (const [unit, write] of columns) {
    const { unit: taken, times, notes } = read([write(spring), write(autumn)]);
    assert.deepEqual([taken, [...times], notes], [unit, [spring, autumn], []], write(spring));
  }
  const day = Date.UTC(2024, 2, 5) / 1000;
  assert.deepEqual([...read(['20240305', '20241123']).times], [day, Date.UTC(2024, 10, 23) / 1000]);
  assert.deepEqual([...read(['2024030509', '2024112314']).times], [day + 9 * 3600, Date.UTC(2024, 10, 23, 14) / 1000]);
  assert.deepEqual([...read(['202403050901', '202411231430']).times], [day + 32460, autumn]);
  assert.deepEqual([...read(['45356', '45619']).times], [day, Date.UTC(2024, 10, 23) / 1000]);
});

test('small numbers say an order, and it is told; a unit that is named is taken', () => {
  const { unit, times, notes } = read(['1', '2', '10']);
  assert.deepEqual([unit, [...times]], ['order', [1, 2, 10]]);
  assert.match(notes[0]!, /'at' are numbers from 1 to 10, which are no dates: they only say an order/);
  assert.equal(read(Array.from({ length: 60_000 }, (_, i) => String(i))).unit, 'order');
  assert.deepEqual([...read(['5000'], 'milliseconds').times], [5]);
  assert.deepEqual([...read(['19787', '0'], 'days').times], [19787 * 86400, 0]);
  assert.deepEqual(read(['2024-01-01', '3'], 'seconds').unread, ['2024-01-01']);
  assert.deepEqual([...read(['638396640000000000'], 'order').times], [638396640000000000]);
});

test('numbers that are no times in any unit, or in several, are refused', () => {
  refuses(['133500960000000000', '133500970000000000'], 'DATA_TIME_INVALID', /no times from 1980 to 2100 in any unit/);
  refuses(['13350096000000000'], 'DATA_TIME_INVALID', /--time-unit/);
  const seconds = [1, 2, 3, 4].map((day) => String(spring + day * 86400));
  refuses(
    [...seconds, '0'],
    'DATA_TIME_INVALID',
    /f\.csv:6 has the time 0 in 'at', while 4 of 5 are seconds since 1970 \(2024-03-06/,
  );
  refuses([...seconds, '-1'], 'DATA_TIME_INVALID', /--drop-invalid/);
  refuses([...seconds, `${spring}000`], 'DATA_TIME_INVALID', /f\.csv:6 has the time 1709629280000/);
  refuses(['45356', '0', '45357', ...Array.from({ length: 20 }, () => '45360')], 'DATA_TIME_INVALID', /f\.csv:3/);
  refuses(['20240305', '20240306', '20241399'], 'DATA_TIME_INVALID', /20241399/);
  refuses([`${spring}`, `${spring}000`], 'DATA_TIME_INVALID', /1 of 2/, true);
  const { times } = read([...seconds, '0', `${spring}000`], undefined, true);
  assert.deepEqual([...times].map(Number.isNaN), [false, false, false, false, true, true]);
  assert.match(
    read(['4000000000', '4000000001']).notes[0]!,
    /2 of 2 times in 'at', read as seconds since 1970, lie .* more than a year ahead/,
  );
});

test('digits whose order is not that of time, and rounded times, are refused or told', () => {
  refuses(['31052024', '1062024'], 'DATA_TIME_AMBIGUOUS', /days, months and years, the year last.*--time-unit order/);
  refuses(['12312023', '1012024'], 'DATA_TIME_AMBIGUOUS', /year last/);
  refuses(['310524', '10624', '20624', '150723', '280223'], 'DATA_TIME_AMBIGUOUS', /year last/);
  assert.deepEqual(read(['01062024', '2024-01-01']).unread, ['01062024']);
  assert.match(read(['1.70496e+09', '1704963300']).notes[0]!, /1 of 2 times in 'at' are written as 1\.70496e\+09/);
  assert.deepEqual(read(['1.704963612e+09', '1.7e9']).notes, []);
});

test('dates in the usual ways of writing', () => {
  const same = [
    '2024-03-05T09:01:20Z',
    '2024-03-05 09:01:20',
    '2024-03-05 17:01:20+08',
    '2024-03-05T04:01:20-0500',
    '2024-03-05 09:01:20.000000 UTC',
    '2024-03-05T17:01:20+08:00[Asia/Shanghai]',
    '20240305T090120Z',
    '2024/3/5 9:01:20',
    '2024.03.05 09:01:20',
    '2024年3月5日 9:01:20',
    '2024年03月05日上午9时01分20秒',
    '２０２４年３月５日　９：０１：２０',
    '2024/3/5 9:01:20 AM',
    'Mar 5, 2024 9:01:20 AM',
    'March 5th, 2024 at 9:01:20 am',
    '5 March 2024 09:01:20',
    '05-Mar-2024 09:01:20',
    'Tue, 05 Mar 2024 09:01:20 GMT',
    'Tue Mar 05 2024 17:01:20 GMT+0800 (中国标准时间)',
    'Tue Mar  5 09:01:20 2024',
    'Tue Mar 05 09:01:20 +0000 2024',
    '05/Mar/2024:09:01:20 +0000',
    '{"$date":"2024-03-05T09:01:20Z"}',
  ];
  for (const text of same) assert.deepEqual([...read([text]).times], [spring], text);
  assert.deepEqual([...read(['2024/11/23 2:30 PM']).times], [autumn]);
  assert.deepEqual([...read(['2024-03', '2024年3月']).times], [Date.UTC(2024, 2) / 1000, Date.UTC(2024, 2) / 1000]);
  for (const text of [
    ...['12:30:00', '2024-02-30', '2024-W03', '2024-13-01', '2024-01-01 25:00', '2024-01-01 13:00 PM', 'yesterday'],
    ...[
      '2024-01-01 12:00 CST',
      'NaT',
      '',
      '2024年13月1日',
      '31-Jan-24',
      '0x10',
      'Infinity',
      '2024-01-01 0:61',
      '32/13/2024',
    ],
  ]) {
    assert.deepEqual(read([text, '2024-01-01']).unread, [text]);
  }
});

test('whether the day or the month stands first is told by the whole column, or asked', () => {
  const [day, month] = [Date.UTC(2019, 10, 3) / 1000, Date.UTC(2019, 10, 14, 21, 1, 20) / 1000];
  const american = read(['11/3/2019', '11/14/2019 9:01:20 PM']);
  assert.deepEqual([american.unit, [...american.times]], ['month-first', [day, month]]);
  const european = read(['03.11.2019', '14.11.2019 21:01:20']);
  assert.deepEqual([european.unit, [...european.times]], ['day-first', [day, month]]);
  assert.deepEqual([...read(['05/05/2020']).times], [Date.UTC(2020, 4, 5) / 1000]);
  refuses(
    ['05/06/2020', '07/08/2020'],
    'DATA_TIME_AMBIGUOUS',
    /the day first and with the month first.*--time-unit day-first or month-first,/,
  );
  refuses(
    ['13/06/2020', '05/06/2020', '06/14/2020'],
    'DATA_TIME_AMBIGUOUS',
    /f\.csv:4.*cannot have the day first.*f\.csv:2/,
  );
  refuses(['05/06/20', '05/14/20'].slice(0, 1), 'DATA_TIME_AMBIGUOUS', /year-first/);
  assert.deepEqual([...read(['11/14/19']).times], [Date.UTC(2019, 10, 14) / 1000]);
  assert.deepEqual([...read(['05/06/2020'], 'day-first').times], [Date.UTC(2020, 5, 5) / 1000]);
  assert.deepEqual([...read(['05/06/2020'], 'month-first').times], [Date.UTC(2020, 4, 6) / 1000]);
  assert.deepEqual([...read(['20/6/5'], 'year-first').times], [Date.UTC(2020, 5, 5) / 1000]);
});

test('ways of writing are not mixed; dates that stand for none, and missing zones, are told', () => {
  refuses(['2024-01-05', '13/01/2024'], 'DATA_TIME_INVALID', /f\.csv:3 .*written in one way/);
  refuses(['1', '2024-01-05', '2'], 'DATA_TIME_INVALID', /2 numbers and 1 calendar dates/);
  assert.deepEqual([...read(['1', '2024-01-05', '2'], undefined, true).times], [1, Number.NaN, 2]);
  const odd = read(['1900-01-01', '2024-01-05', '9999-12-31']);
  assert.match(
    odd.notes[0]!,
    /2 of 3 dates lie before 1980 or more than a year ahead, such as f\.csv:2 has the time "1900-01-01"/,
  );
  assert.match(read(['2024-01-05T00:00Z', '2024-01-06 00:00']).notes[0]!, /1 of 2 dates in 'at' name no time zone/);
});
