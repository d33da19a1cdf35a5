import { basename, extname } from 'node:path';
import { plainName } from '../data/interactions/column-names.js';
import { readTable, type TableOptions } from '../data/read-table.js';
import { SoftpromptError } from '../errors.js';

/** A classification as a file of examples suggests it. */
export interface InferredTask {
  readonly labelColumn: string;
  /** Slot of the template → column. */
  readonly columns: Readonly<Record<string, string>>;
  readonly template: string;
  /** Label in the data → word in the text. */
  readonly labels: Readonly<Record<string, string>>;
}

const LABEL_NAMES = [
  ...['label', 'labels', 'class', 'category', 'sentiment', 'intent', 'topic', 'target', 'tag', 'type'],
  ...['标签', '类别', '分类', '情感', '类型', '意图'],
];
const TEXT_NAMES = [
  ...[
    'text',
    'sentence',
    'review',
    'message',
    'content',
    'comment',
    'body',
    'description',
    'question',
    'title',
    'subject',
  ],
  ...['文本', '内容', '评论', '句子', '消息', '留言', '标题', '正文'],
];

/** Rows that are looked at. */
const LOOKED_AT = 5000;
/** A column of more values names no classes. */
const MOST_LABELS = 50;

/**
 * Which column is the label, which the text, and a template for them: by the columns' names, and else by their values (few that
 * come again and again; long ones).
 * @throws DATA_COLUMN_MISSING where nothing looks like a label or a text, and the errors of readTable
 */
export async function inferTask(
  path: string,
  table: TableOptions = {},
  given: { readonly labelColumn?: string | undefined } = {},
): Promise<InferredTask> {
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
  const names = [...columns.keys()];
  const label = given.labelColumn ?? labelOf(columns, rows);
  const text = textOf(columns, label);
  if (label === undefined || text === undefined || !columns.has(label)) {
    throw new SoftpromptError('DATA_COLUMN_MISSING', {
      found: `${path} has the columns ${names.map((name) => `'${name}'`).join(', ')}`,
      expected: 'a column of texts, and one of labels: few values that come again and again',
      fix: 'Name them (--label-column COLUMN --field text=COLUMN), with --template and --labels.',
    });
  }
  const values = [...new Set(columns.get(label))];
  const chinese = /\p{Script=Han}/u.test(columns.get(text)!.slice(0, 50).join(''));
  return {
    labelColumn: label,
    columns: { text },
    template: chinese ? '[soft:8]{text|max=160}。类别：{label}' : '[soft:8]{text|max=160} Category:{label}',
    labels: Object.fromEntries(values.sort().map((value) => [value, wordFor(value, chinese)])),
  };
}

const wordFor = (value: string, chinese: boolean): string => {
  const word = value.trim().replace(/[_-]+/g, ' ');
  return chinese && /\p{Script=Han}/u.test(word) ? word : ` ${word}`;
};

function labelOf(columns: ReadonlyMap<string, readonly string[]>, rows: number): string | undefined {
  const fits = (name: string) => {
    const values = columns.get(name)!;
    const distinct = new Set(values).size;
    return distinct >= 2 && distinct <= Math.min(MOST_LABELS, Math.max(2, rows / 3)) && values.length === rows;
  };
  const names = [...columns.keys()];
  const known = LABEL_NAMES.flatMap((known) => names.filter((name) => plainName(name) === plainName(known)));
  const others = names.filter(fits).sort((a, b) => new Set(columns.get(a)).size - new Set(columns.get(b)).size);
  return known.find(fits) ?? others[0];
}

function textOf(columns: ReadonlyMap<string, readonly string[]>, label: string | undefined): string | undefined {
  const names = [...columns.keys()].filter((name) => name !== label);
  const length = (name: string) => {
    const values = columns.get(name)!;
    return values.reduce((sum, value) => sum + value.length, 0) / Math.max(1, values.length);
  };
  const known = TEXT_NAMES.flatMap((known) => names.filter((name) => plainName(name) === plainName(known)));
  const longest = names.sort((a, b) => length(b) - length(a))[0];
  return known[0] ?? (longest !== undefined && length(longest) >= 4 ? longest : undefined);
}

/** Where what was learned from a file goes, unless somebody says: `reviews.csv` → `reviews-prompt`. */
export const folderFor = (path: string, what: string): string =>
  `${basename(path)
    .replace(/\.gz$/, '')
    .slice(0, -extname(path.replace(/\.gz$/, '')).length || undefined)}-${what}`;
