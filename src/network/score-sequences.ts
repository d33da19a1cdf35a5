import type { PromptSequence } from '../prompt/sequence.js';
import { cutBatch } from './cut-batch.js';
import type { PromptNetwork } from './prompt-network.js';

/**
 * Candidate scores of many sequences, row-major [sequences, candidates], in their order. Sequences of similar length run
 * together. All must have the same number of candidates.
 */
export async function scoreSequences(
  network: Pick<PromptNetwork, 'logits' | 'sharedRows'>,
  prompt: Float32Array,
  sequences: readonly PromptSequence[],
  { onProgress, signal }: { onProgress?: (done: number, all: number) => void; signal?: AbortSignal } = {},
): Promise<Float32Array> {
  const candidates = sequences[0]?.candidates.length ?? 0;
  const scores = new Float32Array(sequences.length * candidates);
  const sorted = [...sequences.entries()].sort(([, a], [, b]) => a.context.length - b.context.length);
  const places = sorted.map(([place]) => place);
  const pieces = cutBatch(
    sorted.map(([, sequence]) => sequence),
    network.sharedRows,
  );
  let done = 0;
  for (const piece of pieces) {
    signal?.throwIfAborted();
    const part = await network.logits(prompt, piece);
    for (let i = 0; i < piece.length; i++) {
      scores.set(part.subarray(i * candidates, (i + 1) * candidates), places[done + i]! * candidates);
    }
    done += piece.length;
    onProgress?.(done, sequences.length);
  }
  return scores;
}
