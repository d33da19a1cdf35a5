import { cutBatch, runLimits, treesARun } from '../../network/cut-batch.js';
import { cutCandidates } from '../../network/cut-candidates.js';
import type { PromptNetwork } from '../../network/prompt-network.js';

/** What the likelihoods need of the frozen model. */
export interface LikelihoodNetwork extends Pick<PromptNetwork, 'logits' | 'logLikelihoods' | 'likelihoodAttributions'> {
  /** V: words of the vocabulary, which decides how many titles' logits fit into memory. */
  readonly vocabularySize: number;
}

export interface LikelihoodOptions {
  readonly onProgress?: ((done: number, all: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Rows of titles a run at most; default: what a run of the network takes. */
  readonly rowsARun?: number | undefined;
}

/**
 * log P(title | context) of each title, in nats, summed over its tokens. Titles that begin alike run together, so that
 * what they share is computed once a run (they form trees, see `row-layout.ts`); memory does not grow with their number.
 * @param context [T] @param titles token ids, none empty
 */
export async function titleLikelihoods(
  network: LikelihoodNetwork,
  prompt: Float32Array,
  context: Int32Array,
  titles: readonly Int32Array[],
  { onProgress, signal, rowsARun = treesARun(runLimits(network.vocabularySize)) }: LikelihoodOptions = {},
): Promise<Float64Array> {
  const likelihoods = new Float64Array(titles.length);
  let done = 0;
  for (const places of cutCandidates(titles, rowsARun)) {
    signal?.throwIfAborted();
    const candidates = places.map((place) => titles[place]!);
    const values = await network.logLikelihoods(prompt, [{ context, candidates, target: undefined }]);
    for (const [i, place] of places.entries()) likelihoods[place] = values[i]!;
    done += places.length;
    onProgress?.(done, titles.length);
  }
  return likelihoods;
}

/**
 * log P(first answer | context, question) − log P(second answer | context, question) of each question, in nats. The context is
 * computed once a run, and of the vocabulary the answers alone where these are one token each.
 * @param context [T] @param questions token ids, none empty
 */
export async function answerLogOdds(
  network: LikelihoodNetwork,
  prompt: Float32Array,
  context: Int32Array,
  questions: readonly Int32Array[],
  answers: readonly [Int32Array, Int32Array],
  { onProgress, signal }: LikelihoodOptions = {},
): Promise<Float64Array> {
  const sequences = questions.map((question) => ({
    ...{ context: Int32Array.from([...context, ...question]), candidates: answers, target: undefined },
  }));
  const odds: number[] = [];
  for (const piece of cutBatch(sequences, context.length, 'label words')) {
    signal?.throwIfAborted();
    const scores = await network.logits(prompt, piece);
    for (const i of piece.keys()) odds.push(scores[2 * i]! - scores[2 * i + 1]!);
    onProgress?.(odds.length, questions.length);
  }
  return Float64Array.from(odds);
}
