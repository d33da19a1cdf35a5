/** What U users would be shown: the top k of each, [U, k], −1 where a list is shorter. */
export interface TopLists {
  readonly items: Int32Array;
  readonly k: number;
}

/** Items that stand in at least one list / items of the catalogue. */
export function coverage(lists: TopLists, catalogue: number): number {
  return timesListed(lists, catalogue).filter((times) => times > 0).length / catalogue;
}

/**
 * How unevenly the lists fall on the n items of the catalogue: with c_1 ≤ … ≤ c_n the times each is listed,
 * Σ (2i − n − 1)·c_i / (n·Σ c_i). 0: all alike; near 1: always the same few.
 */
export function gini(lists: TopLists, catalogue: number): number {
  const times = timesListed(lists, catalogue).sort();
  let weighted = 0;
  let total = 0;
  for (let i = 0; i < catalogue; i++) {
    weighted += (2 * (i + 1) - catalogue - 1) * times[i]!;
    total += times[i]!;
  }
  return total === 0 ? 0 : weighted / (catalogue * total);
}

/**
 * Mean of −log2 p(i) over all listed items, in bits: p(i) = (c_i + 1) / (Σ c + n), c_i the item's training
 * interactions (Zhou et al. 2010, "Solving the apparent diversity-accuracy dilemma", with one added to every count).
 */
export function novelty({ items }: TopLists, trainCounts: Int32Array): number {
  const total = trainCounts.reduce((sum, count) => sum + count, trainCounts.length);
  let bits = 0;
  let listed = 0;
  for (const item of items) {
    if (item === -1) continue;
    bits -= Math.log2((trainCounts[item]! + 1) / total);
    listed += 1;
  }
  return bits / listed;
}

/**
 * Mean distance between two items of the same list (Ziegler et al. 2005, section 3.3), over all lists with two or more.
 * @param distance of two items, 0 for equal ones
 */
export function intraListDiversity({ items, k }: TopLists, distance: (a: number, b: number) => number): number {
  let sum = 0;
  let lists = 0;
  for (let start = 0; start < items.length; start += k) {
    const list = items.subarray(start, start + k).filter((item) => item !== -1);
    if (list.length < 2) continue;
    let between = 0;
    for (let i = 1; i < list.length; i++) for (let j = 0; j < i; j++) between += distance(list[i]!, list[j]!);
    sum += between / ((list.length * (list.length - 1)) / 2);
    lists += 1;
  }
  return sum / lists;
}

function timesListed({ items }: TopLists, catalogue: number): Int32Array {
  const times = new Int32Array(catalogue);
  for (const item of items) if (item !== -1) times[item]! += 1;
  return times;
}
