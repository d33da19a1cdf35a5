/** Languages in which people are spoken to. Codes, keys, kinds and ids are the same in all. */
export const LANGUAGES = ['en', 'zh'] as const;
export type Language = (typeof LANGUAGES)[number];

let chosen: Language = 'en';

export function chooseLanguage(language: Language): void {
  chosen = language;
}

export const currentLanguage = (): Language => chosen;

/**
 * The language of a command line: what it says (--lang), else what the locale's variables say, in their order.
 * @param words of the command line, from which it is read before the flags are: help is told in it too
 */
export function languageOf(
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Language {
  const place = words.findLastIndex((word) => word === '--lang' || word.startsWith('--lang='));
  const said =
    place === -1 ? undefined : words[place]!.startsWith('--lang=') ? words[place]!.slice(7) : words[place + 1];
  const { LC_ALL, LC_MESSAGES, LANG } = environment;
  const named = said ?? (LC_ALL || LC_MESSAGES || LANG || '');
  return /^zh\b|^zh_/i.test(named) ? 'zh' : 'en';
}
