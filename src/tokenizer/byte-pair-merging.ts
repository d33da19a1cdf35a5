/** Which neighbours merge, and into what: pair → rank and merged id. The lowest rank is merged first. */
export class PairRanks {
  private readonly merges = new Map<number, number>();

  /** @param size above every id */
  constructor(private readonly size: number) {}

  /** Later pairs have higher ranks; a pair given again takes the later place, as in Hugging Face's library. */
  add(rank: number, left: number, right: number, merged: number): void {
    this.merges.set(left * this.size + right, rank * this.size + merged);
  }

  /** rank · size + merged id, or undefined. */
  get(left: number, right: number): number | undefined {
    return this.merges.get(left * this.size + right);
  }

  rankOf(merge: number): number {
    return Math.floor(merge / this.size);
  }

  mergedOf(merge: number): number {
    return merge % this.size;
  }
}

const NONE = -1;

/**
 * Merges the pair of the lowest rank, the leftmost first, until no pair of neighbours has one: a linked list of symbols
 * and a heap of what may merge, so that time grows as n·log n with the symbols.
 */
export function mergePairs(symbols: readonly number[], ranks: PairRanks): readonly number[] {
  const { length } = symbols;
  if (length < 2) return symbols;
  const ids = Int32Array.from(symbols); // NONE where a symbol went into the one before it
  const next = Int32Array.from(ids, (_, i) => (i + 1 < length ? i + 1 : NONE));
  const previous = Int32Array.from(ids, (_, i) => i - 1);
  const heap = new MinimumHeap();
  const offer = (at: number) => {
    const after = at === NONE ? NONE : next[at]!;
    if (after === NONE) return;
    const merge = ranks.get(ids[at]!, ids[after]!);
    if (merge !== undefined) heap.push(ranks.rankOf(merge) * length + at);
  };
  for (let at = 0; at < length - 1; at++) offer(at);
  for (let top = heap.pop(); top !== undefined; top = heap.pop()) {
    const at = top % length;
    const after = next[at]!;
    if (ids[at] === NONE || after === NONE) continue;
    const merge = ranks.get(ids[at]!, ids[after]!);
    if (merge === undefined || ranks.rankOf(merge) !== Math.floor(top / length)) continue; // its neighbours have changed
    ids[at] = ranks.mergedOf(merge);
    ids[after] = NONE;
    next[at] = next[after]!;
    if (next[at] !== NONE) previous[next[at]!] = at;
    offer(previous[at]!);
    offer(at);
  }
  return Array.from(ids).filter((id) => id !== NONE);
}

class MinimumHeap {
  private readonly values: number[] = [];

  push(value: number): void {
    const { values } = this;
    let at = values.push(value) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (values[parent]! <= value) break;
      values[at] = values[parent]!;
      at = parent;
    }
    values[at] = value;
  }

  pop(): number | undefined {
    const { values } = this;
    const top = values[0];
    const last = values.pop();
    if (last === undefined || values.length === 0) return top;
    let at = 0;
    for (let child = 1; child < values.length; child = 2 * at + 1) {
      if (child + 1 < values.length && values[child + 1]! < values[child]!) child++;
      if (values[child]! >= last) break;
      values[at] = values[child]!;
      at = child;
    }
    values[at] = last;
    return top;
  }
}
