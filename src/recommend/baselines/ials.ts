import { type Sequences, sequenceOf } from '../../data/interactions/interaction-splits.js';
import { groupRows } from '../../data/interactions/user-order.js';
import { Breath } from '../../jobs/breath.js';
import { Random } from '../../random.js';
import type { Scorer } from '../scorer.js';
import { checkSetting } from './baseline-setting.js';
import { distinctHistories } from './distinct-histories.js';
import { historyWeights } from './history-weights.js';
import { fitPopularity } from './popularity.js';
import { solvePositiveDefinite } from './solve-positive-definite.js';

export interface IalsSettings {
  /** α₀: what a pair that never met counts; one that met counts 1 more. */
  readonly unobservedWeight: number;
  /** λ, times what a user's or an item's terms count in all. */
  readonly regularisation: number;
  /** d. Default: 64. */
  readonly width?: number;
  /** Times that all users and all items are solved for. Default: 10. */
  readonly sweeps?: number;
  readonly seed?: number;
}

/** Vectors of items, and what is needed to find a user's. */
export interface IalsModel {
  readonly width: number;
  /** [I, d] */
  readonly itemVectors: Float64Array;
  /** [U, d] of the training users. */
  readonly userVectors: Float64Array;
  readonly settings: Required<Pick<IalsSettings, 'unobservedWeight' | 'regularisation'>>;
}

/** Deviation of a vector's length as training starts. */
const START = 0.1;

/**
 * Matrix factorisation by implicit alternating least squares (Hu, Koren & Volinsky 2008; as tuned by Rendle et al. 2022,
 * "Revisiting the Performance of iALS on Item Recommendation Benchmarks", equations 1 to 6 with ν = 1). With y 1 where user
 * and item met, it minimises Σ_met (1 − w·h)² + α₀ Σ_all (w·h)² + λ Σ_u (|I_u| + α₀·I) |w|² + λ Σ_i (|U_i| + α₀·U) |h|².
 * @throws BASELINE_SETTING
 */
export async function fitIals(train: Sequences, items: number, settings: IalsSettings): Promise<IalsModel> {
  const { unobservedWeight, regularisation, width = 64, sweeps = 10, seed = 0 } = settings;
  checkSetting('unobservedWeight', unobservedWeight, 0);
  checkSetting('regularisation', regularisation, Number.MIN_VALUE);
  checkSetting('width', width, 1);
  const users = train.offsets.length - 1;
  const byUser = distinctHistories(train);
  const byItem = usersOfItems(byUser, items);
  const random = new Random(seed);
  const itemVectors = new Float64Array(items * width).map(() => (START / Math.sqrt(width)) * random.normal());
  const userVectors = new Float64Array(users * width);
  const breath = new Breath(undefined);
  const sides = [
    { lists: byUser, solved: userVectors, fixed: itemVectors },
    { lists: byItem, solved: itemVectors, fixed: userVectors },
  ];
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (const { lists, solved, fixed } of sides) {
      const solve = leastSquares(fixed, width, { unobservedWeight, regularisation });
      for (let row = 0; row < solved.length / width; row++) {
        const met = Array.from(sequenceOf(lists, row), (code) => [code, 1] as const);
        solve(met, solved.subarray(row * width, (row + 1) * width));
        if (breath.due) await breath.take();
      }
    }
  }
  return { width, itemVectors, userVectors, settings: { unobservedWeight, regularisation } };
}

/**
 * A user's vector is solved for from his history, so that new users are served as known ones.
 * @param recency see historyWeights: an item of weight c counts as c meetings. @throws BASELINE_SETTING
 */
export function ialsScorer(model: IalsModel, train: Sequences, items: number, recency = 1): Scorer {
  checkSetting('recency', recency, Number.MIN_VALUE, 1);
  const { width, itemVectors } = model;
  const popularity = fitPopularity(train, items);
  const solve = leastSquares(itemVectors, width, model.settings);
  const user = new Float64Array(width);
  return {
    scoreUser(history, out) {
      if (history.length === 0) return popularity.scoreUser(history, out);
      solve([...historyWeights(history, recency)], user);
      for (let item = 0, at = 0; item < items; item++) {
        let score = 0;
        for (let k = 0; k < width; k++) score += user[k]! * itemVectors[at++]!;
        out[item] = score;
      }
    },
  };
}

type LeastSquares = (met: readonly (readonly [code: number, weight: number])[], out: Float64Array) => void;

/** Solves (Σ c·f·fᵀ + α₀ FᵀF + λ(Σ c + α₀·rows) I) x = Σ c·f over the fixed vectors f that were met. @param fixed [rows, d] */
function leastSquares(fixed: Float64Array, width: number, settings: IalsModel['settings']): LeastSquares {
  const { unobservedWeight, regularisation } = settings;
  const rows = fixed.length / width;
  const all = new Float64Array(width * width); // lower triangle of α₀ FᵀF
  for (let row = 0; row < rows; row++) addSquare(all, fixed, row, width, unobservedWeight);
  const matrix = new Float64Array(width * width);
  return (met, out) => {
    matrix.set(all);
    out.fill(0);
    let counted = 0;
    for (const [code, weight] of met) {
      addSquare(matrix, fixed, code, width, weight);
      for (let k = 0; k < width; k++) out[k]! += weight * fixed[code * width + k]!;
      counted += weight;
    }
    const ridge = regularisation * (counted + unobservedWeight * rows);
    for (let k = 0; k < width; k++) matrix[k * (width + 1)]! += ridge;
    solvePositiveDefinite(matrix, out);
  };
}

/** Adds weight · f·fᵀ, the lower triangle. */
function addSquare(matrix: Float64Array, vectors: Float64Array, row: number, width: number, weight: number): void {
  const from = row * width;
  for (let a = 0; a < width; a++) {
    const scaled = weight * vectors[from + a]!;
    for (let b = 0; b <= a; b++) matrix[a * width + b]! += scaled * vectors[from + b]!;
  }
}

function usersOfItems(byUser: Sequences, items: number): Sequences {
  const { offsets, rows } = groupRows(byUser.items, items);
  const userOf = new Int32Array(byUser.items.length);
  for (let user = 0; user + 1 < byUser.offsets.length; user++) {
    userOf.fill(user, byUser.offsets[user], byUser.offsets[user + 1]);
  }
  return { offsets, items: rows.map((row) => userOf[row]!), times: undefined, ratings: undefined };
}
