/** What exporting programs write where there is nothing. */
const MISSING_MARKS = new Set(
  [
    'NA',
    'N/A',
    'n/a',
    '#N/A',
    '<NA>',
    'null',
    'NULL',
    'Null',
    '(null)',
    'nan',
    'NaN',
    'NAN',
    '-nan',
    'NaT',
    'None',
  ].concat(['\\N', 'undefined', 'nil', '(empty)', 'empty', '#NULL!']),
);

/** Whether a text is a mark such as NA, null, nan, None or \N, spaces around it aside. */
export function isMissingMark(text: string): boolean {
  return text.length <= 10 && MISSING_MARKS.has(text.trim());
}
