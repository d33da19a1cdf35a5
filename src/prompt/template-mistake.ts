import { type ErrorFacts, SoftpromptError } from '../errors.js';

/**
 * The error for a mistake at position `at` (UTF-16 units) of a template: the facts, then the line with a mark under
 * the place. Columns count characters from 1.
 */
export function templateMistake(source: string, at: number, facts: ErrorFacts): SoftpromptError {
  return new SoftpromptError('TEMPLATE_INVALID', {
    found: `${facts.found} at ${describePosition(source, at)} of the template`,
    expected: facts.expected,
    fix: `${facts.fix}\n${pointTo(source, at)}`,
  });
}

/** The line that holds position `at`, and a caret under it. */
export function pointTo(source: string, at: number): string {
  const { start, end } = lineAround(source, at);
  // Chinese characters are two columns wide on a terminal, and so is the ideographic space.
  const indent = Array.from(source.slice(start, at), (c) => (WIDE.test(c) ? '\u3000' : c === '\t' ? '\t' : ' '));
  return `  ${source.slice(start, end)}\n  ${indent.join('')}^`;
}

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

function describePosition(source: string, at: number): string {
  const { start } = lineAround(source, at);
  const column = Array.from(source.slice(start, at)).length + 1;
  const line = source.slice(0, start).split('\n').length;
  return source.includes('\n') ? `line ${line}, column ${column}` : `column ${column}`;
}

function lineAround(source: string, at: number): { start: number; end: number } {
  const end = source.indexOf('\n', at);
  return { start: at === 0 ? 0 : source.lastIndexOf('\n', at - 1) + 1, end: end === -1 ? source.length : end };
}
