/**
 * The distinct items of a history with their weights: the last has 1, each earlier one `recency` times that of the one
 * after it. Of an item that occurs again, only the last place counts.
 * @param recency above 0, at most 1; at 1 all weigh the same
 */
export function* historyWeights(history: Int32Array, recency: number): Generator<[item: number, weight: number]> {
  const done = new Set<number>();
  let weight = 1;
  for (let at = history.length - 1; at >= 0; at--) {
    const item = history[at]!;
    if (done.has(item)) continue;
    done.add(item);
    yield [item, weight];
    weight *= recency;
  }
}
