import type { ErrorFacts } from '../errors.js';
import { readMade } from './parse-made.js';
import type { Template, TemplatePart } from './template.js';
import { templateMistake } from './template-mistake.js';

/**
 * Parses a template:
 * - `{field}` is a slot that an example fills; `{field|max=128,keep=end}` says how it gives way when it is too long;
 * - `{label}`, exactly once, is what is predicted; with a causal model only words may follow it, and they are scored with it;
 * - `{target}` in its place is a text that is learned and generated; `{target|max=64}` says how much of it;
 * - `[soft:20]` are twenty learned tokens, `[soft:"words"]` learned tokens that start from these words;
 * - `[user:stats]`, `[item:vector,rows=4]` are rows that learned maps make of what is known of a user or an item;
 * - everything else are fixed words. `\{ \} \[ \] \\ \n \t` write a character that would mean something else; `[`
 *   opens a learned block only before `soft`, `user:` and `item:`.
 *
 * Errors: TEMPLATE_INVALID, with the place.
 */
export function parseTemplate(source: string): Template {
  const parts: TemplatePart[] = [];
  let at = 0;
  while (at < source.length) {
    const read = source[at] === '{' ? readBraces : opens(source, at);
    const { part, end } = read(source, at);
    parts.push(part);
    at = end;
  }
  checkLabel(source, parts);
  return { source, parts };
}

/** A part, and where the next one starts. */
interface Read {
  readonly part: TemplatePart;
  readonly end: number;
}

type Reader = (source: string, at: number) => Read;

function opens(source: string, at: number): Reader {
  return opensLearned(source, at) ? readLearned : opensMade(source, at) ? readMade : readWords;
}

const opensLearned = opening(/\[\s*soft(?!\p{L})/iuy);
const opensMade = opening(/\[\s*(?:user|item)\s*:/iuy);

function opening(pattern: RegExp): (source: string, at: number) => boolean {
  return (source, at) => {
    pattern.lastIndex = at;
    return pattern.test(source);
  };
}

function readWords(source: string, at: number): Read {
  let text = '';
  let end = at;
  while (end < source.length && source[end] !== '{' && opens(source, end) === readWords) {
    if (source[end] === '}') {
      throw templateMistake(source, end, {
        found: "'}' that closes nothing",
        expected: "a '{' before it",
        fix: 'Write \\} for the character itself.',
      });
    }
    const character = readCharacter(source, end, TEXT_ESCAPES);
    text += character.text;
    end = character.end;
  }
  return { part: { kind: 'words', text, at }, end };
}

const TEXT_ESCAPES = escapesFor('\\{}[]');
const QUOTED_ESCAPES = escapesFor('\\"');

/** What may follow a backslash → what it stands for. */
function escapesFor(characters: string): ReadonlyMap<string, string> {
  return new Map([...Array.from(characters, (own) => [own, own] as const), ['n', '\n'], ['t', '\t']]);
}

/** One UTF-16 unit of text, or what an escape stands for. */
function readCharacter(
  source: string,
  at: number,
  escapes: ReadonlyMap<string, string>,
): { text: string; end: number } {
  if (source[at] !== '\\') return { text: source[at]!, end: at + 1 };
  const text = escapes.get(source[at + 1] ?? '');
  if (text !== undefined) return { text, end: at + 2 };
  throw templateMistake(source, at, {
    found:
      at + 1 < source.length
        ? `'\\${String.fromCodePoint(source.codePointAt(at + 1)!)}'`
        : "'\\' as the last character",
    expected: `one of ${[...escapes.keys()].map((key) => `\\${key}`).join(' ')}`,
    fix: 'Write \\\\ for a backslash.',
  });
}

function readBraces(source: string, at: number): Read {
  const end = at + 1 + source.slice(at + 1).search(/[{}]|$/);
  if (source[end] !== '}') {
    throw templateMistake(source, at, {
      found: "'{' that is never closed",
      expected: "'}' after the field's name",
      fix: 'Close it, or write \\{ for the character itself.',
    });
  }
  const content = source.slice(at + 1, end);
  const bar = content.indexOf('|');
  const field = (bar === -1 ? content : content.slice(0, bar)).trim();
  checkFieldName(source, at + 1, field);
  if (field === 'target') {
    const options = bar === -1 ? {} : readOptions(source, at + 2 + bar, content.slice(bar + 1));
    if (options.keep === 'end') {
      throw templateMistake(source, at + 1 + bar, {
        found: 'keep=end of {target}',
        expected: 'max=TOKENS: an answer is learned from its beginning',
        fix: 'Write for example {target|max=64}.',
      });
    }
    return { part: { kind: 'label', at, target: { max: options.max } }, end: end + 1 };
  }
  if (field !== 'label') {
    const options = bar === -1 ? {} : readOptions(source, at + 2 + bar, content.slice(bar + 1));
    return { part: { kind: 'slot', field, max: options.max, keep: options.keep ?? 'start', at }, end: end + 1 };
  }
  if (bar !== -1) {
    throw templateMistake(source, at + 1 + bar, {
      found: 'An option of {label}',
      expected: "'}': a label is never cut",
      fix: 'Write {label}.',
    });
  }
  return { part: { kind: 'label', at }, end: end + 1 };
}

function checkFieldName(source: string, at: number, field: string): void {
  if (field === '') {
    throw templateMistake(source, at, {
      found: 'A slot without a name',
      expected: "a field's name, or label",
      fix: 'Write for example {text}, or \\{ for the character itself.',
    });
  }
  if (/^soft\s*:/i.test(field)) {
    throw templateMistake(source, at, {
      found: 'Learned tokens in braces',
      expected: "a field's name, or label",
      fix: 'Write [soft:20], in square brackets.',
    });
  }
  if (field.includes('=')) {
    throw templateMistake(source, at, {
      found: `The field name '${field}', which looks like options`,
      expected: "a field's name, then | before options",
      fix: 'Write for example {text|max=128,keep=end}.',
    });
  }
}

interface SlotOptions {
  max?: number;
  keep?: 'start' | 'end';
}

function readOptions(source: string, at: number, text: string): SlotOptions {
  const options: SlotOptions = {};
  let start = at;
  for (const option of text.split(',')) {
    const [name = '', value = ''] = option.split(/=(.*)/s).map((side) => side.trim());
    const place = start + option.search(/\S|$/);
    const mistake = (found: string, expected: string) =>
      templateMistake(source, place, { found, expected, fix: 'Write for example {text|max=128,keep=end}.' });
    if (name !== 'max' && name !== 'keep') {
      throw mistake(name === '' ? 'An empty option' : `The unknown option '${name}'`, 'max=TOKENS or keep=start|end');
    }
    if (options[name] !== undefined) throw mistake(`A second ${name}=`, 'each option once');
    if (name === 'max') {
      const max = wholeNumber(value);
      if (max === undefined) throw mistake(`max=${value}`, `max= and ${COUNT}`);
      options.max = max;
    } else {
      if (value !== 'start' && value !== 'end') throw mistake(`keep=${value}`, 'keep=start or keep=end');
      options.keep = value;
    }
    start += option.length + 1;
  }
  return options;
}

const COUNT = 'a whole number from 1 to 999999';

function wholeNumber(text: string): number | undefined {
  return /^0*[1-9]\d{0,5}$/.test(text) ? Number(text) : undefined;
}

const LEARNED_FIX = 'Write [soft:20], or [soft:"words to start from"]; \\[ is the bracket itself.';

function readLearned(source: string, at: number): Read {
  const opening = /\[soft:\s*/y;
  opening.lastIndex = at;
  if (!opening.test(source)) {
    throw templateMistake(source, at, {
      found: `The unknown part '${source.slice(at).match(/^[^\]\n]*\]?/)![0]}'`,
      expected: "'[soft:' and a number or quoted words",
      fix: LEARNED_FIX,
    });
  }
  return source[opening.lastIndex] === '"'
    ? readLearnedWords(source, at, opening.lastIndex)
    : readLearnedCount(source, at, opening.lastIndex);
}

function readLearnedCount(source: string, at: number, contentAt: number): Read {
  const end = source.indexOf(']', contentAt);
  if (end === -1) throw unclosedLearned(source, at);
  const text = source.slice(contentAt, end).trim();
  const count = wholeNumber(text);
  if (count === undefined) {
    const found = text === '' ? 'Nothing after [soft:' : `[soft:${text}]`;
    throw templateMistake(source, contentAt, { found, expected: `${COUNT}, or quoted words`, fix: LEARNED_FIX });
  }
  return { part: { kind: 'learned', count, at }, end: end + 1 };
}

function readLearnedWords(source: string, at: number, quoteAt: number): Read {
  let words = '';
  let end = quoteAt + 1;
  while (source[end] !== '"') {
    if (end >= source.length) {
      throw templateMistake(source, quoteAt, {
        found: 'A quotation mark that is never closed',
        expected: "'\"]' after the words",
        fix: LEARNED_FIX,
      });
    }
    const character = readCharacter(source, end, QUOTED_ESCAPES);
    words += character.text;
    end = character.end;
  }
  if (words === '') {
    throw templateMistake(source, quoteAt, {
      found: '[soft:""], no words',
      expected: 'words to start from',
      fix: LEARNED_FIX,
    });
  }
  const close = end + 1 + source.slice(end + 1).search(/\S|$/);
  if (close >= source.length) throw unclosedLearned(source, at);
  if (source[close] !== ']') {
    const facts: ErrorFacts = { found: `'${source[close]}'`, expected: "']' after the words", fix: LEARNED_FIX };
    throw templateMistake(source, close, facts);
  }
  return { part: { kind: 'learned-words', words, at }, end: close + 1 };
}

function unclosedLearned(source: string, at: number) {
  return templateMistake(source, at, {
    found: "'[soft:' that is never closed",
    expected: "']' after the number or the words",
    fix: LEARNED_FIX,
  });
}

function checkLabel(source: string, parts: readonly TemplatePart[]): void {
  const index = parts.findIndex((part) => part.kind === 'label');
  if (index === -1) {
    throw templateMistake(source, source.length, {
      found: 'No {label}',
      expected: '{label} where the answer belongs, or {target} for a text that is generated',
      fix: "Write for example '{text} It was{label}'.",
    });
  }
  const second = parts.slice(index + 1).find((part) => part.kind === 'label');
  if (second === undefined) return;
  throw templateMistake(source, second.at, {
    found: second.target === undefined ? 'A second {label}' : 'A {target} after another answer',
    expected: 'one {label} or {target}',
    fix: 'Leave one of the two out.',
  });
}

/**
 * Checks that the answer is the one that a task is about. Errors: TEMPLATE_INVALID, with the place.
 */
export function checkAnswer({ source, parts }: Template, wanted: 'label' | 'target'): void {
  const part = parts.find((part) => part.kind === 'label')!;
  if ((part.target === undefined) === (wanted === 'label')) return;
  throw templateMistake(source, part.at, {
    found:
      wanted === 'label' ? '{target}, the answer of a task that generates' : '{label}, the answer of a classification',
    expected: `{${wanted}}`,
    fix:
      wanted === 'label'
        ? 'Learn to generate texts (--task generate), write {label}, or give the slot another name.'
        : 'Write {target} in its place, or classify (--task classify).',
  });
}

/**
 * Checks that only words follow the label, as in a causal model, which predicts from what stands before.
 * Errors: TEMPLATE_INVALID, with the place.
 */
export function checkNothingFollows({ source, parts }: Template): void {
  const index = parts.findIndex((part) => part.kind === 'label');
  const wrong = parts.slice(index + 1).find((part) => part.kind !== 'words');
  if (wrong === undefined) return;
  const name = wrong.kind === 'slot' ? `{${wrong.field}}` : 'Learned tokens';
  throw templateMistake(source, wrong.at, {
    found: `${name} after {label}`,
    expected: 'only words after {label}, which are scored with it',
    fix: 'Move it in front of {label}; models that predict masked words (BERT) read what follows too.',
  });
}
