import type { AttributeTable } from '../../data/interactions/attribute-table.js';
import type { FrozenModel } from '../../network/load-model.js';
import { openItemReader } from '../item-reader.js';
import type { ItemVectors } from '../item-vectors.js';
import type { Catalogue } from './preference-data.js';
import type { PreferencePlan } from './preference-options.js';

const READING = { maxTextLength: 64, learnPrompt: false, method: 'soft', pooling: undefined } as const;
/** Texts of fewer items are no ground to whiten on. */
const FEWEST = 8;

/** The items' texts as the frozen model reads them, whitened; undefined where they have none. */
export async function readItemTexts(
  model: FrozenModel,
  items: Catalogue,
  met: ReadonlySet<string>,
  {
    titleColumn,
    layers,
    textWidth,
    seed,
    threads,
  }: Pick<PreferencePlan, 'titleColumn' | 'layers' | 'textWidth' | 'seed' | 'threads'>,
  onProgress?: (done: number, all: number) => void,
): Promise<ItemVectors | undefined> {
  if (items.ids.length < FEWEST || items.columns.size === 0) return undefined;
  const table: AttributeTable = { ids: items.ids, columns: items.columns };
  const codes = Uint8Array.from(items.ids, (id) => Number(met.has(id)));
  const width = Math.min(textWidth, Math.max(1, Math.floor(items.ids.length / 4)));
  const itemTemplate = titleColumn === undefined ? undefined : `{${titleColumn}}`;
  const reader = await openItemReader(
    model,
    table,
    items.ids,
    codes.some((one) => one === 1) ? codes : codes.fill(1),
    { ...READING, layers, textWidth: width, seed, threads, itemTemplate },
    onProgress,
  );
  await reader.release();
  return { places: items.places, values: reader.features.vectors, width: reader.features.width };
}
