import { createHash } from 'node:crypto';
import { type AttributeTable, readAttributes } from '../data/interactions/attribute-table.js';
import type { DatabaseQuery } from '../data/read-database.js';
import type { TableOptions } from '../data/read-table.js';
import { SoftpromptError } from '../errors.js';
import type { SavedRecommender } from './folder/recommender-folder.js';
import { growCatalogue } from './grow-catalogue.js';
import { type FittedReading, type ReadNewTextsOptions, readNewTexts } from './read-new-texts.js';
import { templateSlots, textNames } from './reading/item-reading.js';

/** A table of items that were not there at the fit, or say something else now. */
export interface NewItems {
  /** File of items, or a query on a database. */
  readonly source: string | DatabaseQuery;
  readonly table?: (TableOptions & { readonly idColumn?: string | undefined }) | undefined;
  /**
   * Whether rows of known items replace what is kept of them: their attributes, and their text where it changed. Default:
   * no, only rows of new items are read.
   */
  readonly replaceKnown?: boolean | undefined;
}

/** A recommender with the rows of a table. */
export interface GrownRecommender {
  readonly saved: SavedRecommender;
  /** A hash of what the rows add. */
  readonly key: string;
}

/**
 * Reads the rows of a table by the recommender's own reading: new items become candidates by their texts, and nothing is
 * trained.
 * @throws RECOMMEND_ITEMS where the recommender reads no texts, DATA_COLUMN_MISSING where the table lacks a column of the
 * template, PROMPT_BASE_MODEL where the model is another one, and the errors of readAttributes and loadModel
 */
export async function withNewItems(
  saved: SavedRecommender,
  folder: string,
  { source, table: options, replaceKnown = false }: NewItems,
  hooks: ReadNewTextsOptions,
): Promise<GrownRecommender> {
  const { recommender, itemColumns } = saved;
  const reading = fittedReading(saved, folder);
  const { vectors: ownVectors, width } = recommender.network.inputs.features!;
  const slots = templateSlots(reading.template);
  const table = await readAttributes(source, 'item', options);
  checkSlots(table, slots, typeof source === 'string' ? source : `The query on ${source.type}`);
  const known = recommender.items.length;
  const codes = new Map(recommender.items.map((id, code) => [id, code]));
  const added = table.ids.filter((id) => !codes.has(id));
  for (const [i, id] of added.entries()) codes.set(id, known + i);
  const items = [...recommender.items, ...added];
  const rows = table.ids.map((id, row) => ({ code: codes.get(id)!, row }));
  const taken = rows.filter(({ code }) => code >= known || replaceKnown);
  const columns = columnsWith(table, taken, itemColumns, items.length);

  const [before, now] = [textNames(itemColumns, slots), textNames(columns, slots)];
  const changed = taken
    .map(({ code }) => ({ code, text: now(code) }))
    .filter(({ code, text }) => text !== (code < known ? before(code) : undefined));
  const wanted = new Map(changed.flatMap(({ code, text }) => (text === undefined ? [] : [[text, code] as const])));
  const atHand = vectorsAtHand(wanted, before, ownVectors, width);
  const unread = new Map([...wanted].filter(([text]) => !atHand.has(text)));
  const read = await readNewTexts(reading, { items: unread, columns }, hooks);
  const vectors = new Float32Array(items.length * width);
  vectors.set(ownVectors);
  for (const { code, text } of changed) {
    const vector = text === undefined ? undefined : (atHand.get(text) ?? read.get(text));
    vectors.set(vector ?? new Float32Array(width), code * width);
  }
  const silent = added.filter((_, i) => now(known + i) === undefined).length;
  const others = replaceKnown
    ? []
    : rows.filter(({ code, row }) => code < known && differs(table, row, itemColumns, code));
  for (const note of notesOf(table, { added: added.length, silent, others: others.length })) hooks.onNote?.(note);
  const grown = await growCatalogue(recommender, items, vectors, { threads: hooks.threads });
  return { saved: { ...saved, recommender: grown, itemColumns: columns }, key: keyOf(table, taken, vectors) };
}

/** @throws RECOMMEND_ITEMS where the folder does not say how texts are read */
export function fittedReading({ reading, recommender }: SavedRecommender, folder: string): FittedReading {
  const readsTexts = reading !== undefined && recommender.network.inputs.features !== undefined;
  const { whitening, maxLength } = reading ?? {};
  if (readsTexts && whitening !== undefined && maxLength !== undefined) return { ...reading, whitening, maxLength };
  throw new SoftpromptError('RECOMMEND_ITEMS', {
    found: readsTexts
      ? `${folder} was fitted by an older softprompt, which did not keep how its items' texts are read`
      : `The recommender in ${folder} knows its items by their ids alone: it was fitted without texts, or validated better without them`,
    expected: 'a recommender that reads the texts of its items',
    fix: 'Fit again with --items, --model and --text always.',
  });
}

/** @throws DATA_COLUMN_MISSING */
function checkSlots(table: AttributeTable, slots: readonly string[], name: string): void {
  const missing = slots.filter((slot) => !table.columns.has(slot));
  if (missing.length === 0) return;
  throw new SoftpromptError('DATA_COLUMN_MISSING', {
    found: `${name} has the columns ${[...table.columns.keys()].map((column) => `'${column}'`).join(', ')}`,
    expected: `those that the fit read of its items: ${slots.map((slot) => `'${slot}'`).join(', ')}`,
    fix: `Add ${missing.map((slot) => `'${slot}'`).join(', ')}, or name the columns as in the items of the fit.`,
  });
}

/** The items' columns with the values of some rows; those that the table lacks stay empty for new items. */
export function columnsWith(
  table: AttributeTable,
  taken: readonly { readonly code: number; readonly row: number }[],
  before: ReadonlyMap<string, readonly string[]>,
  items: number,
): ReadonlyMap<string, readonly string[]> {
  const names = [...new Set([...before.keys(), ...table.columns.keys()])];
  return new Map(
    names.map((name) => {
      const values = Array.from({ length: items }, (_, code) => before.get(name)?.[code] ?? '');
      const given = table.columns.get(name);
      if (given !== undefined) for (const { code, row } of taken) values[code] = given[row]!;
      return [name, values];
    }),
  );
}

/** Vectors of texts that known items have too. */
function vectorsAtHand(
  wanted: ReadonlyMap<string, number>,
  textOf: (item: number) => string | undefined,
  vectors: Float32Array,
  width: number,
): ReadonlyMap<string, Float32Array> {
  const found = new Map<string, Float32Array>();
  if (wanted.size === 0) return found;
  for (let code = 0; code < vectors.length / width; code++) {
    const text = textOf(code);
    if (text === undefined || !wanted.has(text)) continue;
    const vector = vectors.subarray(code * width, (code + 1) * width);
    if (vector.some((value) => value !== 0)) found.set(text, vector);
  }
  return found;
}

/** Whether a row says something else of a known item than what is kept. */
function differs(
  table: AttributeTable,
  row: number,
  kept: ReadonlyMap<string, readonly string[]>,
  code: number,
): boolean {
  return [...kept].some(([name, values]) => (table.columns.get(name)?.[row] ?? values[code]) !== values[code]);
}

function notesOf(
  table: AttributeTable,
  { added, silent, others }: { readonly added: number; readonly silent: number; readonly others: number },
): string[] {
  const strange = added > 0 && added === table.ids.length;
  return [
    `${added} of ${table.ids.length} items of the table are new${silent > 0 ? `; ${silent} of them have no text, so they are not recommended` : ''}`,
    ...(strange ? [`the fit knew none of the table's items, such as '${table.ids[0]}'`] : []),
    ...(others > 0
      ? [`${others} known items have other values in the table: they keep what the fit read (--replace-known)`]
      : []),
  ];
}

/** A hash of what a table adds. */
function keyOf(
  { ids, columns }: AttributeTable,
  taken: readonly { readonly row: number }[],
  vectors: Float32Array,
): string {
  const hash = createHash('sha256').update(JSON.stringify([...columns.keys()]));
  for (const { row } of taken) {
    hash.update(JSON.stringify([ids[row], ...Array.from(columns.values(), (values) => values[row])]));
  }
  return hash.update(new Uint8Array(vectors.buffer, vectors.byteOffset, vectors.byteLength)).digest('hex');
}
