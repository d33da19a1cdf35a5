import { SoftpromptError } from '../../errors.js';
import { checkAnswer, parseTemplate } from '../../prompt/parse-template.js';
import { formatTemplate, type TemplatePart } from '../../prompt/template.js';
import { question } from './label-question.js';

/** Where in a template words are sought. */
export interface SoughtWords {
  /** What stands there as it was given; may be empty. */
  readonly given: string;
  /** What a search begins with: that, or else a question that names the label words. */
  readonly start: string;
  /** N of `[soft:N]`. */
  readonly tokens: number | undefined;
  /** The template with these words in the place, in the template language. */
  fill(words: string): string;
  /** The template with learned tokens in the place, and with all of its words. @param tokens default: what the template says, or `usual` */
  learned(tokens: number | undefined, usual: number): string;
}

/**
 * The place is the one block of learned tokens, or else the words that a template begins with, or else its beginning.
 * @throws TEMPLATE_INVALID
 */
export function soughtWords(template: string, labels: Readonly<Record<string, string>>): SoughtWords {
  const parsed = parseTemplate(template);
  checkAnswer(parsed, 'label');
  const { parts } = parsed;
  const blocks = parts.flatMap(({ kind }, i) => (kind === 'learned' || kind === 'learned-words' ? [i] : []));
  if (blocks.length > 1 || parts.some(({ kind }) => kind === 'made')) {
    throw new SoftpromptError('TEMPLATE_INVALID', {
      found: `The template ${JSON.stringify(template)} has ${blocks.length} places that are learned`,
      expected: 'at most one, [soft:N] or [soft:"words"]: words are sought in one place',
      fix: 'Leave one of them.',
    });
  }
  const found = blocks[0] ?? (parts[0]?.kind === 'words' && parts.length > 1 && parts[1]!.kind !== 'label' ? 0 : -1);
  const [before, after] = [parts.slice(0, Math.max(0, found)), parts.slice(found + 1)];
  const own = parts[found];
  const put = (part: TemplatePart) => formatTemplate([...before, part, ...after]);
  const given = own?.kind === 'words' ? own.text.trim() : own?.kind === 'learned-words' ? own.words.trim() : '';
  return {
    given,
    start: given === '' ? question(labels) : given,
    tokens: own?.kind === 'learned' ? own.count : undefined,
    fill: (words) => {
      const text = words.trim();
      if (text === '') return formatTemplate([...withoutDoubleSpace(before, after[0]), ...after]);
      const [left, right] =
        own?.kind === 'words'
          ? [/^\s*/.exec(own.text)![0], /\s*$/.exec(own.text)![0]]
          : spacesAround(text, before.at(-1), after[0]);
      // a line stays a line
      return put({ kind: 'words', text: left + text + (words.endsWith('\n') ? '\n' : right), at: 0 });
    },
    learned: (tokens, usual) => {
      if (own?.kind === 'learned-words' && tokens === undefined) return template;
      const count = tokens ?? (own?.kind === 'learned' ? own.count : usual);
      const part: TemplatePart = { kind: 'learned', count, at: 0 };
      return blocks.length > 0 ? put(part) : formatTemplate([part, ...parts]);
    },
  };
}

/** What stands in front of nothing: where a space follows, the one before it goes. */
function withoutDoubleSpace(before: readonly TemplatePart[], next: TemplatePart | undefined): readonly TemplatePart[] {
  const last = before.at(-1);
  if (last?.kind !== 'words' || next?.kind !== 'words' || !/^\s/.test(next.text)) return before;
  return [...before.slice(0, -1), { ...last, text: last.text.trimEnd() }];
}

/** The spaces that tell words from their neighbours; Chinese has none. */
function spacesAround(
  words: string,
  before: TemplatePart | undefined,
  after: TemplatePart | undefined,
): [left: string, right: string] {
  const han = (character: string | undefined) => /\p{Script=Han}|[，。！？：；、]/u.test(character ?? '');
  const open = before?.kind === 'words' ? /\s$/.test(before.text) : before === undefined;
  const shut = after?.kind === 'words' ? /^[\s.,!?:;，。！？：；]/.test(after.text) : after?.kind === 'label';
  return [open || han(words[0]) ? '' : ' ', shut || han(words.at(-1)) ? '' : ' '];
}
