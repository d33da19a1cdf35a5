import type { Random } from '../../random.js';
import type { NetworkWeights } from '../../training/network-weights.js';
import { addGradient, type WeightGradient } from '../../training/row-gradient.js';
import { type LearnedReading, promptGradient, readFeatures } from './learned-reading.js';

/*
 * How a reading's prompt is learned together with a network. The prompt is one of the network's weights. The features of
 * all items are a table that is read anew after each epoch; between two of the prompt's updates the gradients with
 * respect to the features add up.
 */

/** Under which name the prompt's change stands among the weights. */
export const PROMPT = 'prompt';

export function readingWeights({ start }: LearnedReading): NetworkWeights {
  return { [PROMPT]: new Float32Array(start.length) };
}

export async function readingBuffers(reading: LearnedReading): Promise<NetworkWeights> {
  const features = await readFeatures(reading, new Float32Array(reading.start.length));
  return { features, featureGradient: new Float32Array(features.length), updates: new Float32Array(1) };
}

/** The prompt's gradient by its name; zeros in updates that only add up. */
export async function readingGradient(
  reading: LearnedReading,
  weights: NetworkWeights,
  buffers: NetworkWeights,
  featureGradient: WeightGradient,
  random: Random,
): Promise<NetworkWeights> {
  const sum = buffers.featureGradient!;
  addGradient(sum, featureGradient);
  const updates = buffers.updates!;
  updates[0]! += 1;
  if (updates[0]! < reading.settings.every) return { [PROMPT]: new Float32Array(weights[PROMPT]!.length) };
  const gradient = await promptGradient(reading, weights[PROMPT]!, sum, random);
  sum.fill(0);
  updates[0] = 0;
  return { [PROMPT]: gradient };
}

export async function renewFeatures(
  reading: LearnedReading,
  weights: NetworkWeights,
  buffers: NetworkWeights,
): Promise<void> {
  buffers.features!.set(await readFeatures(reading, weights[PROMPT]!));
}
