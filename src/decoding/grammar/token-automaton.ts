import type { TextAutomaton, TextMove } from './text-automaton.js';
import { utf8LengthBy, type WrittenTokens } from './written-tokens.js';

/** A place in a text that is written token by token: a state of the automaton, and bytes of a character that has begun. */
export interface Place {
  readonly state: number;
  /** Bits of the character so far. */
  readonly code: number;
  /** Bytes that it still lacks. */
  readonly left: number;
  /** All of its bytes. */
  readonly length: number;
}

/** Tokens that may come at a place, and how many more each needs before the text may end, at most. */
export interface NextTokens {
  readonly ids: Int32Array;
  readonly needs: Float64Array;
}

export interface TokenAutomaton {
  readonly start: Place;
  /** Whether the text may end here. */
  final(place: Place): boolean;
  next(place: Place): NextTokens;
  /** Where a token leads; undefined where it may not come. */
  after(place: Place, id: number): Place | undefined;
  /** How many tokens it takes at most until the text may end; Infinity where it cannot. */
  need(place: Place): number;
}

/** An automaton over characters as one over the tokens that write them. */
export function tokenAutomaton(automaton: TextAutomaton, tokens: WrittenTokens): TokenAutomaton {
  const needs = needsOf(automaton, tokens);
  const known = new Map<string, NextTokens>();
  const need = ({ state, code, left, length }: Place): number => {
    if (left === 0) return needs[state]!;
    const [from, to] = completions(code, left, length);
    let least = Number.POSITIVE_INFINITY;
    for (const move of overlapping(automaton[state]!.moves, from, to)) least = Math.min(least, needs[move.state]!);
    return left + least;
  };
  const step = (place: Place, byte: number): Place | undefined => {
    const after = withByte(place, byte);
    if (after === undefined) return undefined;
    const { state, code, left, length } = after;
    const [from, to] = completions(code, left, length);
    if (from > to) return undefined;
    const [move] = overlapping(automaton[state]!.moves, from, to);
    if (move === undefined) return undefined;
    if (left > 0) return Number.isFinite(need(after)) ? after : undefined;
    return Number.isFinite(needs[move.state]!) ? { ...BEGIN, state: move.state } : undefined;
  };
  return {
    start: BEGIN,
    final: ({ state, left }) => left === 0 && automaton[state]!.final,
    need,
    after: (place, id) => {
      let now: Place | undefined = place;
      for (const byte of tokens.bytesOf(id) ?? []) now = now && step(now, byte);
      return now;
    },
    next: (place) => {
      const key = `${place.state} ${place.left} ${place.code}`;
      const found = known.get(key) ?? reachable(place, tokens, step, need);
      known.set(key, found);
      return found;
    },
  };
}

const BEGIN: Place = { state: 0, code: 0, left: 0, length: 0 };

/** All tokens whose bytes lead somewhere; tokens of a common beginning are refused together. */
function reachable(
  start: Place,
  { ids, bytes, shared }: WrittenTokens,
  step: (place: Place, byte: number) => Place | undefined,
  need: (place: Place) => number,
): NextTokens {
  const path: Place[] = [start];
  const found: number[] = [];
  const needs: number[] = [];
  let dead = Number.POSITIVE_INFINITY; // tokens that share more than so many bytes with the one before lead nowhere
  for (let token = 0; token < ids.length; token++) {
    if (shared[token]! > dead) continue;
    const own = bytes[token]!;
    dead = Number.POSITIVE_INFINITY;
    path.length = Math.min(path.length, shared[token]! + 1);
    for (let depth = path.length - 1; depth < own.length; depth++) {
      const place = step(path[depth]!, own[depth]!);
      if (place === undefined) {
        dead = depth;
        break;
      }
      path.push(place);
    }
    if (dead !== Number.POSITIVE_INFINITY) continue;
    found.push(ids[token]!);
    needs.push(need(path[own.length]!));
  }
  return { ids: Int32Array.from(found), needs: Float64Array.from(needs) };
}

/** Tokens it takes at most from each state to one where the text may end. */
function needsOf(automaton: TextAutomaton, { cost }: WrittenTokens): Float64Array {
  const needs = Float64Array.from(automaton, ({ final }) => (final ? 0 : Number.POSITIVE_INFINITY));
  const sources: { readonly from: number; readonly cost: number }[][] = automaton.map(() => []);
  for (const [from, { moves }] of automaton.entries()) {
    for (const move of moves) sources[move.state]!.push({ from, cost: cost(move.from, move.to) });
  }
  const waiting = [...needs.keys()].filter((state) => needs[state] === 0);
  for (let state = waiting.shift(); state !== undefined; state = waiting.shift()) {
    for (const source of sources[state]!) {
      const need = needs[state]! + source.cost;
      if (need >= needs[source.from]!) continue;
      needs[source.from] = need;
      waiting.push(source.from);
    }
  }
  return needs;
}

/** A byte more; undefined where it is no UTF-8. */
function withByte({ state, code, left, length }: Place, byte: number): Place | undefined {
  if (left > 0)
    return byte >> 6 === 2 ? { state, code: (code << 6) | (byte & 0x3f), left: left - 1, length } : undefined;
  const bytes = utf8LengthBy(byte);
  if (bytes === 0) return undefined;
  return { state, code: bytes === 1 ? byte : byte & (0x7f >> bytes), left: bytes - 1, length: bytes };
}

/** Code points that a character of `length` bytes can still become; an empty range where it would be written too long. */
function completions(code: number, left: number, length: number): readonly [from: number, to: number] {
  const from = code * 64 ** left;
  return [Math.max(from, length > 1 ? LEAST[length]! : 0), from + 64 ** left - 1];
}

/** The least code point of so many bytes. */
const LEAST = [0, 0, 0x80, 0x800, 0x10000];

/** The moves that some code point of a range makes. */
function* overlapping(moves: readonly TextMove[], from: number, to: number): Generator<TextMove> {
  let [low, high] = [0, moves.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (moves[middle]!.to < from) low = middle + 1;
    else high = middle;
  }
  for (let i = low; i < moves.length && moves[i]!.from <= to; i++) yield moves[i]!;
}
