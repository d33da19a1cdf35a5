import { checkOptions } from '../../check-options.js';
import { median } from '../../evaluation/percentile.js';
import type { Method } from '../../methods/method.js';
import { METHODS } from '../../methods/registry.js';
import { embeddingWidth } from '../../network/checkpoint/config.js';
import { readEmbeddingRows } from '../../network/checkpoint/embedding-rows.js';
import type { FrozenModel } from '../../network/load-model.js';
import { namedArrays } from '../../network/trainable.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { matchBaseModel } from '../prompt-folder/base-model-match.js';
import type { SavedPrompt } from '../prompt-folder/saved-prompt.js';
import { cosine, distance, norm, rowOf } from './inspect-vectors.js';
import { type NearWord, scanVocabulary, type VocabularyQuery } from './inspect-vocabulary.js';

export interface InspectOptions {
  /** Nearest words a learned token. */
  readonly words?: number | undefined;
  readonly threads?: number | undefined;
}

/** What can be read off a learned prompt without running the model; plain JSON. */
export interface PromptInspection {
  readonly tokens: readonly TokenInspection[];
  readonly vocabulary: VocabularyFacts;
}

export interface TokenInspection {
  /** k: its place among the learned tokens. */
  readonly token: number;
  /** The nearest first, by cosine. */
  readonly nearest: readonly NamedWord[];
  /** Euclidean; see `VocabularyFacts.meanNorm`. */
  readonly norm: number;
  /** Undefined where the start was not kept. */
  readonly drift: TokenDrift | undefined;
}

/** A vocabulary word as people read it, with both measures of nearness. */
export interface NamedWord extends NearWord {
  readonly word: string;
}

/** How far a token moved while it was learned. */
export interface TokenDrift {
  /** The word whose embedding it started from; undefined where it started from no word. */
  readonly from: string | undefined;
  /** Euclidean. */
  readonly distance: number;
  readonly cosine: number;
}

/** The yardsticks: what norms and distances are usual among real words. */
export interface VocabularyFacts {
  readonly words: number;
  readonly meanNorm: number;
  /** Words, spread evenly over the vocabulary, for which the nearest other word was looked up. */
  readonly sampledWords: number;
  /** The median cosine and distance of these words to their nearest other word by cosine. */
  readonly nearestCosine: number;
  readonly nearestDistance: number;
}

const SAMPLED_WORDS = 256;

/**
 * Reads each learned token: its nearest vocabulary words, norm, and drift from the start. A reading by nearest words can
 * mislead (Khashabi et al. 2022, "Prompt Waywardness"; arXiv 2410.11660): it says something only where a token is about as
 * close to the word as real words are to each other, so it always comes with both distances and that yardstick.
 *
 * Errors: TUNING_SETTING for fewer words than 1, PROMPT_BASE_MODEL where the prompt is for a model of another width.
 */
export async function inspectPrompt(
  saved: Pick<SavedPrompt, 'learned' | 'initial' | 'initialTokens' | 'baseModel'>,
  model: FrozenModel,
  { words = 5, threads }: InspectOptions = {},
): Promise<PromptInspection> {
  const holds = Number.isInteger(words) && words >= 1;
  checkOptions([['words', words, holds, 'a whole number from 1']], 'TUNING_SETTING');
  matchBaseModel(saved, model.checkpoint);
  const { tokenizer } = model;
  const { learned: numbers } = saved;
  const count = numbers.tokens;
  const { tokenRows }: Method = METHODS[numbers.method];
  const values = tokenRows?.(namedArrays(numbers.arrays, numbers.values), numbers) ?? numbers.values;
  const learned = rowsOf(values, count);
  const initial = saved.initial === undefined ? [] : rowsOf(saved.initial, count);
  const sample = await sampleWords(model);
  const queries = [...[...learned, ...initial].map((vector) => ({ vector })), ...sample];
  const { nearest, meanNorm } = await scanVocabulary(model, queries, words, threads);

  const tokens = learned.map((vector, token): TokenInspection => {
    const start = initial[token];
    return {
      token,
      nearest: nearest[token]!.map((near) => ({ word: tokenizer.describe(near.id), ...near })),
      norm: norm(vector),
      drift: start && {
        from: startWord(saved.initialTokens?.[token], nearest[learned.length + token]!, tokenizer),
        distance: distance(vector, start),
        cosine: cosine(vector, start),
      },
    };
  });
  const sampled = nearest.slice(learned.length + initial.length).map(([closest]) => closest!);
  return {
    tokens,
    vocabulary: {
      words: Math.min(tokenizer.size, model.checkpoint.config.vocabularySize),
      meanNorm,
      sampledWords: sampled.length,
      nearestCosine: median(sampled.map((near) => near.cosine)),
      nearestDistance: median(sampled.map((near) => near.distance)),
    },
  };
}

function rowsOf(values: Float32Array, tokens: number): Float32Array[] {
  return Array.from({ length: tokens }, (_, k) => rowOf(values, values.length / tokens, k));
}

/** Ordinary words, spread evenly over the vocabulary. */
async function sampleWords({ checkpoint, tokenizer }: FrozenModel): Promise<VocabularyQuery[]> {
  const { vocabularySize } = checkpoint.config;
  const all = Array.from({ length: Math.min(tokenizer.size, vocabularySize) }, (_, id) => id);
  const ordinary = all.filter((id) => !tokenizer.special.has(id));
  const count = Math.min(SAMPLED_WORDS, ordinary.length);
  const ids = Array.from({ length: count }, (_, i) => ordinary[Math.floor((i * ordinary.length) / count)]!);
  const rows = await readEmbeddingRows(checkpoint, ids);
  return ids.map((ownId, i) => ({ vector: rowOf(rows, embeddingWidth(checkpoint.config), i), ownId }));
}

/** The word the template gave the token, or else the word whose very embedding it started from. */
function startWord(
  given: number | null | undefined,
  nearStart: readonly NearWord[],
  tokenizer: Tokenizer,
): string | undefined {
  const id = given ?? nearStart.find((near) => near.distance === 0)?.id;
  return id === undefined ? undefined : tokenizer.describe(id);
}
