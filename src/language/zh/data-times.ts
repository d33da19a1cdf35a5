import type { Catalogue } from '../catalogue.js';

export const DATA_TIMES: Catalogue = {
  'calendar dates': '日期',
  '{0} to {1}': '{0} 至 {1}',
  "the times in '{0}' are numbers from {1}, which are no dates: they only say an order (--time-unit says what else they are)":
    '“{0}”中的时间是从 {1} 起的数字，不是日期：它们只表示先后（--time-unit 可说明它们是什么）',
  "{0} of {1} times in '{2}', read as {3}, lie before {4} or more than a year ahead ({5} to {6}): if that is wrong, say what they are with --time-unit":
    '“{2}”中 {1} 个时间按{3}读取，有 {0} 个早于 {4} 或晚于一年之后（{5} 至 {6}）：如果不对，请用 --time-unit 说明它们是什么',
  "{0} of {1} times in '{2}' are written as {3}, without their last digits: they may be rounded":
    '“{2}”中 {1} 个时间有 {0} 个写成 {3}，缺少末几位：可能被四舍五入了',
  '{0}, which cannot have the day first, and {1}, which cannot have the month first':
    '{0} 不可能是日在前，而 {1} 不可能是月在前',
  'the {0} first': '{0:word}在前',
  'and with': '以及',
  '{0}, and all dates of the column can be read with {1}': '{0}，而该列的所有日期都可以按{1}读取',
  'dates that can be read in one way, such as 2024-05-31': '只有一种读法的日期，例如 2024-05-31',
  'Say which it is with --time-unit {0}, or write the dates as 2024-05-31.':
    '请用 --time-unit {0} 说明是哪一种，或把日期写成 2024-05-31。',
  '{0} of {1} dates lie before 1980 or more than a year ahead, such as {2}: correct them if they stand for no date':
    '{1} 个日期中有 {0} 个早于 1980 年或晚于一年之后，例如 {2}：如果它们不表示日期，请更正',
  "{0} of {1} dates in '{2}' name no time zone and are read as UTC":
    '“{2}”中 {1} 个日期有 {0} 个没有写时区，按 UTC 读取',
  'dates without marks': '没有分隔符的日期',
  'dates with the year last': '年在最后的日期',
  '{0}, and {1}: {2} {3} and {4} {5}': '{0}，而{1}：{2}{3}、{4}{5}',
  'a number': '一个数',
  'a date': '一个日期',
  '{0} in every row, as in most, written in one way': '每行都是{0}（多数行如此），写法一致',
  'Write all times in one way, name another column (--time-column), or leave out the fewer ones (--drop-invalid).':
    '请把所有时间写成一种形式，指明另一列（--time-column），或略去较少的那些（--drop-invalid）。',
  '{0}: the column can be {1}, or {2}': '{0}：该列可能是{1}，也可能是{2}',
  'times that can be read in one way': '只有一种读法的时间',
  'Say which it is with --time-unit {0} or {1}.': '请用 --time-unit {0} 或 {1} 说明是哪一种。',
  '{0}: all numbers of the column may be days, months and years, the year last':
    '{0}：该列的数字都可能是日、月、年，年在最后',
  'dates whose order as numbers is that of time, such as 20240531, or 2024-05-31':
    '数字大小与时间先后一致的日期，例如 20240531，或 2024-05-31',
  'Write them so, or give --time-unit order where they are numbers of an order.':
    '请写成这样；如果它们只是序号，请加 --time-unit order。',
  '{0}: the numbers from {1} to {2} are no times from 1980 to 2100 in any unit':
    '{0}：{1} 到 {2} 的数字在任何单位下都不是 1980 至 2100 年的时间',
  'Convert them, say what they are with --time-unit (order: they only say what came first), or name another column with --time-column.':
    '请转换它们，用 --time-unit 说明它们是什么（order：只表示先后），或用 --time-column 指明另一列。',
  "{0}:{1} has the time {2} in '{3}', while {4} of {5} are {6}":
    '{0}:{1} 的“{3}”中时间为 {2}，而 {5} 个中有 {4} 个是{6}',
  'times of one unit, and none that stand for no time, such as 0 or -1':
    '单位一致的时间，且没有 0 或 -1 之类不表示时间的值',
  ', leave such rows out with --drop-invalid': '，或用 --drop-invalid 略去这样的行',
  'Correct the others{0}, or have all numbers taken as {1} with --time-unit {2}.':
    '请更正其余的{0}，或用 --time-unit {2} 把所有数字都当作{1}。',
  '{0} ({1} to {2})': '{0}（{1} 至 {2}）',
  'seconds since 1970': '自 1970 年起的秒数',
  'milliseconds since 1970': '自 1970 年起的毫秒数',
  'microseconds since 1970': '自 1970 年起的微秒数',
  'nanoseconds since 1970': '自 1970 年起的纳秒数',
  'days since 1970': '自 1970 年起的天数',
  "Excel's day numbers": 'Excel 的日期序号',
  'ticks of .NET': '.NET 的计时单位',
  'dates, the day first': '日期，日在前',
  'dates, the month first': '日期，月在前',
  'dates, the year first': '日期，年在前',
  'seconds, milliseconds, microseconds or nanoseconds since 1970, a date such as 2024-05-31, 2024-05-31T12:00:00Z, 2024/5/31 10:31, 2024年5月31日, 31/05/2024, 31 May 2024, 20240531 or 20240531120000, or a day number of Excel':
    '自 1970 年起的秒、毫秒、微秒或纳秒数；日期，例如 2024-05-31、2024-05-31T12:00:00Z、2024/5/31 10:31、2024年5月31日、31/05/2024、31 May 2024、20240531 或 20240531120000；或 Excel 的日期序号',
};
