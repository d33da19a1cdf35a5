/** Longer lists are sorted whole: putting each item into its place takes time that grows with the list. */
const SORTED_FROM = 256;

/**
 * The `k` items of the highest scores, best first; of equal scores the lower code comes first. Items scored −Infinity
 * or not a number are left out; where fewer than `k` remain, the list ends with −1.
 */
export function topItems(scores: Float32Array, k: number): Int32Array {
  if (k >= SORTED_FROM) return sortedItems(scores, k);
  const best = new Int32Array(k).fill(-1);
  let length = 0;
  for (let item = 0; item < scores.length; item++) {
    const score = scores[item]!;
    if (!(score > (length < k ? Number.NEGATIVE_INFINITY : scores[best[k - 1]!]!))) continue;
    let place = length < k ? length++ : k - 1;
    while (place > 0 && scores[best[place - 1]!]! < score) {
      best[place] = best[place - 1]!;
      place -= 1;
    }
    best[place] = item;
  }
  return best;
}

/** The same without −1 at the end: at most `k` items. */
export function bestItems(scores: Float32Array, k: number): Int32Array {
  return topItems(scores, Math.min(k, scores.length)).filter((item) => item !== -1);
}

function sortedItems(scores: Float32Array, k: number): Int32Array {
  const items = Int32Array.from(scores.keys()).filter((item) => scores[item]! > Number.NEGATIVE_INFINITY);
  items.sort((a, b) => scores[b]! - scores[a]! || a - b);
  const best = new Int32Array(k).fill(-1);
  best.set(items.subarray(0, k));
  return best;
}
