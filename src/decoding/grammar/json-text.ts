import type { Concatenation, NoParent } from 'refa';
import { characters, type Expression, either, LAST, literal, optional, repeated, sequence } from './expression.js';
import { parsePattern } from './pattern.js';

const digit = characters([0x30, 0x39]);
/** Digits beyond which a number is no longer exact in JavaScript. */
const MOST_DIGITS = 15;

/** A value as JSON writes it, on one line, a space behind commas and colons allowed. */
export function jsonLiteral(value: unknown): Expression {
  if (Array.isArray(value)) return list(value.map(jsonLiteral));
  if (typeof value !== 'object' || value === null) return literal(JSON.stringify(value));
  return members(Object.entries(value).map(([name, inner]) => member(name, jsonLiteral(inner))));
}

export const comma = sequence(literal(','), optional(literal(' ')));
const colon = sequence(literal(':'), optional(literal(' ')));

export function member(name: string | Expression, value: Expression): Expression {
  return sequence(typeof name === 'string' ? literal(JSON.stringify(name)) : name, colon, value);
}

const joined = (parts: readonly Expression[]) =>
  sequence(...parts.flatMap((part, place) => (place === 0 ? [part] : [comma, part])));
const members = (parts: readonly Expression[]) => sequence(literal('{'), joined(parts), literal('}'));
const list = (parts: readonly Expression[]) => sequence(literal('['), joined(parts), literal(']'));

/** Escaped in a string: character → how it is written. Other control characters do not occur. */
const ESCAPES: readonly (readonly [character: string, written: string])[] = [
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\t', '\\t'],
];

/** The ranges of characters that stand in a string as they are. */
const PLAIN = [
  [0x20, 0x21],
  [0x23, 0x5b],
  [0x5d, LAST],
] as const;

const character = either([characters(...PLAIN), ...ESCAPES.map(([, written]) => literal(written))]);

export function jsonString(min = 0, max = Number.POSITIVE_INFINITY): Expression {
  return sequence(literal('"'), repeated(character, min, max), literal('"'));
}

/** A string that a regular expression matches somewhere, as JSON Schema's `pattern`. @throws DECODING_OPTION */
export function jsonStringWith(pattern: string): Expression {
  return sequence(literal('"'), escaped(parsePattern(`[^]*(?:${pattern})[^]*`)), literal('"'));
}

/** A string that a regular expression matches as a whole. */
export function jsonStringOf(pattern: string): Expression {
  return sequence(literal('"'), escaped(parsePattern(pattern)), literal('"'));
}

/** The same texts as they are written within a JSON string. */
function escaped(expression: Expression): Expression {
  if (expression.type === 'CharacterClass') {
    const plain = characters(...PLAIN);
    const kept = expression.characters.intersect((plain as typeof expression).characters);
    const others = ESCAPES.filter(([one]) => expression.characters.has(one.codePointAt(0)!));
    return either([{ type: 'CharacterClass', characters: kept }, ...others.map(([, written]) => literal(written))]);
  }
  if (expression.type === 'Unknown') return expression;
  const alternatives = expression.alternatives.map(
    ({ elements }): NoParent<Concatenation> => ({ type: 'Concatenation', elements: elements.map(escaped) }),
  );
  return { ...expression, alternatives };
}

/** What a number may be; bounds are whole numbers. */
export interface NumberBounds {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  /** Whether the bound itself is left out. */
  readonly aboveMin?: boolean | undefined;
  readonly belowMax?: boolean | undefined;
}

const FARTHEST = 10 ** MOST_DIGITS - 1;

export function jsonInteger({ min = -FARTHEST, max = FARTHEST }: NumberBounds): Expression {
  const parts: Expression[] = [];
  if (max >= 0 && max >= min) parts.push(wholeFrom(Math.max(0, min), max));
  if (min < 0 && max >= min) parts.push(sequence(literal('-'), wholeFrom(Math.max(1, -max), -min)));
  return either(parts);
}

/** A number with digits behind the point or none. */
export function jsonNumber({ min = -FARTHEST, max = FARTHEST, aboveMin, belowMax }: NumberBounds): Expression {
  const parts: Expression[] = [];
  if (max >= 0) parts.push(decimalFrom({ min: Math.max(0, min), max, aboveMin: aboveMin && min >= 0, belowMax }));
  if (min < 0) {
    const mirrored = { min: Math.max(0, -max), max: -min, aboveMin: max > 0 ? false : belowMax, belowMax: aboveMin };
    parts.push(sequence(literal('-'), decimalFrom(mirrored)));
  }
  return either(parts);
}

const fraction = sequence(literal('.'), repeated(digit, 1, MOST_DIGITS));
const someFraction = sequence(literal('.'), repeated(digit, 0, MOST_DIGITS - 1), characters([0x31, 0x39]));

function decimalFrom({ min = 0, max = 0, aboveMin, belowMax }: NumberBounds): Expression {
  if (max === FARTHEST) {
    const above = sequence(wholeFrom(aboveMin ? min + 1 : min, max), optional(fraction));
    return aboveMin ? either([sequence(wholeFrom(min, min), someFraction), above]) : above;
  }
  const parts: Expression[] = [];
  if (max > min) {
    parts.push(sequence(wholeFrom(min, min), aboveMin ? someFraction : optional(fraction)));
    if (max - 1 > min) parts.push(sequence(wholeFrom(min + 1, max - 1), optional(fraction)));
  }
  if (max >= min && !belowMax && (max > min || !aboveMin)) parts.push(wholeFrom(max, max));
  return either(parts);
}

/** Whole numbers from `min` to `max`, neither below 0. */
function wholeFrom(min: number, max: number): Expression {
  const parts: Expression[] = [];
  let whole: { readonly from: number; readonly to: number } | undefined; // lengths of which all numbers are there
  for (let digits = 1; digits <= `${max}`.length; digits++) {
    const [first, last] = [digits === 1 ? 0 : 10 ** (digits - 1), 10 ** digits - 1];
    const [from, to] = [Math.max(min, first), Math.min(max, last)];
    if (digits > 1 && from === first && to === last) whole = { from: whole?.from ?? digits, to: digits };
    else if (from <= to) parts.push(sameLength(`${from}`, `${to}`));
  }
  if (whole) parts.push(sequence(characters([0x31, 0x39]), repeated(digit, whole.from - 1, whole.to - 1)));
  return either(parts);
}

/** Numbers between two of as many digits. */
function sameLength(from: string, to: string): Expression {
  if (from === '') return literal('');
  const [low, high] = [Number(from[0]), Number(to[0])];
  const [lowRest, highRest] = [from.slice(1), to.slice(1)];
  const first = (a: number, b: number) => characters([0x30 + a, 0x30 + b]);
  if (low === high) return sequence(first(low, low), sameLength(lowRest, highRest));
  const nines = '9'.repeat(lowRest.length);
  const zeros = '0'.repeat(lowRest.length);
  const parts: Expression[] = [];
  const [firstWhole, lastWhole] = [lowRest === zeros ? low : low + 1, highRest === nines ? high : high - 1];
  if (firstWhole > low) parts.push(sequence(first(low, low), sameLength(lowRest, nines)));
  if (firstWhole <= lastWhole) {
    parts.push(sequence(first(firstWhole, lastWhole), repeated(digit, lowRest.length, lowRest.length)));
  }
  if (lastWhole < high) parts.push(sequence(first(high, high), sameLength(zeros, highRest)));
  return either(parts);
}
