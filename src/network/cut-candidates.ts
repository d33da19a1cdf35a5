/**
 * Places of the candidates in the order of their tokens, cut so that each part's tree has at most so many rows (or one
 * candidate): candidates that begin alike run together, and what they share is computed once a run (see `row-layout.ts`).
 */
export function cutCandidates(candidates: readonly Int32Array[], rows: number): number[][] {
  const sorted = [...candidates.keys()].sort((a, b) => compareIds(candidates[a]!, candidates[b]!) || a - b);
  const parts: number[][] = [];
  let used = 0;
  let before: Int32Array | undefined;
  for (const place of sorted) {
    const ids = candidates[place]!;
    const added = ids.length - (before === undefined ? 0 : Math.min(sharedBeginning(before, ids), ids.length - 1));
    if (before !== undefined && used + added <= rows) {
      parts.at(-1)!.push(place);
      used += added;
    } else {
      parts.push([place]);
      used = ids.length;
    }
    before = ids;
  }
  return parts;
}

function compareIds(a: Int32Array, b: Int32Array): number {
  const same = sharedBeginning(a, b);
  return (a[same] ?? -1) - (b[same] ?? -1);
}

function sharedBeginning(a: Int32Array, b: Int32Array): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  return length;
}
