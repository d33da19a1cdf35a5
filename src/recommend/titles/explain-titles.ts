import { largest } from '../../extremes.js';
import { asLearnedToken } from '../../prompt/sequence.js';
import { historyContext, titleEnds } from './history-context.js';
import type { LikelihoodOptions } from './title-likelihoods.js';
import type { TitleScorer } from './title-scorer.js';

/**
 * What each title of the history does for each recommended one: how far log P(recommended), against the mean of other
 * titles, falls in nats when the title is left out (occlusion, Zeiler & Fergus 2014, section 4.2). Without others to compare
 * with, a title of the history that makes all titles likelier would seem to speak for each. A history of one becomes
 * empty.
 * @param history titles, the oldest first @param others what is compared with, a recommended title itself left out for it; none: log P(recommended) alone
 * @returns [recommended][history], 0 for titles too old to be read
 */
export async function occludeTitles(
  scorer: TitleScorer,
  history: readonly string[],
  recommended: readonly string[],
  others: readonly string[] = [],
  options: LikelihoodOptions = {},
): Promise<Float64Array[]> {
  const { open } = scorer;
  const titles = [...recommended, ...others];
  const longest = scorer.longest(titles);
  const context = historyContext(open, history, longest);
  const latest = history.slice(history.length - context.kept);
  const quietly = { signal: options.signal };
  const whole = await scorer.likelihoods(context.ids, titles, quietly);
  const effects = recommended.map(() => new Float64Array(history.length));
  for (const [i] of latest.entries()) {
    const rest = latest.filter((_, other) => other !== i);
    const { ids: remaining } = historyContext(open, rest, longest);
    const without = await scorer.likelihoods(remaining, titles, quietly);
    const falls = whole.map((value, t) => value - without[t]!);
    effects.forEach((effect, r) => {
      const compared = others.flatMap((other, o) => (other === recommended[r] ? [] : falls[recommended.length + o]!));
      effect[history.length - latest.length + i] = falls[r]! - mean(compared);
    });
    options.onProgress?.(i + 1, latest.length);
  }
  return effects;
}

/** A part of the context, and what it does for a title. */
export type ContextPart = (
  | { /** Place in the history. */ readonly kind: 'history'; readonly place: number }
  | { readonly kind: 'learned'; readonly token: number }
  | { readonly kind: 'words'; readonly text: string }
) & {
  /** In nats; above 0 it speaks for the title. */
  readonly attribution: number;
};

/**
 * Gradient × input (Shrikumar et al. 2016) of log P(title | history), against the mean of other titles, for the titles of
 * the history and each token of the prompt, in the context's order. To first order, what it gains per unit by which a part's
 * embeddings are scaled up: a reading of the decision, where `occludeTitles` is an experiment.
 * @param others what is compared with, the title itself left out
 */
export async function attributeTitle(
  scorer: TitleScorer,
  history: readonly string[],
  title: string,
  others: readonly string[] = [],
): Promise<ContextPart[]> {
  const { network, prompt, open, tokenizer } = scorer;
  const compared = others.filter((other) => other !== title);
  const candidates = [title, ...compared].map(scorer.encodeTitle);
  const context = historyContext(open, history, largest(candidates.map(({ length }) => length)));
  const weights = Float32Array.from(candidates, (_, c) => (c === 0 ? 1 : -1 / compared.length));
  const values = await network.likelihoodAttributions(
    prompt,
    { context: context.ids, candidates, target: undefined },
    weights,
  );
  const ends = titleEnds(open, history, context);
  const parts: ContextPart[] = [];
  const { start, end } = context.slot;
  let at = 0;
  while (at < context.ids.length) {
    if (at === start && end > start) {
      for (const [i, stop] of ends.entries()) {
        const attribution = values.subarray(at, stop).reduce((sum, value) => sum + value, 0);
        parts.push({ kind: 'history', place: history.length - context.kept + i, attribution });
        at = stop;
      }
      continue;
    }
    const id = context.ids[at]!;
    const learned = asLearnedToken(id);
    const attribution = values[at]!;
    parts.push(
      learned === undefined
        ? { kind: 'words', text: tokenizer.describe(id), attribution }
        : { kind: 'learned', token: learned, attribution },
    );
    at += 1;
  }
  return parts;
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
