import { SoftpromptError } from '../../errors.js';
import type { TokenConstraint } from '../constraint.js';
import type { Expression } from './expression.js';
import { textAutomaton } from './text-automaton.js';
import { type Place, type TokenAutomaton, tokenAutomaton } from './token-automaton.js';
import type { WrittenTokens } from './written-tokens.js';

/** What an answer may be, ready for the tokens of one vocabulary. */
export interface Grammar {
  /**
   * @param end the id that ends an answer
   * @param room tokens that the answer may have: it is led to an end within them
   * @throws DECODING_OPTION where that is too few for any
   */
  constraint(end: number, room: number): TokenConstraint;
}

/** @throws DECODING_OPTION where no text matches that the vocabulary can write */
export function grammar(expression: Expression, tokens: WrittenTokens, named: string): Grammar {
  const automaton = tokenAutomaton(textAutomaton(expression), tokens);
  const least = automaton.need(automaton.start);
  if (!Number.isFinite(least)) {
    throw new SoftpromptError('DECODING_OPTION', {
      found: `${named}, which no text matches that the model's tokens can write`,
      expected: 'one that some text matches',
      fix: 'Correct it: something in it contradicts itself.',
    });
  }
  return {
    constraint: (end, room) => {
      if (least <= room) return walk(automaton, automaton.start, end, room);
      throw new SoftpromptError('DECODING_OPTION', {
        found: `Answers of ${room} tokens, and ${named}, whose shortest answer may take ${least}`,
        expected: `at least ${least} tokens`,
        fix: `Allow longer answers (--max-new-tokens ${least}, and a shorter text where the model has no room), or shorter matches.`,
      });
    },
  };
}

function walk(automaton: TokenAutomaton, start: Place, end: number, tokens: number): TokenConstraint {
  let place = start;
  let room = tokens;
  let ended = false;
  return {
    allowed: function* () {
      if (ended || automaton.final(place)) yield end;
      if (ended) return;
      const { ids, needs } = automaton.next(place);
      for (let i = 0; i < ids.length; i++) if (needs[i]! < room) yield ids[i]!;
    },
    accept: (id) => {
      const next = id === end ? undefined : automaton.after(place, id);
      if (next !== undefined) place = next;
      else if (id === end && automaton.final(place)) ended = true;
      else throw notAllowed(id);
      room--;
    },
    copy: () => walk(automaton, place, end, room),
  };
}

function notAllowed(id: number): SoftpromptError {
  return new SoftpromptError('DECODING_OPTION', {
    found: `the token ${id}, which the grammar does not allow`,
    expected: 'a token that it does',
    fix: 'Report this: a grammar allows only its own tokens.',
  });
}
