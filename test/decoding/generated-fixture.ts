import type { Tokenizer } from '../../src/tokenizer/tokenizer.js';

/** What transformers generates, as the scripts of `compare/` write it. */
export interface GeneratedFixture {
  readonly tokens: number;
  readonly penalty: number;
  readonly ngram: number;
  readonly texts: readonly (readonly number[])[];
  readonly greedy: readonly (readonly number[])[];
  readonly plain: readonly (readonly number[])[];
  readonly repetitionPenalty: readonly (readonly number[])[];
  readonly noRepeatNgram: readonly (readonly number[])[];
  readonly beams: readonly {
    readonly text: readonly number[];
    readonly beams: number;
    readonly lengthPenalty: number;
    readonly end: number;
    readonly ids: readonly number[];
  }[];
}

/** Ids as text, so that a test can read them back. */
export const numbers = {
  decode: (ids: readonly number[]) => ids.map((id) => `${id} `).join(''),
} as unknown as Tokenizer;
