import { rowsMadeOf } from '../../methods/made-rows.js';
import { embeddingWidth } from '../../network/checkpoint/config.js';
import { arraysOf } from '../../network/trainable.js';
import { rowOf } from '../../tasks/inspection/inspect-vectors.js';
import { scanVocabulary } from '../../tasks/inspection/inspect-vocabulary.js';
import type { CandidatePreference, OpenPreference, PreferenceRequest } from './open-preference.js';
import { placeName } from './sources.js';

/** A row of the prompt that was made for a person or a thing, by the words of the vocabulary nearest to it. */
export interface MadeRowWords {
  /** `user:stats`. */
  readonly source: string;
  readonly row: number;
  /** Nearest first; readings mislead easily, so each stands with how near it is. */
  readonly words: readonly { readonly word: string; readonly cosine: number; readonly distance: number }[];
}

export interface PreferenceInspection {
  /** Rows of the person, then those of the first candidate. */
  readonly rows: readonly MadeRowWords[];
  /** Each answer, with how far it falls where one source tells nothing. */
  readonly decisions: readonly CandidatePreference[];
}

/** Looks at the prompt that was made for somebody. @throws RECOMMEND_REQUEST */
export async function inspectPreference(
  open: OpenPreference,
  request: PreferenceRequest,
  { words = 5, threads }: { readonly words?: number | undefined; readonly threads?: number | undefined } = {},
): Promise<PreferenceInspection> {
  const { task, saved } = open;
  const { model, maps, places } = task;
  const decisions = await open.for(request, { explain: true });
  const given = open.encode(request, request.candidates[0]!).given ?? [];
  const width = embeddingWidth(model.checkpoint.config);
  const arrays = arraysOf(task.trainable, saved.learned);
  const made = maps.flatMap((map, place) => {
    const values = rowsMadeOf(map, arrays, given[place]!);
    return Array.from({ length: map.rows }, (_, row) => ({
      source: placeName(places[place]!),
      row,
      vector: rowOf(values, width, row),
    }));
  });
  const { nearest } = await scanVocabulary(model, made, words, threads);
  return {
    rows: made.map(({ source, row }, i) => ({
      ...{ source, row },
      words: nearest[i]!.map(({ id, cosine, distance }) => ({ word: model.tokenizer.describe(id), cosine, distance })),
    })),
    decisions,
  };
}

/** For a terminal. */
export function formatPreferenceInspection({ rows, decisions }: PreferenceInspection): string {
  const near = rows.map(
    ({ source, row, words }) =>
      `${source} ${row}: ${words.map(({ word, cosine }) => `${word} ${cosine.toFixed(2)}`).join(', ')}`,
  );
  const moved = decisions.map(({ item, probability, because = {} }) => {
    const sources = Object.entries(because).map(([name, odds]) => `${name} ${odds >= 0 ? '+' : ''}${odds.toFixed(2)}`);
    return `${item}: ${(100 * probability).toFixed(1)} % yes; without a source the log odds change by ${sources.join(', ')}`;
  });
  return ['Nearest words of the rows (cosine):', ...near, '', ...moved].join('\n');
}
