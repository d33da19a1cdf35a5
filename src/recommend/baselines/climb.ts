/** Where a search along one setting ended. */
export interface Climbed {
  readonly value: number;
  readonly score: number;
}

/**
 * Searches a setting along a list of values, ascending: all of `starts` first, then the untried neighbours of whatever is
 * best, until the best one's neighbours are all tried. So it ends at an end of the list only where that is the best, and
 * the steps around the best are as fine as the list.
 * @param starts some of `values` @param measure higher is better; of equal ones the first tried is kept
 */
export async function climb(
  values: readonly number[],
  starts: readonly number[],
  measure: (value: number) => Promise<number>,
): Promise<Climbed> {
  const tried = new Set<number>();
  let best: { readonly place: number; readonly score: number } | undefined;
  const attempt = async (place: number) => {
    if (place < 0 || place >= values.length || tried.has(place)) return;
    tried.add(place);
    const score = await measure(values[place]!);
    if (best === undefined || score > best.score) best = { place, score };
  };
  for (const start of starts) await attempt(values.indexOf(start));
  for (let around = -1; best!.place !== around; ) {
    around = best!.place;
    await attempt(around - 1);
    await attempt(around + 1);
  }
  return { value: values[best!.place]!, score: best!.score };
}
