import {
  type Assertion,
  CombinedTransformer,
  type Concatenation,
  JS,
  type NoParent,
  Transformers,
  transform,
} from 'refa';
import { SoftpromptError } from '../../errors.js';
import type { Expression } from './expression.js';

/**
 * A JavaScript regular expression with the flag `u`, that the whole text has to match, without what looks around.
 * @throws DECODING_OPTION where it is none, or asks for what no automaton knows
 */
export function parsePattern(source: string): Expression {
  const { alternatives } = withoutAssertions(parsed(source), source);
  return { type: 'Alternation', alternatives };
}

function parsed(source: string) {
  try {
    new RegExp(source, 'u'); // its own words for what is wrong
    return JS.Parser.fromLiteral({ source, flags: 'u' }).parse({ assertions: 'parse' }).expression;
  } catch (error) {
    throw patternRefused(source, (error as Error).message);
  }
}

/** `^`, `$`, `\b` and what looks ahead or behind, worked into the expression. */
function withoutAssertions(expression: ReturnType<typeof parsed>, source: string) {
  const inlined = transform(
    new CombinedTransformer([
      Transformers.applyAssertions(),
      Transformers.removeUnnecessaryAssertions(),
      Transformers.inline(),
      Transformers.removeDeadBranches(),
    ]),
    expression,
  );
  // beyond the ends of the text stands nothing: what must not stand there does not, and what must cannot
  const lookingOut = assertionsIn(inlined.alternatives).some(({ negate }) => !negate);
  if (lookingOut) throw patternRefused(source, 'it looks ahead or behind further than can be followed');
  const whole = transform(Transformers.patternEdgeAssertions({ inline: false, remove: true }), inlined);
  if (assertionsIn(whole.alternatives).length > 0) throw patternRefused(source, 'it looks around within a repetition');
  return whole;
}

function assertionsIn(alternatives: readonly NoParent<Concatenation>[]): NoParent<Assertion>[] {
  return alternatives.flatMap(({ elements }) =>
    elements.flatMap((element) => {
      if (element.type === 'CharacterClass' || element.type === 'Unknown') return [];
      const inner = assertionsIn(element.alternatives);
      return element.type === 'Assertion' ? [element, ...inner] : inner;
    }),
  );
}

export function patternRefused(source: string, why: string): SoftpromptError {
  return new SoftpromptError('DECODING_OPTION', {
    found: `The regular expression ${JSON.stringify(source)}: ${why}`,
    expected: 'a JavaScript regular expression (flag u) that the whole answer has to match, without back references',
    fix: 'Correct it (--regex); `[0-9]{4}-[0-9]{2}` or `(yes|no), because .{1,80}` are examples.',
  });
}
