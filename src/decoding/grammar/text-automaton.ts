import { DFA, NFA, TooManyNodesError } from 'refa';
import { SoftpromptError } from '../../errors.js';
import { type Expression, LAST } from './expression.js';

/** What texts are allowed, character by character; state 0 is the start. */
export type TextAutomaton = readonly TextState[];

export interface TextState {
  /** Whether the text may end here. */
  readonly final: boolean;
  /** By code point, sorted, none of half a surrogate pair. */
  readonly moves: readonly TextMove[];
}

export interface TextMove {
  readonly from: number;
  readonly to: number;
  readonly state: number;
}

const MOST_STATES = 10_000;
const SURROGATES = { from: 0xd800, to: 0xdfff };

/** The smallest deterministic automaton of an expression. @throws DECODING_OPTION where it is too large */
export function textAutomaton(expression: Expression): TextAutomaton {
  const dfa = determined(expression);
  const nodes = [...dfa.nodes()];
  const order = [dfa.initial, ...nodes.filter((node) => node !== dfa.initial)];
  const places = new Map(order.map((node, place) => [node, place]));
  return order.map((node) => ({
    final: dfa.finals.has(node),
    moves: Array.from(node.out, ([{ min, max }, to]) => ({ from: min, to: max, state: places.get(to)! }))
      .flatMap(withoutSurrogates)
      .sort((a, b) => a.from - b.from),
  }));
}

/** The same, not yet deterministic. @throws DECODING_OPTION where it is too large */
export function textNfa(expression: Expression): NFA {
  return limited(() =>
    NFA.fromRegex(expression, { maxCharacter: LAST }, { assertions: 'throw' }, new NFA.LimitedNodeFactory(MOST_STATES)),
  );
}

function determined(expression: Expression): DFA {
  const nfa = textNfa(expression);
  return limited(() => {
    const dfa = DFA.fromFA(nfa, new DFA.LimitedNodeFactory(MOST_STATES));
    dfa.minimize();
    return dfa;
  });
}

function limited<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof TooManyNodesError)) throw error;
    throw new SoftpromptError('DECODING_OPTION', {
      found: `A grammar of more than ${MOST_STATES} states`,
      expected: 'a smaller regular expression or JSON schema',
      fix: 'Shorten repetitions such as {1000}, maxLength and maxItems, or nest less.',
    });
  }
}

function withoutSurrogates(move: TextMove): TextMove[] {
  if (move.to < SURROGATES.from || move.from > SURROGATES.to) return [move];
  return [
    { ...move, to: SURROGATES.from - 1 },
    { ...move, from: SURROGATES.to + 1 },
  ].filter(({ from, to }) => from <= to);
}
