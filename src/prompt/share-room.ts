/**
 * How many tokens each slot keeps when together they may have at most `room`: the longest gives way first, until it is
 * as long as the next. So short slots stay whole, and no slot is emptied while `room` is at least their number.
 */
export function shareRoom(lengths: readonly number[], room: number): number[] {
  const shares = [...lengths];
  const shortestFirst = lengths.map((_, i) => i).sort((a, b) => lengths[a]! - lengths[b]!);
  let left = room;
  shortestFirst.forEach((slot, done) => {
    shares[slot] = Math.min(lengths[slot]!, Math.floor(left / (lengths.length - done)));
    left -= shares[slot];
  });
  return shares;
}
