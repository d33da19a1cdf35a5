import { textReader } from '../network/text-reader.js';
import type { PromptSequence } from '../prompt/sequence.js';
import { type Closable, closable } from '../runtime/closable.js';
import type { SessionOptions } from '../runtime/runtime.js';
import type { OpenPrompt } from './open-prompt.js';
import { numbersOf } from './prompt-folder/saved-prompt.js';

/** Reads texts as a prompt's model does behind what was learned. */
export interface TextEmbedder extends Closable {
  /** Numbers of a vector. */
  readonly width: number;
  /** Vectors of length 1: the mean of the hidden states after the last layer, learned and shared rows left out. */
  embed(texts: readonly PromptSequence[]): Promise<Float32Array[]>;
}

/** What is compiled is compiled when the first text comes. */
export function textEmbedder(
  { saved, task }: OpenPrompt,
  options: Pick<SessionOptions, 'threads' | 'thread'> = {},
): TextEmbedder {
  const { model, trainable, compiled, maxLength } = task;
  const reader = textReader(model.checkpoint, {
    ...{ layers: model.checkpoint.config.layers, trainable, maxPositions: maxLength, ...options },
    sharedRows: compiled.sharedRows,
  });
  return {
    width: reader.width,
    embed: async (texts) => {
      const vectors = await reader.read(numbersOf(saved), texts);
      return texts.map((_, i) => unit(vectors.subarray(i * reader.width, (i + 1) * reader.width)));
    },
    ...closable(() => reader.release()),
  };
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
  return length > 0 ? vector.map((x) => x / length) : vector;
}
