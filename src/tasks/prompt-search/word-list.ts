import type { Example } from '../../data/example.js';
import { wholeWords } from '../../methods/initialise.js';
import { embeddingWidth } from '../../network/checkpoint/config.js';
import { readEmbeddingRows } from '../../network/checkpoint/embedding-rows.js';
import type { FrozenModel } from '../../network/load-model.js';
import { wordEnds } from '../word-ends.js';
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

/** Rows that tell in which script a task is written. */
const LOOKED_AT = 50;

/** Whether a word is written as a task's texts are: in Chinese, or not. */
export function writtenLike(examples: readonly Pick<Example, 'fields'>[]): (word: string) => boolean {
  const han = (text: string) => /\p{Script=Han}/u.test(text);
  const chinese = examples.slice(0, LOOKED_AT).some(({ fields }) => Object.values(fields).some(han));
  return (word) => han(word) === chinese;
}

/** Tokens that are looked at together. */
const TOGETHER = 256;

/** The first words of a model's vocabulary that `fits` and that it lets end there; all where none does. */
export async function wordList(
  model: FrozenModel,
  most: number,
  fits: (word: string) => boolean,
  threads: number | undefined,
): Promise<WordList> {
  const { checkpoint, tokenizer } = model;
  const seen = new Set<string>();
  const all = wholeWords(tokenizer).flatMap((id) => {
    const word = tokenizer.decode([id], true).trim();
    const isNew = word !== '' && !seen.has(word);
    seen.add(word);
    return isNew ? [{ word, id }] : [];
  });
  const fitting = all.filter(({ word }) => fits(word));
  const possible = fitting.length > 1 ? fitting : all;
  const ends = wordEnds(model, threads);
  const whole: typeof all = [];
  try {
    for (let from = 0; from < possible.length && whole.length < most; from += TOGETHER) {
      const part = possible.slice(from, from + TOGETHER);
      const areWords = await ends.areWords(part.map(({ id }) => id));
      whole.push(...part.filter((_, i) => areWords[i]));
    }
  } finally {
    await ends.release();
  }
  const entries = (whole.length > 1 ? whole : possible).slice(0, most);
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
