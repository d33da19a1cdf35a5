import type { AttributeTable } from '../../data/interactions/attribute-table.js';
import type { FrozenModel } from '../../network/load-model.js';
import { openItemReader } from '../item-reader.js';
import type { ItemVectors } from '../item-vectors.js';
import type { Catalogue } from './catalogue.js';

const READING = { maxTextLength: 64, learnPrompt: false, method: 'soft', pooling: undefined } as const;
/** Texts of fewer items are no ground to whiten on. */
const FEWEST = 8;

interface ItemTextReading {
  readonly titleColumn?: string | undefined;
  /** The first layers of the model that read. */
  readonly layers: number;
  /** Numbers a text's vector is reduced to. */
  readonly textWidth: number;
  readonly seed: number;
  readonly threads?: number | undefined;
}

/** The items' texts as the frozen model reads them, whitened; undefined where they have none. */
export async function readItemTexts(
  model: FrozenModel,
  items: Catalogue,
  met: ReadonlySet<string>,
  { titleColumn, layers, textWidth, seed, threads }: ItemTextReading,
  onProgress?: (done: number, all: number) => void,
): Promise<ItemVectors | undefined> {
  if (items.ids.length < FEWEST || items.columns.size === 0) return undefined;
  const table: AttributeTable = { ids: items.ids, columns: items.columns };
  const codes = Uint8Array.from(items.ids, (id) => Number(met.has(id)));
  const itemTemplate = titleColumn === undefined ? undefined : `{${titleColumn}}`;
  const reader = await openItemReader(
    model,
    table,
    items.ids,
    codes.some((one) => one === 1) ? codes : codes.fill(1),
    { ...READING, layers, textWidth, seed, threads, itemTemplate },
    onProgress,
  );
  await reader.release();
  return { places: items.places, values: reader.features.vectors, width: reader.features.width };
}
