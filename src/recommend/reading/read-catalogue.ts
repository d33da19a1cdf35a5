import type { TextReader } from '../../network/text-reader.js';
import type { PromptSequence } from '../../prompt/sequence.js';

/** Texts read at once: enough to share the prompt's rows. */
const TEXTS_A_RUN = 32;

/**
 * Every item's text vector [items, d] behind a prompt [P, d]; zeros for items without text. Items of similar length are
 * read together.
 */
export async function readCatalogue(
  reader: TextReader,
  prompt: Float32Array,
  texts: readonly (PromptSequence | undefined)[],
  onProgress?: (done: number, all: number) => void,
): Promise<Float32Array> {
  const vectors = new Float32Array(texts.length * reader.width);
  const known = knownItems(texts).sort((a, b) => texts[a]!.context.length - texts[b]!.context.length || a - b);
  for (let start = 0; start < known.length; start += TEXTS_A_RUN) {
    const items = known.subarray(start, start + TEXTS_A_RUN);
    const read = await reader.read(
      prompt,
      Array.from(items, (item) => texts[item]!),
    );
    for (const [i, item] of items.entries()) {
      vectors.set(read.subarray(i * reader.width, (i + 1) * reader.width), item * reader.width);
    }
    onProgress?.(start + items.length, known.length);
  }
  return vectors;
}

/** The codes of items with a text. */
export function knownItems(texts: readonly (PromptSequence | undefined)[]): Int32Array {
  return Int32Array.from(texts.keys()).filter((item) => texts[item] !== undefined);
}
