import { wholeWords } from '../../methods/initialise.js';
import { embeddingWidth } from '../../network/checkpoint/config.js';
import { readEmbeddingRows } from '../../network/checkpoint/embedding-rows.js';
import type { FrozenModel } from '../../network/load-model.js';
import type { Alternatives } from './grips.js';

/** Words that a search chooses from, with the embeddings of the model that knows them. */
export interface WordList {
  /** Without the space before them. */
  readonly words: readonly string[];
  readonly ids: readonly number[];
  /** [V, d], each of length 1. */
  readonly embeddings: Float32Array;
  readonly width: number;
}

/** The first whole words of a model's vocabulary. */
export async function wordList({ checkpoint, tokenizer }: FrozenModel, most: number): Promise<WordList> {
  const seen = new Set<string>();
  const entries = wholeWords(tokenizer).flatMap((id) => {
    const word = tokenizer.decode([id], true).trim();
    if (word === '' || seen.has(word) || seen.size >= most) return [];
    seen.add(word);
    return [{ word, id }];
  });
  const ids = entries.map(({ id }) => id);
  const width = embeddingWidth(checkpoint.config);
  const embeddings = await readEmbeddingRows(checkpoint, ids);
  for (let row = 0; row < ids.length; row++) normalise(embeddings.subarray(row * width, (row + 1) * width));
  return { words: entries.map(({ word }) => word), ids, embeddings, width };
}

const NEAREST = 8;

/** The words of the list nearest to one by the cosine of their embeddings: what a small model knows of meaning. */
export function nearWords(model: FrozenModel, { words, embeddings, width }: WordList): Alternatives {
  const known = new Map<string, readonly string[]>();
  return async (word) => {
    const before = known.get(word);
    if (before !== undefined) return before;
    const own = await readEmbeddingRows(model.checkpoint, model.tokenizer.encode(` ${word}`).slice(0, 4));
    const mean = new Float32Array(width);
    own.forEach((value, i) => {
      mean[i % width]! += value;
    });
    const closeness = words.map((other, row) => {
      let dot = 0;
      for (let i = 0; i < width; i++) dot += embeddings[row * width + i]! * mean[i]!;
      return { other, dot };
    });
    const near = closeness
      .filter(({ other }) => other.toLowerCase() !== word.toLowerCase())
      .sort((a, b) => b.dot - a.dot)
      .slice(0, NEAREST)
      .map(({ other }) => other);
    known.set(word, near);
    return near;
  };
}

/** In place. */
function normalise(row: Float32Array): void {
  const length = Math.hypot(...row) || 1;
  for (let i = 0; i < row.length; i++) row[i]! /= length;
}
