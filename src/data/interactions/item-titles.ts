import { readList } from './list-text.js';

/** What a column of titles is called. */
export const TITLE_NAME = /title|name|headline|标题|標題|名称|名稱|书名|片名|影片名|歌名|品名|商品名|产品名|题名|题目/i;

/**
 * The column that holds the items' titles: the first that is called so and holds words, else the first that is called so,
 * else the only one that holds words; undefined where none can be told.
 * @param columns by name, a value an item
 */
export function titleColumn(columns: ReadonlyMap<string, readonly string[]>): string | undefined {
  const names = [...columns.keys()];
  const ofWords = (name: string) => holdWords(columns.get(name)!);
  const called = names.filter((name) => TITLE_NAME.test(name));
  if (called.length > 0) return called.find(ofWords) ?? called[0];
  const others = names.filter(ofWords);
  return others.length === 1 ? others[0] : undefined;
}

/** A text on one line; of a list, as JSON and Python write them, its members with commas between. */
export function readableText(text: string): string {
  return oneLine(
    flatMembers(text)
      ?.filter((member) => member.trim() !== '')
      .join(', ') ?? text,
  );
}

/** Undefined where a text is no list, or only stands in brackets, such as a title may. */
function flatMembers(text: string): readonly string[] | undefined {
  if (!/^\s*\[/.test(text)) return undefined;
  try {
    const list = (JSON.parse(text) as unknown[]).flat(Number.POSITIVE_INFINITY);
    if (list.every((member) => typeof member !== 'object' || member === null)) {
      return list.flatMap((member) => (member === null ? [] : [String(member)]));
    }
  } catch {} // Python's
  const read = readList(text);
  return 'members' in read && /["',]/.test(text) ? read.members : undefined;
}

/** A text without line breaks, repeated spaces, or spaces around it. */
export function oneLine(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ');
}

/** Whether the values that are not empty are mostly words, rather than numbers, codes or addresses. */
export function holdWords(values: readonly string[]): boolean {
  const filled = values.filter((value) => value !== '');
  const words = filled.filter((value) => value.split(/\s+/).some(isWord));
  return words.length > 0 && words.length >= filled.length / 2;
}

/** Letters, but none of a product code: where Latin letters touch digits. */
function isWord(token: string): boolean {
  return /\p{L}{2}/u.test(token) && !/[a-z]\d|\d[a-z]/i.test(token) && !/^https?:/.test(token);
}
