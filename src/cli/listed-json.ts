import type { LikelyUser } from '../recommend/about-item.js';
import type { Because } from '../recommend/titles/because.js';

interface ListedItem {
  readonly item: string;
  readonly score: number;
  readonly because?: Because;
  /** What its title says, where lists are ranked anew by it. */
  readonly words?: { readonly score: number; readonly because?: Because };
}

/**
 * A list as `--json` writes it, with the keys that the files of `recommend batch` have too: `rank`, `item_id`, `score`;
 * then what else is known of each.
 */
export function listedItems(list: readonly ListedItem[]) {
  return list.map(({ item, score, because, words, ...more }, i) => ({
    rank: i + 1,
    itemId: item,
    score,
    ...more,
    ...(because && { because: because.map(named) }),
    ...(words && { words: { ...words, ...(words.because && { because: words.because.map(named) }) } }),
  }));
}

/** The same of users. */
export function listedUsers(list: readonly LikelyUser[]) {
  return list.map(({ user, score }, i) => ({ rank: i + 1, userId: user, score }));
}

/** Something of an item under the key that items have in lists; titles are for people. */
export function named<T extends object>(value: T) {
  if (!('item' in value)) return value;
  const { item, title: _, ...more } = value as T & { readonly item: unknown; readonly title?: unknown };
  return { itemId: item, ...more };
}
