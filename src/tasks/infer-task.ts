import { basename, extname } from 'node:path';
import { guessEncoding } from '../data/guess-encoding.js';
import { readTable, type TableOptions } from '../data/read-table.js';
import { SoftpromptError } from '../errors.js';
import { isLabelName, isRatingName, isTextName } from './column-kinds.js';

/** A classification as a file of examples suggests it. */
export interface InferredTask {
  readonly labelColumn: string;
  /** Slot of the template → column. */
  readonly columns: Readonly<Record<string, string>>;
  readonly template: string;
  /** Label in the data → word in the text. */
  readonly labels: Readonly<Record<string, string>>;
  /** Where the file does not tell it itself. */
  readonly encoding: string | undefined;
}

/** Rows that are looked at. */
const LOOKED_AT = 5000;
/** A column of more values names no classes. */
const MOST_LABELS = 50;
/** Columns that a template reads, at most. */
const MOST_TEXTS = 3;

type Columns = ReadonlyMap<string, readonly string[]>;

/**
 * Which column is the label, which hold the texts, and a template for them: by the columns' names, in English, Chinese, German,
 * French and Spanish, and else by their values (few that come again and again; words). Ratings of one to five or so are
 * labels where no other is.
 * @throws DATA_COLUMN_MISSING where nothing looks like a label or a text, and the errors of readTable
 */
export async function inferTask(
  path: string,
  table: TableOptions = {},
  given: { readonly labelColumn?: string | undefined } = {},
): Promise<InferredTask> {
  const encoding = table.encoding === undefined ? await guessEncoding(path) : undefined;
  const { columns, rows } = await lookAt(path, { ...table, encoding: table.encoding ?? encoding });
  const label = given.labelColumn ?? labelOf(columns, rows);
  const texts = label === undefined ? [] : textsOf(columns, label, rows);
  if (label === undefined || texts.length === 0 || !columns.has(label)) {
    throw new SoftpromptError('DATA_COLUMN_MISSING', {
      found: `${path} has the columns ${[...columns.keys()].map((name) => `'${name}'`).join(', ')}`,
      expected: 'a column of texts, and one of labels: few values that come again and again',
      fix: 'Name them (--label-column COLUMN --field text=COLUMN), with --template and --labels.',
    });
  }
  const values = [...new Set(columns.get(label))].sort();
  const chinese = texts.some((text) => /\p{Script=Han}/u.test(columns.get(text)!.slice(0, 50).join('')));
  const rated = ratingWords(label, values, chinese);
  const slots = slotsOf(columns, texts);
  return {
    labelColumn: label,
    columns: Object.fromEntries(slots.map(({ slot, column }) => [slot, column])),
    template: templateOf(slots, chinese, rated !== undefined),
    labels: rated ?? Object.fromEntries(values.map((value) => [value, wordFor(value, chinese)])),
    encoding,
  };
}

async function lookAt(
  path: string,
  table: TableOptions,
): Promise<{ readonly columns: Columns; readonly rows: number }> {
  const columns = new Map<string, string[]>();
  let rows = 0;
  for await (const { values } of readTable(path, table)) {
    for (const [name, value] of values) {
      const list = columns.get(name) ?? [];
      if (value !== null && value !== undefined && `${value}`.trim() !== '') list.push(`${value}`);
      columns.set(name, list);
    }
    rows += 1;
    if (rows === LOOKED_AT) break;
  }
  return { columns, rows };
}

const wordFor = (value: string, chinese: boolean): string => {
  const word = value.trim().replace(/[_-]+/g, ' ');
  return chinese && /\p{Script=Han}/u.test(word) ? word : ` ${word}`;
};

/** Words of ratings, from the worst to the best; of three the outer two and the middle. */
const RATING_WORDS = {
  english: [' terrible', ' bad', ' okay', ' good', ' great'],
  chinese: ['很差', '较差', '一般', '不错', '很好'],
} as const;

/** Label words of ratings 1 to 5 (or some of them); undefined where the label is none. */
function ratingWords(label: string, values: readonly string[], chinese: boolean): Record<string, string> | undefined {
  const numbers = values.map((value) => Number(value.replace(',', '.')));
  const fits = numbers.every((number) => Number.isInteger(number) && number >= 1 && number <= 5);
  if (!fits || !isRatingName(label)) return undefined; // numbers may be names of classes, too
  const words = RATING_WORDS[chinese ? 'chinese' : 'english'];
  return Object.fromEntries(values.map((value, i) => [value, words[numbers[i]! - 1]!]));
}

interface Slot {
  readonly slot: string;
  readonly column: string;
  /** Longest part of it in tokens. */
  readonly most: number;
}

/** The longest text is {text}; shorter ones in front of it or behind it as in the file. */
function slotsOf(columns: Columns, texts: readonly string[]): Slot[] {
  const longest = texts.reduce((a, b) => (meanLength(columns, b) > meanLength(columns, a) ? b : a));
  let others = 0;
  return texts.map((column) => {
    if (column === longest) return { slot: 'text', column, most: 160 };
    others += 1;
    return { slot: others === 1 ? 'title' : 'more', column, most: 40 };
  });
}

function templateOf(slots: readonly Slot[], chinese: boolean, rated: boolean): string {
  const texts = slots.map(({ slot, most }) => `{${slot}|max=${most}}`).join(chinese ? '。' : ' ');
  if (rated) return chinese ? `[soft:8]${texts}。总的来说{label}` : `[soft:8]${texts} It was{label}`;
  return chinese ? `[soft:8]${texts}。类别：{label}` : `[soft:8]${texts} Category:{label}`;
}

function labelOf(columns: Columns, rows: number): string | undefined {
  const fits = (name: string) => {
    const values = columns.get(name)!;
    const distinct = new Set(values).size;
    return distinct >= 2 && distinct <= Math.min(MOST_LABELS, Math.max(2, rows / 3)) && values.length === rows;
  };
  const names = [...columns.keys()].filter(fits);
  const few = (a: string, b: string) => new Set(columns.get(a)).size - new Set(columns.get(b)).size;
  const known = names.filter((name) => isLabelName(name));
  const ratings = names.filter((name) => isRatingName(name));
  const others = names.filter((name) => !isTextName(name) && !looksLikeText(columns, name)).sort(few);
  return known[0] ?? ratings[0] ?? others[0] ?? names.sort(few)[0];
}

/** In the order of the file: columns called so, and else the one of the longest values. */
function textsOf(columns: Columns, label: string, rows: number): string[] {
  const names = [...columns.keys()].filter((name) => name !== label && columns.get(name)!.length > 0);
  // a column of few values tells apart less than it costs, and one that is mostly empty tells little
  const varied = (name: string) =>
    new Set(columns.get(name)).size > Math.max(2, rows / 20) && columns.get(name)!.length > rows / 2;
  const called = names.filter((name) => isTextName(name) && varied(name));
  const words = names.filter((name) => looksLikeText(columns, name) && varied(name));
  const found = [...new Set([...called, ...words])];
  const longest = [...names].sort((a, b) => meanLength(columns, b) - meanLength(columns, a))[0];
  if (found.length === 0) return longest !== undefined && meanLength(columns, longest) >= 4 ? [longest] : [];
  const kept = found.sort((a, b) => meanLength(columns, b) - meanLength(columns, a)).slice(0, MOST_TEXTS);
  return names.filter((name) => kept.includes(name));
}

/** Whether values are mostly of three words or more, or of six Chinese characters. */
function looksLikeText(columns: Columns, name: string): boolean {
  const values = columns.get(name)!;
  const isText = (value: string) =>
    (value.match(/\p{L}{2,}/gu)?.length ?? 0) >= 3 || (value.match(/\p{Script=Han}/gu)?.length ?? 0) >= 6;
  return values.length > 0 && values.filter(isText).length > values.length / 2;
}

const meanLength = (columns: Columns, name: string): number => {
  const values = columns.get(name)!;
  return values.reduce((sum, value) => sum + value.length, 0) / Math.max(1, values.length);
};

/** Where what was learned from a file goes, unless somebody says: `reviews.csv` → `reviews-prompt`. */
export const folderFor = (path: string, what: string): string =>
  `${basename(path)
    .replace(/\.gz$/, '')
    .slice(0, -extname(path.replace(/\.gz$/, '')).length || undefined)}-${what}`;
