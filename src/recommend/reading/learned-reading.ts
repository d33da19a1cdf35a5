import type { TextReader } from '../../network/text-reader.js';
import type { PromptSequence } from '../../prompt/sequence.js';
import type { Random } from '../../random.js';
import { knownItems, readCatalogue } from './read-catalogue.js';
import { type Whitening, whiten } from './whitening.js';

export interface ReadingSettings {
  /** Updates of the network between two of the prompt. */
  readonly every: number;
  /** Items that are read for an update of the prompt. */
  readonly itemsAnUpdate: number;
}

export const READING_DEFAULTS: ReadingSettings = { every: 8, itemsAnUpdate: 64 };

/** The reader of a catalogue's texts, whose prompt can be learned together with a network that uses the vectors. */
export interface LearnedReading {
  /** [P, d] where the prompt starts. */
  readonly start: Float32Array;
  /** What a change of 1 in the learned numbers changes in the prompt: the size of the model's embeddings. */
  readonly scale: number;
  readonly reader: TextReader;
  readonly texts: readonly (PromptSequence | undefined)[];
  /** Found with the start prompt, and fixed from then on. */
  readonly whitening: Whitening;
  readonly settings: ReadingSettings;
}

/** The prompt [P, d] after learning. @param change [P, d] the learned numbers */
export function promptAfter({ start, scale }: LearnedReading, change: Float32Array): Float32Array {
  return start.map((value, i) => value + scale * change[i]!);
}

/** All items' features [I, k] as read with this prompt. */
export async function readFeatures(
  reading: LearnedReading,
  change: Float32Array,
  onProgress?: (done: number, all: number) => void,
): Promise<Float32Array> {
  const vectors = await readCatalogue(reading.reader, promptAfter(reading, change), reading.texts, onProgress);
  return whiten(vectors, reading.whitening, knownItems(reading.texts));
}

/**
 * An estimate of ∂loss/∂change [P, d] from ∂loss/∂features [I, k]: the chain rule through the reader for some items,
 * drawn with replacement in proportion to the length of their gradients and weighted so that the mean is right.
 */
export async function promptGradient(
  reading: LearnedReading,
  change: Float32Array,
  featureGradient: Float32Array,
  random: Random,
): Promise<Float32Array> {
  const { texts, whitening, settings, reader, scale } = reading;
  const { matrix, width: k } = whitening;
  const d = reader.width;
  const lengths = Float64Array.from(texts, (text, item) =>
    text === undefined ? 0 : Math.hypot(...featureGradient.subarray(item * k, (item + 1) * k)),
  );
  const total = lengths.reduce((sum, length) => sum + length, 0);
  if (total === 0) return new Float32Array(change.length);
  const drawn = drawItems(lengths, total, settings.itemsAnUpdate, random);
  const upstream = new Float32Array(drawn.size * d);
  let row = 0;
  for (const [item, times] of drawn) {
    const weight = (times * total) / (settings.itemsAnUpdate * lengths[item]!);
    for (let j = 0; j < k; j++) {
      const g = weight * featureGradient[item * k + j]!;
      for (let i = 0; i < d; i++) upstream[row * d + i]! += g * matrix[j * d + i]!;
    }
    row++;
  }
  const { gradient } = await reader.gradient(
    promptAfter(reading, change),
    [...drawn.keys()].map((item) => texts[item]!),
    upstream,
  );
  return gradient.map((g) => g * scale);
}

/** Items → how often they were drawn. */
function drawItems(lengths: Float64Array, total: number, draws: number, random: Random): Map<number, number> {
  const points = Float64Array.from({ length: draws }, () => random.uniform() * total).sort();
  const drawn = new Map<number, number>();
  let item = 0;
  let end = lengths[0]!;
  for (const point of points) {
    while (point >= end && item < lengths.length - 1) end += lengths[++item]!;
    drawn.set(item, (drawn.get(item) ?? 0) + 1);
  }
  return drawn;
}
