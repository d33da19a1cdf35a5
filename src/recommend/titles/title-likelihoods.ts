import { cutCandidates } from '../../network/cut-candidates.js';
import type { PromptNetwork } from '../../network/prompt-network.js';

/** What the likelihoods need of the frozen model. */
export interface LikelihoodNetwork extends Pick<PromptNetwork, 'logLikelihoods' | 'likelihoodAttributions'> {
  /** V: words of the vocabulary, which decides how many titles' logits fit into memory. */
  readonly vocabularySize: number;
}

export interface LikelihoodOptions {
  readonly onProgress?: ((done: number, all: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Rows of titles a run at most; default: enough for full speed, and at most 100 MB of logits. */
  readonly rowsARun?: number | undefined;
}

/**
 * log P(title | context) of each title, in nats, summed over its tokens. Titles that begin alike run together, so that
 * what they share is computed once a run (they form a tree, see `row-layout.ts`); memory does not grow with their number.
 * @param context [T] @param titles token ids, none empty
 */
export async function titleLikelihoods(
  network: LikelihoodNetwork,
  prompt: Float32Array,
  context: Int32Array,
  titles: readonly Int32Array[],
  { onProgress, signal, rowsARun = mostRows(network.vocabularySize) }: LikelihoodOptions = {},
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

const ROWS_A_RUN = 512;
const LOGITS_A_RUN = 25_000_000;

function mostRows(vocabularySize: number): number {
  return Math.max(1, Math.min(ROWS_A_RUN, Math.floor(LOGITS_A_RUN / vocabularySize)));
}
