/**
 * A symmetric matrix [size, size] of float32 as square tiles of its lower half: row r, column c ≤ r stands in
 * tiles[⌊r/edge⌋][⌊c/edge⌋] at place (r mod edge)·edge + c mod edge. Tiles on the diagonal hold both their halves.
 */
export interface SymmetricTiles {
  readonly size: number;
  readonly edge: number;
  readonly tiles: Float32Array[][];
}

/** All zeros; beyond `size`, where the last tiles stick out, a one on the diagonal. */
export function zeroTiles(size: number, edge: number): SymmetricTiles {
  const count = Math.ceil(size / edge);
  const tiles = Array.from({ length: count }, (_, i) =>
    Array.from({ length: i + 1 }, () => new Float32Array(edge * edge)),
  );
  for (let r = size; r < count * edge; r++) tiles.at(-1)!.at(-1)![(r % edge) * (edge + 1)] = 1;
  return { size, edge, tiles };
}

/** Adds to row `r`, column `c` and, off the diagonal, to row `c`, column `r`. */
export function addAt({ edge, tiles }: SymmetricTiles, r: number, c: number, value: number): void {
  const [low, high] = r < c ? [r, c] : [c, r];
  const i = Math.floor(high / edge);
  const j = Math.floor(low / edge);
  const tile = tiles[i]![j]!;
  tile[(high % edge) * edge + (low % edge)]! += value;
  if (i === j && low !== high) tile[(low % edge) * edge + (high % edge)]! += value;
}

/** The number in row `r`, column `c` ≤ `r`. */
export function valueAt({ edge, tiles }: SymmetricTiles, r: number, c: number): number {
  return tiles[Math.floor(r / edge)]![Math.floor(c / edge)]![(r % edge) * edge + (c % edge)]!;
}

/** Row `r`, in full, [size]. */
export function copyRow({ size, edge, tiles }: SymmetricTiles, r: number, out: Float32Array): void {
  const i = Math.floor(r / edge);
  const within = r % edge;
  for (const [j, tile] of tiles[i]!.entries()) {
    const from = j * edge;
    out.set(tile.subarray(within * edge, within * edge + Math.min(edge, size - from)), from);
  }
  for (let below = i + 1; below < tiles.length; below++) {
    const tile = tiles[below]![i]!;
    for (let c = below * edge; c < Math.min(size, (below + 1) * edge); c++) {
      out[c] = tile[(c % edge) * edge + within]!;
    }
  }
}
