/**
 * The `k` items of the highest scores, best first; of equal scores the lower code comes first. Items scored −Infinity
 * or not a number are left out; where fewer than `k` remain, the list ends with −1.
 */
export function topItems(scores: Float32Array, k: number): Int32Array {
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
