/** The longest and the shortest run of tokens that is looked up. */
const RUNS = { longest: 3, shortest: 2 };

/**
 * Guesses what comes next by looking up where the last tokens stood before, and what followed them there (Saxena 2023,
 * prompt lookup decoding). At most `count` ids, none where nothing repeats.
 */
export function guessTokens(before: readonly number[], count: number): number[] {
  for (let length = RUNS.longest; length >= RUNS.shortest; length--) {
    const last = before.length - length;
    for (let start = last - 1; start >= 0; start--) {
      let same = true;
      for (let k = 0; k < length && same; k++) same = before[start + k] === before[last + k];
      if (same) return before.slice(start + length, start + length + count);
    }
  }
  return [];
}
