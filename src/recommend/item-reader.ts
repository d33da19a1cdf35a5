import { createHash } from 'node:crypto';
import type { AttributeTable } from '../data/interactions/attribute-table.js';
import type { Initialisation } from '../methods/initialise.js';
import type { Method } from '../methods/method.js';
import { METHODS, type MethodName } from '../methods/registry.js';
import type { Pooling } from '../network/checkpoint/checkpoint.js';
import { embeddingScale } from '../network/checkpoint/embedding-rows.js';
import { familyOf } from '../network/families/registry.js';
import type { FrozenModel } from '../network/load-model.js';
import { type TextReader, textReader } from '../network/text-reader.js';
import { NOTHING, type Trainable } from '../network/trainable.js';
import type { ProgramOptions } from '../runtime/program.js';
import { type FitPlan, LEARNED_TOKENS, READING_PROMPT } from './fit-options.js';
import type { CatalogueReading, LearnedReading } from './reading/catalogue-reading.js';
import { guessItemTemplate, type ItemReading, readingOfItems } from './reading/item-reading.js';
import { knownItems, readCatalogue } from './reading/read-catalogue.js';
import { fitWhitening, whiten } from './reading/whitening.js';
import type { ItemFeatures } from './sequential/sasrec-options.js';

/** How items are read; see `FIT`. */
export type ReadingOptions = Pick<
  FitPlan,
  'itemTemplate' | 'layers' | 'maxTextLength' | 'textWidth' | 'learnPrompt' | 'method' | 'pooling' | 'seed' | 'threads'
>;

/** How a model reads texts, beside the numbers that are learned. */
export interface ReadingSetup {
  readonly layers: number;
  /** Longest text in tokens. */
  readonly maxLength: number;
  /** How learned tokens enter the model. */
  readonly method: MethodName;
  /** undefined: what the model's own settings say, or the mean. */
  readonly pooling: Pooling | undefined;
}

/** The frozen model set up to read one catalogue. */
export interface ItemReader extends ReadingSetup, LearnedReading {
  /** As used, with what was left to us filled in. */
  readonly template: string;
  readonly catalogue: CatalogueReading;
  /** [items, d] as read, not whitened. */
  readonly vectors: Float32Array;
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
  const { textWidth, seed, learnPrompt, ...chosen } = options;
  const masked = seesAll(model);
  const method: Method = METHODS[chosen.method];
  const setup: ReadingSetup = {
    layers: Math.min(chosen.layers, model.checkpoint.config.layers),
    maxLength: chosen.maxTextLength,
    method: chosen.method,
    pooling: options.pooling,
  };
  const tokens = masked ? (learnPrompt ? LEARNED_TOKENS : '') : READING_PROMPT;
  const front = method.tokens === 'none' ? '' : tokens;
  const template = chosen.itemTemplate ?? front + guessItemTemplate(table);
  const items = readingOfItems(table, ids, {
    ...{ template, tokenizer: model.tokenizer, masked, method },
    maxLength: setup.maxLength,
  });
  const reader = readerFor(model, items, setup, options.threads);
  const scale = await embeddingScale(model.checkpoint);
  const learned = await startOf(model, items, setup, scale, seed);
  const known = knownItems(items.texts);
  const vectors = await readCatalogue(reader, learned, items.texts, onProgress);
  const learnFrom = known.filter((item) => met[item] === 1);
  const whitening = fitWhitening(vectors, reader.width, learnFrom, textWidth);
  return {
    ...setup,
    ...{ template, learned, whitening, vectors, known },
    catalogue: { reader, texts: items.texts, rate: method.learningRate(scale) },
    features: { vectors: whiten(vectors, whitening, known), width: whitening.width },
    fingerprint: fingerprint(model, items, [setup.layers, textWidth, seed, setup.method, setup.pooling ?? null]),
    release: () => reader.release(),
  };
}

export function readerFor(
  model: FrozenModel,
  { template }: ItemReading,
  { layers, maxLength, method, pooling }: ReadingSetup,
  threads: number | undefined,
  thread?: ProgramOptions['thread'],
): TextReader {
  const trainable = trainableOf(model, template.learnedTokens, { layers, method });
  return textReader(model.checkpoint, {
    ...{ layers, trainable, pooling, threads, thread },
    // where each row sees the whole text, none is the same in two texts
    sharedRows: seesAll(model) ? 0 : template.sharedRows,
    maxPositions: maxLength + 1,
  });
}

/** Whether the rows of a model see the whole text, as BERT's do. */
export const seesAll = ({ checkpoint }: FrozenModel): boolean => familyOf(checkpoint.config).sees === 'all';

/** What a method learns of the layers that read; nothing, where it learns tokens and the template has none. */
function trainableOf(
  { checkpoint: { config } }: FrozenModel,
  tokens: number,
  { layers, method: name }: Pick<ReadingSetup, 'layers' | 'method'>,
): Trainable {
  const method: Method = METHODS[name];
  if (tokens === 0 && method.tokens !== 'none') return NOTHING;
  const used = { ...config, layers };
  return method.trainable(tokens, used, method.settle({}, used));
}

/** Where the learned numbers start: the words of the template, or as the method does by default. */
async function startOf(
  { checkpoint, tokenizer }: FrozenModel,
  { template: { starts } }: ItemReading,
  { layers, method: name }: ReadingSetup,
  scale: number,
  seed: number,
): Promise<Float32Array> {
  const method: Method = METHODS[name];
  if (starts.length === 0 && method.tokens !== 'none') return new Float32Array(0);
  const config = { ...checkpoint.config, layers };
  const first = method.starts[0]!;
  return method.start({
    ...{ model: { checkpoint: { ...checkpoint, config }, tokenizer }, starts, scale, seed },
    ...{ initialisation: { kind: first } as Initialisation, labelWords: [], options: method.settle({}, config) },
  });
}

function fingerprint(
  { checkpoint }: FrozenModel,
  { texts }: ItemReading,
  settings: readonly (number | string | null)[],
): string {
  const hash = createHash('sha256').update(JSON.stringify([checkpoint.hash, settings]));
  for (const text of texts) hash.update(text === undefined ? 'none' : text.context);
  return hash.digest('hex');
}
