import { Translator } from './catalogue.js';
import { currentLanguage } from './language.js';
import { CHINESE } from './zh/index.js';
import { NOUNS, THINGS } from './zh/words.js';

let chinese: Translator | undefined;

/**
 * A message for people in the language that was chosen. Messages are written in English where they arise, and are known
 * by that text: `zh/` has each of them in Chinese, as a test sees to. What is no message stays as it is.
 */
export function translate(text: string): string {
  if (currentLanguage() === 'en') return text;
  chinese ??= new Translator(CHINESE, NOUNS, THINGS);
  return chinese.translate(text);
}

/** The name of a row or column of ours, which may be a single word. */
export const translateName = (text: string): string =>
  (currentLanguage() === 'en' ? undefined : NOUNS[text]) ?? translate(text);
