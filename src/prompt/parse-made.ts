import { MADE_SOURCES, type Template, type TemplatePart } from './template.js';
import { templateMistake } from './template-mistake.js';

const MOST_ROWS = 64;

/** Reads `[user:stats]` or `[item:vector,rows=4]` at `at`. Errors: TEMPLATE_INVALID, with the place. */
export function readMade(source: string, at: number): { readonly part: TemplatePart; readonly end: number } {
  const mistake = (found: string, expected: string) =>
    templateMistake(source, at, {
      found,
      expected,
      fix: 'Write for example [user:stats] or [item:vector,rows=2]; \\[ is the bracket itself.',
    });
  const close = source.indexOf(']', at);
  if (close === -1) throw mistake(`'${source.slice(at, at + 20)}' that is never closed`, "']' after the source's name");
  const content = source.slice(at + 1, close);
  const [, of = '', named = '', options] = /^\s*(user|item)\s*:\s*([^,]*?)\s*(?:,(.*))?$/is.exec(content) ?? [];
  const name = MADE_SOURCES.find((known) => known === named.toLowerCase());
  if (name === undefined) throw mistake(`[${content}]`, `one of ${MADE_SOURCES.join(', ')} after the colon`);
  const rows = options === undefined ? 1 : Number(/^\s*rows\s*=\s*(\d{1,3})\s*$/i.exec(options)?.[1] ?? 0);
  if (rows < 1 || rows > MOST_ROWS) throw mistake(`[${content}]`, `rows= and a whole number from 1 to ${MOST_ROWS}`);
  return { part: { kind: 'made', of: of.toLowerCase() as 'user' | 'item', source: name, rows, at }, end: close + 1 };
}

/** Errors: TEMPLATE_INVALID where rows are to be made and nobody knows of what. */
export function refuseMade({ source, parts }: Template): void {
  const part = parts.find(({ kind }) => kind === 'made');
  if (part === undefined) return;
  throw templateMistake(source, part.at, {
    found: 'Rows made of what is known of a user or an item',
    expected: 'a template of texts and learned tokens',
    fix: 'Use it with `npx softprompt recommend profile` or `recommend preference fit`, or write \\[ for the bracket itself.',
  });
}
