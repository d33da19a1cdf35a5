import { parseTemplate } from '../../prompt/parse-template.js';
import { formatTemplate, type Template, type TemplatePart } from '../../prompt/template.js';
import { templateMistake } from '../../prompt/template-mistake.js';

/** Latest items of a history that are read. */
export const MAX_HISTORY = 20;

/** Says what a user met and what comes next; the titles stand where the template has its places, spaces as written. */
export const WORDS_TEMPLATE = 'A reader enjoyed {history|keep=end}. Next, the same reader will enjoy {label}.';

/** Asks about a title; the answer, yes or no, follows. */
export const WORDS_QUESTION = 'A reader enjoyed {history|keep=end}. Will the same reader enjoy {label}? The answer is';

/**
 * What is asked of a title: whether it comes next (`title`: its own likelihood), or whether the answer is yes (`yes-no`: the log odds
 * log P(yes | history, title) − log P(no | history, title), with the template's words behind {label} as the question's end).
 */
export const WORDS_FORMS = ['title', 'yes-no'] as const;
export type WordsForm = (typeof WORDS_FORMS)[number];

/** What is used if no template is given. */
export const WORDS_TEMPLATES: Readonly<Record<WordsForm, string>> = {
  title: WORDS_TEMPLATE,
  'yes-no': WORDS_QUESTION,
};

/** The slot that is filled with the titles of a history. */
export const HISTORY = 'history';

/** A template with {history} once, and no other slot. Errors: TEMPLATE_INVALID, with the place. */
export function parseWordsTemplate(source: string): Template {
  const template = parseTemplate(source);
  const slots = template.parts.filter((part) => part.kind === 'slot');
  const wrong = slots.find(({ field }) => field !== HISTORY) ?? slots[1];
  if (slots.length > 0 && wrong === undefined) return template;
  throw templateMistake(source, wrong?.at ?? source.length, {
    found: wrong === undefined ? 'No {history}' : wrong.field === HISTORY ? 'A second {history}' : `{${wrong.field}}`,
    expected: '{history} once, where the titles of the history belong, and no other slot',
    fix: `Write for example '${WORDS_TEMPLATE}'.`,
  });
}

/** The same of a question, whose answer follows: something is asked behind the title. Errors: TEMPLATE_INVALID, with the place. */
export function parseWordsQuestion(source: string): Template {
  const template = parseWordsTemplate(source);
  const label = template.parts.findIndex((part) => part.kind === 'label');
  const asks = template.parts.slice(label + 1).some((part) => part.kind === 'words' && ASKS.test(part.text));
  if (asks) return template;
  throw templateMistake(source, source.length, {
    found: 'No question behind {label}',
    expected: 'a question about {label} that yes or no follows, since titles are asked about (--words-form yes-no)',
    fix: `Write for example '${WORDS_QUESTION}', or leave --words-form out.`,
  });
}

/** A template of one form or the other. Errors: TEMPLATE_INVALID, with the place. */
export const parseWords = (source: string, form: WordsForm): Template =>
  form === 'yes-no' ? parseWordsQuestion(source) : parseWordsTemplate(source);

/** A template without slots. Errors: TEMPLATE_INVALID, with the place. */
export function parsePriorTemplate(source: string): Template {
  const template = parseTemplate(source);
  const slot = template.parts.find((part) => part.kind === 'slot');
  if (slot === undefined) return template;
  throw templateMistake(source, slot.at, {
    found: `{${slot.field}}`,
    expected: 'no slot: the prior is the same for every history',
    fix: "Write for example 'The reader will enjoy {label}.'.",
  });
}

/**
 * The same template without a history: what a title's likelihood is compared with. It is the domain premise of Holtzman
 * et al. (2021, "Surface Form Competition", section 3): the words between the history and the title, which say what is
 * asked of whom (`Next, the same reader will enjoy {label}.`). Where these are only punctuation, as in a list of titles,
 * it is what stands before the history. Learned tokens stay.
 * Errors: TEMPLATE_INVALID where nothing is left.
 */
export function priorTemplate({ source, parts }: Template): Template {
  const at = parts.findIndex((part) => part.kind === 'slot');
  const label = parts.findIndex((part) => part.kind === 'label');
  const isWords = (part: TemplatePart) => part.kind === 'words' && part.text.replace(NO_WORD, '') !== '';
  const premise = parts.slice(at + 1, label).some(isWords);
  const left = parts.flatMap((part, i): TemplatePart[] => {
    if (part.kind === 'slot') return [];
    if (part.kind !== 'words' || i > label) return [part];
    if (premise) return i < at ? [] : [{ ...part, text: part.text.replace(LEADING, '') }];
    return i < at ? [part] : [];
  });
  if (left[0]!.kind !== 'label') return parseTemplate(formatTemplate(left));
  throw templateMistake(source, parts[label]!.at, {
    found: 'A {label} before which nothing stands without the history',
    expected: 'words that ask for a title, to subtract what it is worth without a history',
    fix: "Put words into the template, give a prior (--prior 'Next: {label}'), or subtract nothing (--prior-weight 0).",
  });
}

const NO_WORD = /[^\p{L}\p{N}]+/gu;
/** A word, or what ends a question. */
const ASKS = /[\p{L}\p{N}?？]/u;
const LEADING = /^[^\p{L}\p{N}]+/u;
