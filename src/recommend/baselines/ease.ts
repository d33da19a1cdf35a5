import { type Sequences, sequenceOf } from '../../data/interactions/interaction-splits.js';
import { SoftpromptError } from '../../errors.js';
import type { Scorer } from '../scorer.js';
import { checkSetting } from './baseline-setting.js';
import { distinctHistories } from './distinct-histories.js';
import { linearScorer } from './linear-scorer.js';
import { invertPositiveDefinite } from './positive-definite-inverse.js';
import { addAt, copyRow, type SymmetricTiles, zeroTiles } from './symmetric-tiles.js';

export interface EaseSettings {
  /** λ, above 0: the diagonal it adds keeps weights small. */
  readonly regularisation: number;
  /** Edge of the tiles the matrix is inverted by. Default: 512. */
  readonly tileEdge?: number;
}

/** What an item says about every other, [items, items] row-major, 0 on the diagonal. */
export type EaseWeights = Float32Array;

/** EASE holds a number for every pair of items: 1.6 GB at this many. */
export const MOST_EASE_ITEMS = 20_000;

/**
 * EASE (Steck 2019, "Embarrassingly Shallow Autoencoders for Sparse Data", equation 8): with X the matrix of users and
 * items and P = (XᵀX + λI)⁻¹, the weight from item i to item j is −P_ij / P_jj, and 0 from an item to itself.
 * @throws BASELINE_TOO_LARGE, BASELINE_SETTING
 */
export async function fitEase(train: Sequences, items: number, settings: EaseSettings): Promise<EaseWeights> {
  const { regularisation, tileEdge = 512 } = settings;
  checkSetting('regularisation', regularisation, Number.MIN_VALUE);
  if (items > MOST_EASE_ITEMS) {
    throw new SoftpromptError('BASELINE_TOO_LARGE', {
      found: `a catalogue of ${items} items`,
      expected: `at most ${MOST_EASE_ITEMS} for EASE, whose memory grows with their square`,
      fix: 'Leave EASE out, or filter rare items (k-core).',
    });
  }
  const matrix = gramMatrix(distinctHistories(train), items, tileEdge);
  for (let item = 0; item < items; item++) addAt(matrix, item, item, regularisation);
  if (!(await invertPositiveDefinite(matrix))) {
    throw new SoftpromptError('BASELINE_SETTING', {
      found: `a matrix that cannot be inverted in float32 with regularisation ${regularisation}`,
      expected: 'enough regularisation for this many interactions',
      fix: 'Choose a larger regularisation.',
    });
  }
  const weights = new Float32Array(items * items);
  const diagonal = new Float32Array(items);
  for (let i = 0; i < items; i++) {
    const row = weights.subarray(i * items, (i + 1) * items);
    copyRow(matrix, i, row);
    diagonal[i] = row[i]!;
  }
  for (let i = 0; i < items; i++) {
    for (let j = 0; j < items; j++) weights[i * items + j]! /= -diagonal[j]!;
    weights[i * items + i] = 0;
  }
  return weights;
}

/** A `linearScorer` of the weights. @throws BASELINE_SETTING */
export function easeScorer(weights: EaseWeights, train: Sequences, items: number, recency = 1): Scorer {
  return linearScorer(train, items, recency, (item, weight, out) => {
    const row = item * items;
    for (let j = 0; j < items; j++) out[j]! += weight * weights[row + j]!;
  });
}

/** XᵀX. */
function gramMatrix(histories: Sequences, items: number, tileEdge: number): SymmetricTiles {
  const gram = zeroTiles(items, tileEdge);
  for (let user = 0; user + 1 < histories.offsets.length; user++) {
    const history = sequenceOf(histories, user);
    for (let a = 0; a < history.length; a++) {
      for (let b = 0; b <= a; b++) addAt(gram, history[a]!, history[b]!, 1);
    }
  }
  return gram;
}
