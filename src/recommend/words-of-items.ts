import type { AttributeTable } from '../data/interactions/attribute-table.js';
import { type ItemWords, itemWords, wordTexts } from './baselines/item-words.js';
import type { FitPlan } from './fit-options.js';
import { guessItemTemplate, templateSlots } from './reading/item-reading.js';

/**
 * The words of the columns that a frozen model reads or would read of each item; no model is needed for them.
 * @param ids code → id @returns undefined where there is no text, or none is to be read
 */
export function wordsOfItems(
  table: AttributeTable | undefined,
  ids: readonly string[],
  { text, itemTemplate }: Pick<FitPlan, 'text' | 'itemTemplate'>,
): ItemWords | undefined {
  if (table === undefined || text === 'never') return undefined;
  const columns = templateSlots(itemTemplate ?? guessItemTemplate(table));
  const words = itemWords(wordTexts(table, ids, columns));
  return words.words.length > 0 ? words : undefined;
}
