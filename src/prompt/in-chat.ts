import { SoftpromptError } from '../errors.js';
import { parseTemplate } from './parse-template.js';
import { formatTemplate, type Template, type TemplatePart } from './template.js';

/** What a chat template writes around what the user says: up to it, and from it on to where the assistant's turn begins. */
export interface ChatFrame {
  readonly before: string;
  readonly after: string;
}

/**
 * A template as a chat model reads it: what stands before the label (or target) is the user's turn, and the label comes right after the
 * assistant's header, with whatever follows it. Learned tokens and made rows that the template opens with stay in front of
 * everything, where PEFT puts them. Spaces at both ends of the user's turn go. Errors: TEMPLATE_INVALID.
 */
export function inChat(template: Template, { before, after }: ChatFrame): Template {
  const { parts } = template;
  const answerAt = parts.findIndex(({ kind }) => kind === 'label');
  const opened = parts.findIndex(({ kind }) => !ADDED.has(kind));
  const turn = trimmed(parts.slice(opened, answerAt));
  if (answerAt === -1 || turn.length === 0) {
    throw new SoftpromptError('TEMPLATE_INVALID', {
      found: `The template ${JSON.stringify(template.source)} has no words or slots before what is answered`,
      expected: 'what the user says to the chat model',
      fix: 'Write {text}, or words, in front of {label} or {target}.',
    });
  }
  const words = (text: string): TemplatePart[] => (text === '' ? [] : [{ kind: 'words', text, at: 0 }]);
  return parseTemplate(
    formatTemplate([...parts.slice(0, opened), ...words(before), ...turn, ...words(after), ...parts.slice(answerAt)]),
  );
}

/** What may stand in front of a text and is no part of it. */
const ADDED: ReadonlySet<TemplatePart['kind']> = new Set(['learned', 'learned-words', 'made']);

function trimmed(parts: readonly TemplatePart[]): TemplatePart[] {
  return parts
    .map((part, i) => {
      if (part.kind !== 'words') return part;
      const started = i === 0 ? part.text.trimStart() : part.text;
      return { ...part, text: i === parts.length - 1 ? started.trimEnd() : started };
    })
    .filter((part) => part.kind !== 'words' || part.text !== '');
}
