import { type AttributeTable, matchAttributes } from '../../data/interactions/attribute-table.js';
import { holdWords, readableText, TITLE_NAME } from '../../data/interactions/item-titles.js';
import type { Method } from '../../methods/method.js';
import { type CompiledTemplate, compileTemplate } from '../../prompt/compile-template.js';
import { parseTemplate } from '../../prompt/parse-template.js';
import type { PromptSequence } from '../../prompt/sequence.js';
import { splitFront } from '../../prompt/split-front.js';
import type { Template } from '../../prompt/template.js';
import { frontStarts } from '../../tasks/front-starts.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';

/** What the frozen model reads of each item, one entry an item code; undefined where nothing is known of it. */
export interface ItemReading {
  readonly template: CompiledTemplate;
  readonly texts: readonly (PromptSequence | undefined)[];
}

export interface ItemReadingOptions {
  /** A template without {label}: fixed words, learned tokens, and slots that are columns of the items. */
  readonly template: string;
  readonly tokenizer: Tokenizer;
  /** Whether the model predicts masked words (BERT): its texts end with the tokenizer's own mark. */
  readonly masked?: boolean | undefined;
  /** Longest text in tokens, the template's words and learned tokens included. */
  readonly maxLength: number;
  /** How the template's learned tokens enter the model. Default: as rows. */
  readonly method?: Pick<Method, 'tokens'> | undefined;
}

/**
 * Makes token sequences of the items' texts. An item whose slots are all empty has no text.
 * @param ids code → id
 * @throws TEMPLATE_INVALID, FIELD_MISSING, PROMPT_TOO_LONG, DATA_IDS_FOREIGN
 */
export function readingOfItems(
  table: AttributeTable,
  ids: readonly string[],
  { template: source, tokenizer, maxLength, masked = false, method }: ItemReadingOptions,
): ItemReading {
  // a reading has nothing to predict: its one label only marks the end
  const whole = parseTemplate(`${source}{label}`);
  const { front, rest } = method?.tokens === 'front' ? splitFront(whole) : { front: undefined, rest: whole };
  const compiled = compileTemplate(rest, {
    tokenizer,
    labels: new Map([['end', '.']]),
    maxLength,
    end: masked ? tokenizer.end : undefined,
  });
  const starts = front === undefined ? compiled.starts : frontStarts(front, tokenizer);
  const template = { ...compiled, template: whole, starts, learnedTokens: starts.length };
  const slots = slotsOf(template.template);
  const { rows } = matchAttributes(table, ids);
  const texts = ids.map((id, code) => {
    const row = rows[code]!;
    if (row === -1) return undefined;
    const fields = Object.fromEntries(
      Array.from(table.columns, ([name, values]) => [name, readableText(values[row]!)]),
    );
    if (slots.every((slot) => fields[slot] === '')) return undefined;
    return template.encode({ id, fields, label: undefined });
  });
  return { template, texts };
}

const slotsOf = ({ parts }: Template) => parts.flatMap((part) => (part.kind === 'slot' ? [part.field] : []));

/** The columns that a template without {label} reads. @throws TEMPLATE_INVALID */
export const templateSlots = (template: string): readonly string[] => [
  ...new Set(slotsOf(parseTemplate(`${template}{label}`))),
];

/**
 * Item → what tells its text from another's behind the same template: what fills the slots; undefined where it has none.
 * @param columns by name, a value an item
 */
export function textNames(
  columns: ReadonlyMap<string, readonly string[]>,
  slots: readonly string[],
): (item: number) => string | undefined {
  const named = slots.map((slot) => columns.get(slot));
  return (item) => {
    const values = named.map((column) => readableText(column?.[item] ?? ''));
    return values.every((value) => value === '') ? undefined : JSON.stringify(values);
  };
}

/**
 * A template for the items where none is given: their title if a column is called so, or else every column of words; a
 * column whose values are mostly numbers, codes or addresses says nothing to a language model.
 */
export function guessItemTemplate(table: AttributeTable): string {
  const names = [...table.columns.keys()].filter(
    (name) => /^[^{}|\\[\]=]+$/.test(name) && holdWords(table.columns.get(name)!),
  );
  const rank = (name: string) => {
    const place = PREFERRED.findIndex((pattern) => pattern.test(name));
    return place === -1 ? PREFERRED.length : place;
  };
  const ordered = names.sort((a, b) => rank(a) - rank(b));
  return ordered
    .slice(0, MOST_SLOTS)
    .map((name) => `{${name}}`)
    .join('. ');
}

const PREFERRED = [TITLE_NAME, /^text$/i, /brand|author|artist|creator/i, /categor|genre|subject|tag/i, /descri/i];
const MOST_SLOTS = 4;
