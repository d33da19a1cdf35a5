import { createHash } from 'node:crypto';
import type { AttributeTable } from '../data/interactions/attribute-table.js';
import { embeddingScale } from '../network/checkpoint/embedding-rows.js';
import { familyOf } from '../network/families/registry.js';
import type { FrozenModel } from '../network/load-model.js';
import { textReader } from '../network/text-reader.js';
import { startTokens } from '../tasks/start-prompt.js';
import { type FitPlan, READING_PROMPT } from './fit-options.js';
import { guessItemTemplate, type ItemReading, readingOfItems } from './reading/item-reading.js';
import { type LearnedReading, READING_DEFAULTS } from './reading/learned-reading.js';
import { knownItems, readCatalogue } from './reading/read-catalogue.js';
import { fitWhitening, whiten } from './reading/whitening.js';
import type { ItemFeatures } from './sequential/sasrec-options.js';

/** How items are read; see `FIT`. */
export type ReadingOptions = Pick<
  FitPlan,
  'itemTemplate' | 'layers' | 'maxTextLength' | 'textWidth' | 'seed' | 'threads'
>;

/** The frozen model set up to read one catalogue. */
export interface ItemReader {
  /** As used, with what was left to us filled in. */
  readonly template: string;
  readonly layers: number;
  /** Longest text in tokens. */
  readonly maxLength: number;
  readonly reading: LearnedReading;
  /** As read with the start prompt. */
  readonly features: ItemFeatures;
  /** Of all that the features follow from: the model, how it reads, the texts. */
  readonly fingerprint: string;
  /** The codes of items with a text. */
  readonly known: Int32Array;
  release(): Promise<void>;
}

/**
 * Reads all items with the start prompt, and finds the whitening from those with training interactions.
 * @param ids code → id @param met see `itemsMet`
 */
export async function openItemReader(
  model: FrozenModel,
  table: AttributeTable,
  ids: readonly string[],
  met: Uint8Array,
  options: ReadingOptions,
  onProgress?: (done: number, all: number) => void,
): Promise<ItemReader> {
  const { textWidth, seed, ...chosen } = options;
  const masked = seesAll(model);
  const template = chosen.itemTemplate ?? (masked ? '' : READING_PROMPT) + guessItemTemplate(table);
  const layers = Math.min(chosen.layers, model.checkpoint.config.layers);
  const items = readingOfItems(table, ids, {
    template,
    tokenizer: model.tokenizer,
    maxLength: chosen.maxTextLength,
    masked,
  });
  const reader = readerFor(model, items, layers, chosen.maxTextLength, options.threads);
  const scale = await embeddingScale(model.checkpoint);
  const start = await startTokens(model, items.template.starts, scale, seed);
  const known = knownItems(items.texts);
  const vectors = await readCatalogue(reader, start, items.texts, onProgress);
  const learnFrom = known.filter((item) => met[item] === 1);
  const whitening = fitWhitening(vectors, reader.width, learnFrom, Math.min(textWidth, reader.width));
  return {
    template,
    layers,
    maxLength: chosen.maxTextLength,
    reading: { start, scale, reader, texts: items.texts, whitening, settings: READING_DEFAULTS },
    features: { vectors: whiten(vectors, whitening, known), width: whitening.width },
    known,
    fingerprint: fingerprint(model, items, [layers, textWidth, seed]),
    release: () => reader.release(),
  };
}

export function readerFor(
  model: FrozenModel,
  { template }: ItemReading,
  layers: number,
  maxLength: number,
  threads: number | undefined,
) {
  return textReader(model.checkpoint, {
    layers,
    learnedTokens: template.learnedTokens,
    // where each row sees the whole text, none is the same in two texts
    sharedRows: seesAll(model) ? 0 : template.sharedRows,
    maxPositions: maxLength + 1,
    threads,
  });
}

/** Whether the rows of a model see the whole text, as BERT's do. */
export const seesAll = ({ checkpoint }: FrozenModel): boolean => familyOf(checkpoint.config).sees === 'all';

function fingerprint({ checkpoint }: FrozenModel, { texts }: ItemReading, settings: readonly number[]): string {
  const hash = createHash('sha256').update(JSON.stringify([checkpoint.hash, settings]));
  for (const text of texts) hash.update(text === undefined ? 'none' : text.context);
  return hash.digest('hex');
}
