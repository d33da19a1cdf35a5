import type { PromptNetwork } from '../../model/prompt-network.js';

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
  for (const places of cutTitles(titles, rowsARun)) {
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

/** Places of the titles in the order of their tokens, cut so that each part's tree has at most so many rows (or one title). */
export function cutTitles(titles: readonly Int32Array[], rows: number): number[][] {
  const sorted = [...titles.keys()].sort((a, b) => compareIds(titles[a]!, titles[b]!) || a - b);
  const parts: number[][] = [];
  let used = 0;
  let before: Int32Array | undefined;
  for (const place of sorted) {
    const title = titles[place]!;
    const added =
      title.length - (before === undefined ? 0 : Math.min(sharedBeginning(before, title), title.length - 1));
    if (before !== undefined && used + added <= rows) {
      parts.at(-1)!.push(place);
      used += added;
    } else {
      parts.push([place]);
      used = title.length;
    }
    before = title;
  }
  return parts;
}

function compareIds(a: Int32Array, b: Int32Array): number {
  const same = sharedBeginning(a, b);
  return (a[same] ?? -1) - (b[same] ?? -1);
}

function sharedBeginning(a: Int32Array, b: Int32Array): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  return length;
}
