import { oneLine, titleColumn } from '../data/interactions/item-titles.js';
import type { SavedRecommender } from './folder/recommender-folder.js';

/** The title of an item code, where the items' table has a column of titles that says something of it. */
export function itemTitles({
  itemColumns,
}: Pick<SavedRecommender, 'itemColumns'>): (item: number) => string | undefined {
  const column = titleColumn(itemColumns);
  const titles = column === undefined ? undefined : itemColumns.get(column);
  return (item) => oneLine(titles?.[item] ?? '') || undefined;
}
