import { parseTemplate } from '../../prompt/parse-template.js';
import type { PromptSequence } from '../../prompt/sequence.js';
import { formatTemplate, type TemplatePart } from '../../prompt/template.js';
import type { Task } from '../task.js';

/** Examples a gradient. */
const BATCH = 8;
/** Each round prunes at most this share of the tokens, and looks again. */
const ROUND = 1 / 3;

/**
 * How much the loss depends on each learned token, or each piece of one: Σ over batches of |Σ number · ∂loss/∂number|, the first-order
 * effect of leaving it out (XPrompt, Ma et al. 2022, section 3.2: |∂loss/∂mask|).
 * @param size numbers of a token or piece @returns [numbers / size]
 */
export async function effects(
  { network }: Pick<Task<never>, 'network'>,
  numbers: Float32Array,
  sequences: readonly PromptSequence[],
  size: number,
  signal?: AbortSignal,
): Promise<number[]> {
  const sums = new Array<number>(numbers.length / size).fill(0);
  const sorted = [...sequences].sort((a, b) => a.context.length - b.context.length);
  for (let start = 0; start < sorted.length; start += BATCH) {
    signal?.throwIfAborted();
    const { gradient } = await network.lossAndGradient(numbers, sorted.slice(start, start + BATCH));
    for (const place of sums.keys()) {
      let effect = 0;
      for (let i = place * size; i < (place + 1) * size; i++) effect += numbers[i]! * gradient[i]!;
      sums[place]! += Math.abs(effect);
    }
  }
  return sums;
}

/** The tokens that stay, in order, when the least are left out round by round: what is left is looked at anew each time. */
export async function tokensToKeep(
  tokens: number,
  left: number,
  effectsOf: (kept: readonly number[]) => Promise<readonly number[]>,
): Promise<number[]> {
  let kept = Array.from({ length: tokens }, (_, k) => k);
  while (kept.length > left) {
    const found = await effectsOf(kept);
    const after = Math.max(left, Math.floor(kept.length * (1 - ROUND)));
    const order = [...kept.keys()].sort((a, b) => found[b]! - found[a]!).slice(0, after);
    kept = order.sort((a, b) => a - b).map((place) => kept[place]!);
  }
  return kept;
}

/** The template with the kept tokens alone; each block has as many as are kept of it. */
export function shorterTemplate(
  template: string,
  kept: readonly number[],
  wordTokens: (words: string) => number,
): string {
  let at = 0;
  const parts = parseTemplate(template).parts.flatMap((part): TemplatePart[] => {
    if (part.kind !== 'learned' && part.kind !== 'learned-words') return [part];
    const count = part.kind === 'learned' ? part.count : wordTokens(part.words);
    const own = kept.filter((k) => k >= at && k < at + count).length;
    at += count;
    return own === 0 ? [] : [{ kind: 'learned', count: own, at: part.at }];
  });
  return formatTemplate(parts);
}

/** Rows [kept, size] of rows [all, size]. */
export function rowsOf(numbers: Float32Array, kept: readonly number[], size: number): Float32Array {
  const rows = new Float32Array(kept.length * size);
  for (const [i, k] of kept.entries()) rows.set(numbers.subarray(k * size, (k + 1) * size), i * size);
  return rows;
}
