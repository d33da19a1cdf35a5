import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../random.js';
import { invertPositiveDefinite } from './positive-definite-inverse.js';
import { addAt, copyRow, type SymmetricTiles, zeroTiles } from './symmetric-tiles.js';

/** A matrix RᵀR + I in both forms. */
function randomMatrix(size: number, edge: number): { tiles: SymmetricTiles; dense: Float64Array } {
  const random = new Random(size);
  const root = Float64Array.from({ length: size * size }, () => random.normal());
  const tiles = zeroTiles(size, edge);
  const dense = new Float64Array(size * size);
  for (let r = 0; r < size; r++) {
    for (let c = 0; c <= r; c++) {
      let value = r === c ? 1 : 0;
      for (let k = 0; k < size; k++) value += root[k * size + r]! * root[k * size + c]!;
      dense[r * size + c] = value;
      dense[c * size + r] = value;
      addAt(tiles, r % 2 ? r : c, r % 2 ? c : r, value);
    }
  }
  return { tiles, dense };
}

test('rows of a tiled matrix are those that were put in', () => {
  const { tiles, dense } = randomMatrix(11, 4);
  const row = new Float32Array(11);
  for (let r = 0; r < 11; r++) {
    copyRow(tiles, r, row);
    for (let c = 0; c < 11; c++) assert.equal(row[c], Math.fround(dense[r * 11 + c]!));
  }
});

for (const [size, edge] of [
  [1, 4],
  [4, 4],
  [11, 4],
  [40, 7],
  [33, 64],
] as const) {
  test(`a matrix of ${size} by tiles of ${edge} times its inverse is the identity`, async () => {
    const { tiles, dense } = randomMatrix(size, edge);
    assert.equal(await invertPositiveDefinite(tiles), true);
    const row = new Float32Array(size);
    for (let r = 0; r < size; r++) {
      copyRow(tiles, r, row);
      for (let c = 0; c < size; c++) {
        let product = 0;
        for (let k = 0; k < size; k++) product += row[k]! * dense[k * size + c]!;
        assert.ok(Math.abs(product - (r === c ? 1 : 0)) < 1e-3, `${r}, ${c}: ${product}`);
      }
    }
  });
}

test('what is not positive definite has no inverse', async () => {
  const tiles = zeroTiles(3, 2);
  for (const [r, c, value] of [
    [0, 0, 1],
    [1, 1, 1],
    [2, 2, 1],
    [2, 0, 2],
  ] as const)
    addAt(tiles, r, c, value);
  assert.equal(await invertPositiveDefinite(tiles), false);
});
