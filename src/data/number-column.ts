/** Numbers as they are usually written: no leading zeros, which ids have, and no more digits than a float64 keeps. */
const PLAIN_NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?$/;
const MOST_DIGITS = 15;

/** Whether every value of a column of texts is a number; empty ones say nothing, and one at least must say something. */
export function isNumberColumn(values: readonly string[]): boolean {
  const given = values.filter((value) => value !== '');
  return given.length > 0 && given.every((value) => PLAIN_NUMBER.test(value) && value.length <= MOST_DIGITS);
}
