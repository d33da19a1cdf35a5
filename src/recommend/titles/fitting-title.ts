import type { OpenTemplate } from '../../prompt/compile-template.js';

/** Part of a text that one title may take at most. */
const SHARE = 1 / 4;

/**
 * A title as an answer of the template, with the words after it. One that is so long that it leaves no room for a history, as
 * where a description stands in the title's place, counts by its beginning.
 * @param maxLength of history and title together, in tokens
 */
export function encodeTitle(open: Pick<OpenTemplate, 'encodeLabel'>, title: string, maxLength: number): Int32Array {
  const most = Math.max(1, Math.floor(SHARE * maxLength));
  const whole = open.encodeLabel(title);
  if (whole.length <= most) return whole;
  const characters = [...title];
  let [fits, tooLong] = [1, characters.length];
  while (tooLong - fits > 1) {
    const middle = (fits + tooLong) >> 1;
    if (open.encodeLabel(characters.slice(0, middle).join('')).length <= most) fits = middle;
    else tooLong = middle;
  }
  return open.encodeLabel(characters.slice(0, fits).join('').trimEnd());
}

/** The ids of a title as an answer; one that was met before is not encoded again. */
export function rememberedTitles(
  open: Pick<OpenTemplate, 'encodeLabel'>,
  maxLength: number,
): (title: string) => Int32Array {
  const known = new Map<string, Int32Array>();
  return (title) => {
    const ids = known.get(title) ?? encodeTitle(open, title, maxLength);
    known.set(title, ids);
    return ids;
  };
}
