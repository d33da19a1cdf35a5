import { SoftpromptError } from '../errors.js';
import type { Example } from './example.js';
import { groupBy } from './group-by.js';
import type { TableOptions } from './read-table.js';
import { type RowSource, sourceName, tableRows } from './row-source.js';
import type { TableRow } from './table-row.js';

export interface ExampleOptions extends TableOptions {
  /** The fields that the template's slots read. */
  readonly fields: readonly string[];
  /** Field → column, where they differ: {text: 'sentence'}. */
  readonly columns?: Readonly<Record<string, string>> | undefined;
  /** Default: `label`, where the file has such a column. One that is named must exist. */
  readonly labelColumn?: string | undefined;
  /** The label keys allowed. Default: any. */
  readonly labels?: readonly string[] | undefined;
  /** Whether every row must have a label. Default: false. */
  readonly requireLabels?: boolean | undefined;
  /** Where the fields and the label lay in earlier files of the task: taken where a file has these columns and none is named. */
  readonly earlier?: ExampleColumns | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Where examples lie in a table: the columns of fields that are called otherwise, and of the label. */
export interface ExampleColumns {
  readonly fields: Readonly<Record<string, string>>;
  readonly label?: string | undefined;
}

const ID_COLUMN = 'id';
const LABEL_COLUMN = 'label';
const ROWS_SHOWN = 5;

/**
 * Reads the examples of a text task from a data file or rows in memory (see tableRows). A null text is the empty text; a null or
 * empty label is no label. Rows are kept as they are: findEmptyTexts tells of those with nothing to read.
 * @throws DATA_COLUMN_MISSING, DATA_FIELD_UNKNOWN, DATA_LABEL_UNKNOWN, DATA_LABEL_MISSING, and tableRows' errors.
 */
export async function loadExamples(source: RowSource, options: ExampleOptions): Promise<Example[]> {
  const { labels, requireLabels = false } = options;
  const allowed = labels && new Set(labels);
  const unknown: { place: string; label: string }[] = [];
  const unlabelled: string[] = [];
  const examples: Example[] = [];
  for await (const { place, example } of readExamples(source, options)) {
    const { label } = example;
    if (label === undefined) unlabelled.push(place);
    else if (allowed && !allowed.has(label)) unknown.push({ place, label });
    examples.push(example);
  }
  if (unknown.length > 0) throw unknownLabels(unknown, labels!);
  if (requireLabels && unlabelled.length > 0) throw missingLabels(unlabelled, options.labelColumn ?? LABEL_COLUMN);
  return examples;
}

/**
 * The same, one at a time and with any label or none; `place` is the source's name and the row's number.
 * @throws DATA_COLUMN_MISSING, DATA_FIELD_UNKNOWN, and tableRows' errors.
 */
export async function* readExamples(
  source: RowSource,
  options: Omit<ExampleOptions, 'labels'>,
): AsyncGenerator<{ readonly place: string; readonly example: Example }> {
  checkColumns(options.fields, options.columns ?? {});
  let found: FoundColumns | undefined;
  for await (const row of tableRows(source, options)) {
    found ??= findColumns(row, options);
    const { sources, label, needed } = found;
    const place = `${sourceName(source)}:${row.number}`;
    for (const column of needed)
      if (!row.values.has(column))
        throw missingColumn(typeof source === 'string' ? source : sourceName(source), row, column, label);
    const example = {
      id: row.values.get(ID_COLUMN) || place,
      fields: Object.fromEntries(sources.map(([field, column]) => [field, row.values.get(column) ?? ''])),
      label: row.values.get(label) || undefined,
    };
    yield { place, example };
  }
}

interface FoundColumns {
  readonly sources: readonly (readonly [field: string, column: string])[];
  readonly label: string;
  /** The columns that every row must have. */
  readonly needed: readonly string[];
}

/** The column of each field and of the label: as named, else as in earlier files where the row has it, else its own name. */
function findColumns(row: TableRow, options: Omit<ExampleOptions, 'labels'>): FoundColumns {
  const { fields, columns = {}, labelColumn, earlier, requireLabels = false } = options;
  const ifThere = (column: string | undefined) => (column !== undefined && row.values.has(column) ? column : undefined);
  const sources = fields.map((field) => {
    const named = Object.hasOwn(columns, field) ? columns[field] : undefined;
    const before = earlier && Object.hasOwn(earlier.fields, field) ? earlier.fields[field] : undefined;
    return [field, named ?? ifThere(before) ?? field] as const;
  });
  const label = labelColumn ?? ifThere(earlier?.label) ?? LABEL_COLUMN;
  const needed = sources.map(([, column]) => column);
  if (labelColumn !== undefined || requireLabels) needed.push(label);
  return { sources, label, needed };
}

/**
 * Reads field mappings as users write them: ['text=sentence', 'title=headline'] → {text: 'sentence', title: 'headline'}.
 * @throws DATA_FIELD_UNKNOWN
 */
export function parseFieldColumns(mappings: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    mappings.map((mapping) => {
      const equals = mapping.indexOf('=');
      if (equals > 0 && equals < mapping.length - 1) return [mapping.slice(0, equals), mapping.slice(equals + 1)];
      throw new SoftpromptError('DATA_FIELD_UNKNOWN', {
        found: `the field mapping '${mapping}'`,
        expected: 'field=column, such as text=sentence',
        fix: "Write --field with the template's field before the equals sign and the file's column after it.",
      });
    }),
  );
}

/** The examples of which a field is empty or only white space: the model has nothing to read there. */
export function findEmptyTexts(examples: readonly Example[]): Example[] {
  return examples.filter(({ fields }) => Object.values(fields).some((text) => text.trim() === ''));
}

function checkColumns(fields: readonly string[], columns: Readonly<Record<string, string>>): void {
  const stray = Object.keys(columns).find((field) => !fields.includes(field));
  if (stray === undefined) return;
  throw new SoftpromptError('DATA_FIELD_UNKNOWN', {
    found: `the field mapping ${stray}=${columns[stray]}, but the template has no slot {${stray}}`,
    expected: `one of ${fields.join(', ')} before the equals sign`,
    fix: 'Correct the mapping (--field) or the template (--template).',
  });
}

function missingColumn(path: string, row: TableRow, column: string, labelColumn: string): SoftpromptError {
  return new SoftpromptError('DATA_COLUMN_MISSING', {
    found: `${path}:${row.number} has no '${column}'; it has ${[...row.values.keys()].map((name) => `'${name}'`).join(', ')}`,
    expected: `a column '${column}'`,
    fix:
      column === labelColumn
        ? 'Name the column that holds the labels (--label-column).'
        : `Map the field to its column (such as --field text=sentence), or rename the slot in the template (--template).`,
  });
}

function unknownLabels(rows: readonly { place: string; label: string }[], labels: readonly string[]): SoftpromptError {
  const places = groupBy(rows, (row) => row.label);
  return new SoftpromptError('DATA_LABEL_UNKNOWN', {
    found: [...places]
      .slice(0, ROWS_SHOWN)
      .map(([label, of]) => `label '${label}' at ${shownPlaces(of.map((row) => row.place))}`)
      .join('; '),
    expected: `one of ${labels.map((label) => `'${label}'`).join(', ')}`,
    fix: 'Add the label to the label set (--labels), name another column (--label-column), or correct the rows.',
  });
}

function missingLabels(places: readonly string[], labelColumn: string): SoftpromptError {
  return new SoftpromptError('DATA_LABEL_MISSING', {
    found: `no label at ${shownPlaces(places)}`,
    expected: `a label in the column '${labelColumn}' of every row`,
    fix: 'Fill them in, name the column that holds the labels (--label-column), or leave those rows out.',
  });
}

function shownPlaces(places: readonly string[]): string {
  const more = places.length - ROWS_SHOWN;
  return places.slice(0, ROWS_SHOWN).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
