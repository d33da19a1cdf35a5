import { isMissingMark } from './missing-marks.js';

/** Whole numbers as they are usually written: no leading zeros, which ids have, and no more digits than a float64 keeps. */
const WHOLE = /^-?(?:0|[1-9]\d{0,14})$/;
/** Floats as pandas, NumPy and JSON write them, such as 4.0, 4., 1e-05, 0.30000000000000004; a point or an exponent tells. */
const FLOAT = /^-?(?:0|[1-9]\d*)(?:\.\d*(?:e[+-]?\d+)?|e[+-]?\d+)$/i;
const INFINITE = /^([+-]?)inf(?:inity)?$/i;

/** What a text says as a number: NaN for nan, NA, null and their like; undefined where it says no number. */
export function readNumber(text: string): number | undefined {
  if (WHOLE.test(text) || FLOAT.test(text)) return Number(text);
  const infinite = INFINITE.exec(text);
  if (infinite) return infinite[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return isMissingMark(text) ? Number.NaN : undefined;
}

/** Whether a column of texts holds nothing but numbers; empty ones and marks such as nan say nothing, one must say something. */
export function isNumberColumn(values: readonly string[]): boolean {
  let finite = false;
  for (const value of values) {
    if (value === '') continue;
    const number = readNumber(value);
    if (number === undefined) return false;
    if (Number.isFinite(number)) finite = true;
  }
  return finite;
}
