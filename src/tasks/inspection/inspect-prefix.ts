import type { SavedPrompt } from '../prompt-folder/saved-prompt.js';
import { cosine, distance, norm } from './inspect-vectors.js';

/** What can be read off a learned prefix: keys and values are no words, so it is what moved, and where. Plain JSON. */
export interface PrefixInspection {
  /** P */
  readonly tokens: number;
  /** One a layer, from the first. */
  readonly layers: readonly { readonly keys: PrefixPart; readonly values: PrefixPart }[];
}

/** The keys or the values of a layer, over all tokens together. */
export interface PrefixPart {
  /** Euclidean. */
  readonly norm: number;
  /** Undefined where the start was not kept. */
  readonly drift: { readonly distance: number; readonly cosine: number } | undefined;
}

/** Reads a prefix [P, layers·2·KV·s] layer by layer. */
export function inspectPrefix({
  learned: { tokens, values },
  initial,
  baseModel,
}: Pick<SavedPrompt, 'learned' | 'initial' | 'baseModel'>): PrefixInspection {
  const width = values.length / tokens;
  const part = width / (2 * baseModel.layers);
  const column = (values: Float32Array, index: number) =>
    Float32Array.from(
      { length: tokens * part },
      (_, i) => values[Math.floor(i / part) * width + index * part + (i % part)]!,
    );
  const read = (index: number): PrefixPart => {
    const learned = column(values, index);
    const start = initial && column(initial, index);
    return {
      norm: norm(learned),
      drift: start && { distance: distance(learned, start), cosine: cosine(learned, start) },
    };
  };
  return {
    tokens,
    layers: Array.from({ length: baseModel.layers }, (_, layer) => ({
      keys: read(2 * layer),
      values: read(2 * layer + 1),
    })),
  };
}
