/** The text with U+FFFD in place of every lone surrogate: half a character, which no file of text and no tokenizer can hold. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}
