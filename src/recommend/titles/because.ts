import { occludeTitles } from './explain-titles.js';
import type { TitleScorer } from './title-scorer.js';
import type { TitledItems } from './titled-items.js';

/** Items of the history that speak for a recommendation, and by how many nats; see occludeTitles. */
export type Because = readonly { readonly item: string; readonly weight: number }[];

const REASONS = 3;
const COMPARED = 20;

/** Candidates that recommendations are compared with to be explained, in even steps; each leaves itself out. */
export function comparedTitles(titles: readonly string[]): string[] {
  if (titles.length < 2) return [];
  const step = Math.max(1, titles.length / COMPARED);
  return Array.from({ length: Math.min(COMPARED, titles.length) }, (_, i) => titles[Math.floor(i * step)]!);
}

/**
 * For each recommended title the items of the history that speak most for it, more than for the other compared ones.
 * @param history codes of items with titles, the oldest first
 */
export async function becauseOf(
  scorer: TitleScorer,
  { ids, titles }: TitledItems,
  history: readonly number[],
  recommended: readonly string[],
  compared: readonly string[],
  signal?: AbortSignal,
): Promise<Because[]> {
  const read = history.map((code) => titles[code]!);
  const effects = await occludeTitles(scorer, read, recommended, compared, { signal });
  return effects.map((effect) =>
    [...effect.keys()]
      .filter((place) => effect[place]! > 0)
      .sort((a, b) => effect[b]! - effect[a]!)
      .slice(0, REASONS)
      .map((place) => ({ item: ids[history[place]!]!, weight: effect[place]! })),
  );
}
