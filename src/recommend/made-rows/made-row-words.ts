import { type RowMap, rowsMadeOf } from '../../methods/made-rows.js';
import { embeddingWidth } from '../../network/checkpoint/config.js';
import type { FrozenModel } from '../../network/load-model.js';
import { arraysOf, type Trainable } from '../../network/trainable.js';
import { rowOf } from '../../tasks/inspection/inspect-vectors.js';
import { scanVocabulary } from '../../tasks/inspection/inspect-vocabulary.js';

/** A row of the prompt that was made for a person or a thing, by the words of the vocabulary nearest to it. */
export interface MadeRowWords {
  /** `user:stats`. */
  readonly source: string;
  readonly row: number;
  /** Nearest first; readings mislead easily, so each stands with how near it is. */
  readonly words: readonly { readonly word: string; readonly cosine: number; readonly distance: number }[];
}

export interface MadeRowsToRead {
  readonly model: FrozenModel;
  readonly trainable: Trainable;
  /** The numbers of the trainable, flat. */
  readonly learned: Float32Array;
  readonly maps: readonly RowMap[];
  /** What each map's rows are made of. */
  readonly given: readonly Float32Array[];
}

/** @param count words a row */
export async function madeRowWords(
  { model, trainable, learned, maps, given }: MadeRowsToRead,
  count: number,
  threads: number | undefined,
): Promise<MadeRowWords[]> {
  const width = embeddingWidth(model.checkpoint.config);
  const arrays = arraysOf(trainable, learned);
  const made = maps.flatMap((map, place) => {
    const values = rowsMadeOf(map, arrays, given[place]!);
    const source = map.name.replace(/^\d+ /, '');
    return Array.from({ length: map.rows }, (_, row) => ({ source, row, vector: rowOf(values, width, row) }));
  });
  const { nearest } = await scanVocabulary(model, made, count, threads);
  return made.map(({ source, row }, i) => ({
    ...{ source, row },
    words: nearest[i]!.map(({ id, cosine, distance }) => ({ word: model.tokenizer.describe(id), cosine, distance })),
  }));
}

/** Lines for a terminal. */
export const formatMadeRows = (rows: readonly MadeRowWords[]): string[] => [
  'Nearest words of the rows (cosine):',
  ...rows.map(
    ({ source, row, words }) =>
      `${source} ${row}: ${words.map(({ word, cosine }) => `${word} ${cosine.toFixed(2)}`).join(', ')}`,
  ),
];
