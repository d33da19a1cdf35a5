import { add, input, matmul, negate, subtract } from '../../autodiff/build.js';
import { compile, type Program } from '../../runtime/program.js';
import type { SymmetricTiles } from './symmetric-tiles.js';

/**
 * Replaces a positive definite matrix by its inverse: Cholesky A = L·Lᵀ, then M = L⁻¹, then A⁻¹ = Mᵀ·M, tile by tile
 * (Golub & Van Loan 2013, section 4.2.9). Tiles are multiplied by ONNX Runtime in float32; the diagonal ones are
 * factored in float64. About size³ multiplications and additions.
 * @returns false where a pivot is not positive: the matrix is too close to singular for float32
 */
export async function invertPositiveDefinite({ edge, tiles }: SymmetricTiles): Promise<boolean> {
  const products = await compileTileProducts(edge);
  try {
    for (let k = 0; k < tiles.length; k++) {
      if (!invertCholeskyFactor(tiles[k]![k]!, edge)) return false;
      for (let i = k + 1; i < tiles.length; i++) {
        tiles[i]![k] = await products.timesTransposed(tiles[i]![k]!, tiles[k]![k]!); // L_ik = A_ik·M_kkᵀ
      }
      for (let i = k + 1; i < tiles.length; i++) {
        for (let j = k + 1; j <= i; j++) {
          tiles[i]![j] = await products.minusTimesTransposed(tiles[i]![j]!, tiles[i]![k]!, tiles[j]![k]!);
        }
      }
    }
    for (let i = 1; i < tiles.length; i++) {
      for (let j = 0; j < i; j++) {
        let sum: Float32Array = new Float32Array(edge * edge); // M_ij = −M_ii·Σ_k L_ik·M_kj, j ≤ k < i
        for (let k = j; k < i; k++) sum = await products.plusTimes(sum, tiles[i]![k]!, tiles[k]![j]!);
        tiles[i]![j] = await products.minusProduct(tiles[i]![i]!, sum);
      }
    }
    for (let i = 0; i < tiles.length; i++) {
      for (let j = 0; j <= i; j++) {
        let sum: Float32Array = new Float32Array(edge * edge); // Σ_k M_kiᵀ·M_kj, k ≥ i
        for (let k = i; k < tiles.length; k++) {
          sum = await products.plusTransposedTimes(sum, tiles[k]![i]!, tiles[k]![j]!);
        }
        tiles[i]![j] = sum;
      }
    }
    return true;
  } finally {
    await products.release();
  }
}

async function compileTileProducts(edge: number) {
  const a = input('a', [edge, edge]);
  const b = input('b', [edge, edge]);
  const c = input('c', [edge, edge]);
  const programs = {
    timesTransposed: await compile({ y: matmul(a, b, { transposeB: true }) }),
    minusProduct: await compile({ y: negate(matmul(a, b)) }),
    minusTimesTransposed: await compile({ y: subtract(c, matmul(a, b, { transposeB: true })) }),
    plusTimes: await compile({ y: add(c, matmul(a, b)) }),
    plusTransposedTimes: await compile({ y: add(c, matmul(a, b, { transposeA: true })) }),
  };
  const run = async (program: Program, feeds: Record<string, Float32Array>) => (await program.run(feeds)).y!;
  return {
    timesTransposed: (a: Float32Array, b: Float32Array) => run(programs.timesTransposed, { a, b }),
    minusProduct: (a: Float32Array, b: Float32Array) => run(programs.minusProduct, { a, b }),
    minusTimesTransposed: (c: Float32Array, a: Float32Array, b: Float32Array) =>
      run(programs.minusTimesTransposed, { a, b, c }),
    plusTimes: (c: Float32Array, a: Float32Array, b: Float32Array) => run(programs.plusTimes, { a, b, c }),
    plusTransposedTimes: (c: Float32Array, a: Float32Array, b: Float32Array) =>
      run(programs.plusTransposedTimes, { a, b, c }),
    release: async () => {
      for (const program of Object.values(programs)) await program.release();
    },
  };
}

/** Replaces a diagonal tile by M = L⁻¹, lower triangular. False where a pivot is not positive. */
function invertCholeskyFactor(tile: Float32Array, edge: number): boolean {
  const factor = Float64Array.from(tile);
  for (let r = 0; r < edge; r++) {
    for (let c = 0; c <= r; c++) {
      let value = factor[r * edge + c]!;
      for (let k = 0; k < c; k++) value -= factor[r * edge + k]! * factor[c * edge + k]!;
      if (c < r) factor[r * edge + c] = value / factor[c * edge + c]!;
      else if (value > 0) factor[r * edge + r] = Math.sqrt(value);
      else return false;
    }
  }
  const inverse = new Float64Array(edge * edge); // transposed, so that the inner loop runs along rows
  for (let c = 0; c < edge; c++) {
    inverse[c * edge + c] = 1 / factor[c * edge + c]!;
    for (let r = c + 1; r < edge; r++) {
      let sum = 0;
      for (let k = c; k < r; k++) sum += factor[r * edge + k]! * inverse[c * edge + k]!;
      inverse[c * edge + r] = -sum / factor[r * edge + r]!;
    }
  }
  for (let r = 0; r < edge; r++) for (let c = 0; c < edge; c++) tile[r * edge + c] = inverse[c * edge + r]!;
  return true;
}
