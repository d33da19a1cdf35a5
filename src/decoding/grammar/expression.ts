import { CharSet, type Element, type NoParent } from 'refa';

/** A regular expression over code points, as `refa` has them: what texts an answer may be. */
export type Expression = NoParent<Element>;

/** The greatest code point. */
export const LAST = 0x10ffff;

const alternative = (elements: readonly Expression[]) => ({ type: 'Concatenation' as const, elements: [...elements] });

/** One character of these ranges, both ends included. */
export function characters(...ranges: readonly (readonly [from: number, to: number])[]): Expression {
  const set = CharSet.empty(LAST).union(ranges.map(([min, max]) => ({ min, max })));
  return { type: 'CharacterClass', characters: set };
}

export const sequence = (...parts: readonly Expression[]): Expression => either([sequenceOf(parts)]);

const sequenceOf = (parts: readonly Expression[]): Expression => ({
  type: 'Alternation',
  alternatives: [alternative(parts)],
});

/** One of them; of none, nothing at all. */
export function either(parts: readonly Expression[]): Expression {
  return { type: 'Alternation', alternatives: parts.map((part) => alternative([part])) };
}

export function repeated(part: Expression, min: number, max = Number.POSITIVE_INFINITY): Expression {
  return { type: 'Quantifier', alternatives: [alternative([part])], lazy: false, min, max };
}

export const optional = (part: Expression): Expression => repeated(part, 0, 1);

/** This text. */
export function literal(text: string): Expression {
  return sequenceOf(Array.from(text, (character) => codePoint(character.codePointAt(0)!)));
}

const codePoint = (point: number): Expression => characters([point, point]);

/** One after the other, with something between each two. */
export function separated(part: Expression, between: Expression, min: number, max: number): Expression {
  if (max < Math.max(1, min)) return min > max ? either([]) : literal('');
  const some = sequence(part, repeated(sequence(between, part), Math.max(0, min - 1), max - 1));
  return min === 0 ? optional(some) : some;
}
