import { SoftpromptError } from '../errors.js';
import { METHODS } from '../methods/registry.js';
import type { FrozenModel } from '../network/load-model.js';
import type { PromptSequence } from '../prompt/sequence.js';
import { type Closable, closable } from '../runtime/closable.js';
import type { ProgramOptions } from '../runtime/program.js';
import { readerFor, seesAll } from './item-reader.js';
import type { FittedReading } from './read-new-texts.js';
import { readingOfItems, templateSlots } from './reading/item-reading.js';
import { whiten } from './reading/whitening.js';
import { innerProduct } from './unit-rows.js';

/** Reads texts as a recommender reads those of its items. */
export interface RecommenderTextReader extends Closable {
  /** The columns that its template reads. */
  readonly slots: readonly string[];
  /** Numbers of a vector. */
  readonly width: number;
  /** @param rows slot → text @throws RECOMMEND_REQUEST for one that says nothing, PROMPT_TOO_LONG */
  encode(rows: readonly Readonly<Record<string, string>>[]): readonly PromptSequence[];
  /** The vectors that stand for items with such texts, each of length 1. */
  read(texts: readonly PromptSequence[]): Promise<Float32Array[]>;
}

/** @throws PROMPT_BASE_MODEL where the model is not the one of the fit */
export function recommenderTextReader(
  reading: FittedReading,
  model: FrozenModel,
  options: Pick<ProgramOptions, 'threads' | 'thread'> = {},
): RecommenderTextReader {
  const { template, maxLength, layers, method = 'soft', pooling, prompt, baseModel, whitening } = reading;
  if (model.checkpoint.hash !== baseModel.hash) {
    throw new SoftpromptError('PROMPT_BASE_MODEL', {
      found: `The items were read by ${baseModel.source} with other weights than those of ${model.checkpoint.source}`,
      expected: `the model of the fit, whose weights have the sha256 ${baseModel.hash}`,
      fix: 'Say where that one lies (--model), or fit again with the other.',
    });
  }
  const slots = templateSlots(template);
  const encode = (rows: readonly Readonly<Record<string, string>>[]) => {
    const ids = rows.map((_, row) => String(row));
    const columns = new Map(slots.map((slot) => [slot, rows.map((row) => row[slot] ?? '')]));
    return readingOfItems({ ids, columns }, ids, {
      ...{ template, tokenizer: model.tokenizer, maxLength },
      ...{ masked: seesAll(model), method: METHODS[method] },
    });
  };
  const sample = encode([Object.fromEntries(slots.map((slot) => [slot, 'a']))]);
  const reader = readerFor(model, sample, { layers, maxLength, method, pooling }, options.threads, options.thread);
  return {
    slots,
    width: whitening.width,
    encode: (rows) =>
      encode(rows).texts.map((text, row) => {
        if (text !== undefined) return text;
        throw new SoftpromptError('RECOMMEND_REQUEST', {
          found: `Text ${row + 1} is empty`,
          expected: 'something to read',
          fix: 'Leave it out.',
        });
      }),
    read: async (texts) => {
      const raw = await reader.read(prompt, texts);
      const vectors = whiten(raw, whitening, Int32Array.from(texts.keys()));
      return texts.map((_, row) => unit(vectors.slice(row * whitening.width, (row + 1) * whitening.width)));
    },
    ...closable(() => reader.release()),
  };
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.sqrt(innerProduct(vector, 0, vector, 0, vector.length));
  return length > 0 ? vector.map((x) => x / length) : vector;
}
