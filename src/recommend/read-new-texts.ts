import { createHash } from 'node:crypto';
import { SoftpromptError } from '../errors.js';
import { defaultCacheFolder } from '../files/cache-folder.js';
import { METHODS } from '../methods/registry.js';
import { loadBaseModel } from '../network/load-base-model.js';
import { type LoadModelOptions, loadModel } from '../network/load-model.js';
import { findTextVectors, keepTextVectors } from '../tasks/prompt-folder/text-vectors-file.js';
import type { SavedRecommender } from './folder/recommender-folder.js';
import { readerFor, seesAll } from './item-reader.js';
import { readingOfItems, templateSlots } from './reading/item-reading.js';
import { readCatalogue } from './reading/read-catalogue.js';
import { type Whitening, whiten } from './reading/whitening.js';

export interface ReadNewTextsOptions extends LoadModelOptions {
  /** Another place of the fit's frozen model, which reads the items, than where it was then. */
  readonly model?: string | undefined;
  readonly threads?: number | undefined;
  readonly onNote?: ((text: string) => void) | undefined;
  readonly onReading?: ((done: number, all: number) => void) | undefined;
}

/** How a fit read its items' texts, whole enough to read others. */
export type FittedReading = NonNullable<SavedRecommender['reading']> & {
  readonly whitening: Whitening;
  readonly maxLength: number;
};

/** Texts by their name, see `textNames`: an item that has one, in the columns of all. */
export interface NewTexts {
  readonly items: ReadonlyMap<string, number>;
  readonly columns: ReadonlyMap<string, readonly string[]>;
}

/** Texts that are read between two savings. */
const TEXTS_A_SAVE = 1024;

/**
 * Reads texts as a fit read its own. What was read before comes from the cache, and the model is loaded for the rest alone.
 * @returns the whitened vectors by the texts' names
 * @throws PROMPT_BASE_MODEL where the model is not that of the fit, and the errors of loadModel
 */
export async function readNewTexts(
  reading: FittedReading,
  { items, columns }: NewTexts,
  options: ReadNewTextsOptions,
): Promise<ReadonlyMap<string, Float32Array>> {
  const { cacheFolder = defaultCacheFolder(), onNote } = options;
  const width = reading.baseModel.hiddenSize;
  const key = readingKey(reading);
  const raw = await findTextVectors(cacheFolder, key, width, [...items.keys()]);
  const rest = new Map([...items].filter(([text]) => !raw.has(text)));
  for await (const { some, vectors } of readRest(reading, { items: rest, columns }, options)) {
    for (const [row, text] of some.entries()) raw.set(text, vectors.subarray(row * width, (row + 1) * width));
    await keepTextVectors(cacheFolder, key, width, some, vectors).catch((error) =>
      onNote?.(`what was read could not be kept in ${cacheFolder}: ${error instanceof Error ? error.message : error}`),
    );
  }
  return new Map(Array.from(raw, ([text, vector]) => [text, whiten(vector, reading.whitening, Int32Array.of(0))]));
}

async function* readRest(
  reading: FittedReading,
  { items, columns }: NewTexts,
  options: ReadNewTextsOptions,
): AsyncGenerator<{ readonly some: readonly string[]; readonly vectors: Float32Array }> {
  if (items.size === 0) return;
  const { template, maxLength, layers, method = 'soft', pooling, prompt, baseModel } = reading;
  const { threads, onReading } = options;
  const model = await (options.model === undefined
    ? loadBaseModel(baseModel, options, '--model')
    : loadModel(options.model, options));
  if (model.checkpoint.hash !== baseModel.hash) {
    throw new SoftpromptError('PROMPT_BASE_MODEL', {
      found: `The items were read by ${baseModel.source} with other weights than those of ${model.checkpoint.source}`,
      expected: `the model of the fit, whose weights have the sha256 ${baseModel.hash}`,
      fix: 'Say where that one lies (--model), or fit again with the other.',
    });
  }
  const ids = [...items.keys()];
  const rows = [...items.values()];
  const slots = templateSlots(template).map((slot) => [slot, rows.map((item) => columns.get(slot)![item]!)] as const);
  const table = { ids, columns: new Map(slots) };
  const read = readingOfItems(table, ids, {
    ...{ template, tokenizer: model.tokenizer, maxLength },
    ...{ masked: seesAll(model), method: METHODS[method] },
  });
  const reader = readerFor(model, read, { layers, maxLength, method, pooling }, threads);
  try {
    for (let start = 0; start < ids.length; start += TEXTS_A_SAVE) {
      const texts = read.texts.slice(start, start + TEXTS_A_SAVE);
      const vectors = await readCatalogue(reader, prompt, texts, (done) => onReading?.(start + done, ids.length));
      yield { some: ids.slice(start, start + TEXTS_A_SAVE), vectors };
    }
  } finally {
    await reader.release();
  }
}

/** All that a text's vector follows from, beside the text. */
function readingKey({ baseModel, template, layers, maxLength, method, pooling, prompt }: FittedReading): string {
  const way = [method, pooling].some((one) => one !== undefined) ? [{ method, pooling }] : [];
  const hash = createHash('sha256').update(
    JSON.stringify([VERSION, baseModel.hash, template, layers, maxLength, ...way]),
  );
  return hash.update(new Uint8Array(prompt.buffer, prompt.byteOffset, prompt.byteLength)).digest('hex');
}

/** To be raised when texts are read otherwise. */
const VERSION = 1;
