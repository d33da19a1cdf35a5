/** The text with U+FFFD in place of every lone surrogate: half a character, which no file of UTF-8 can hold. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}
