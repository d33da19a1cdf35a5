import { type Sequences, sequenceOf } from '../../data/interactions/interaction-splits.js';
import { SoftpromptError } from '../../errors.js';
import type { Scorer } from '../scorer.js';
import { checkSetting } from './baseline-setting.js';
import { distinctHistories } from './distinct-histories.js';
import { type ItemWords, itemsOfWords } from './item-words.js';
import { linearScorer } from './linear-scorer.js';
import { invertPositiveDefinite } from './positive-definite-inverse.js';
import { addAt, copyRow, type SymmetricTiles, valueAt, zeroTiles } from './symmetric-tiles.js';

export interface EaseSettings {
  /** λ, above 0: the diagonal it adds keeps weights small. */
  readonly regularisation: number;
  /** What items are told beside who met them, see `fitEase`. */
  readonly texts?: { readonly words: ItemWords; readonly weight: number } | undefined;
  /** Edge of the tiles the matrix is inverted by. Default: 512. */
  readonly tileEdge?: number;
  /**
   * Up to so many items the weights are kept in full, which is read faster than the half that tells them all. Default:
   * 10,000, 0.4 GB.
   */
  readonly inFullUpTo?: number;
}

/**
 * What an item says about every other, [items], 0 about itself; to be read until the next item is asked for.
 */
export type EaseWeights = (item: number) => Float32Array;

/** EASE holds a number for every pair of items: 0.8 GB at this many, twice that while settings are compared. */
export const MOST_EASE_ITEMS = 20_000;

/**
 * EASE (Steck 2019, "Embarrassingly Shallow Autoencoders for Sparse Data", equation 8): with X the matrix of users and
 * items and P = (XᵀX + λI)⁻¹, the weight from item i to item j is −P_ij / P_jj, and 0 from an item to itself. With texts the
 * items' words W, see `itemWords`, stand below X as if they were users (Jeunen, Van Balen & Goethals 2020, "Closed-Form Models for
 * Collaborative Filtering with Side-Information", section 3.2): P = (XᵀX + α·WᵀW + λI)⁻¹.
 * @throws BASELINE_TOO_LARGE, BASELINE_SETTING
 */
export async function fitEase(train: Sequences, items: number, settings: EaseSettings): Promise<EaseWeights> {
  const { regularisation, texts, tileEdge = 512, inFullUpTo = 10_000 } = settings;
  checkSetting('regularisation', regularisation, Number.MIN_VALUE);
  if (items > MOST_EASE_ITEMS) {
    throw new SoftpromptError('BASELINE_TOO_LARGE', {
      found: `a catalogue of ${items} items`,
      expected: `at most ${MOST_EASE_ITEMS} for EASE, whose memory grows with their square`,
      fix: 'Leave EASE out, or filter rare items (--k-core).',
    });
  }
  const matrix = gramMatrix(distinctHistories(train), items, tileEdge);
  if (texts) addWords(matrix, texts.words, texts.weight);
  for (let item = 0; item < items; item++) addAt(matrix, item, item, regularisation);
  if (!(await invertPositiveDefinite(matrix))) {
    throw new SoftpromptError('BASELINE_SETTING', {
      found: `a matrix that cannot be inverted in float32 with regularisation ${regularisation}`,
      expected: 'enough regularisation for this many interactions',
      fix: 'Choose a larger regularisation.',
    });
  }
  return items <= inFullUpTo ? inFull(weightsOf(matrix), items) : weightsOf(matrix);
}

/** The weights, each row worked out when it is asked for. */
function weightsOf(inverse: SymmetricTiles): EaseWeights {
  const { size } = inverse;
  const row = new Float32Array(size);
  const diagonal = Float32Array.from({ length: size }, (_, i) => valueAt(inverse, i, i));
  return (item) => {
    copyRow(inverse, item, row);
    for (let j = 0; j < size; j++) row[j]! /= -diagonal[j]!;
    row[item] = 0;
    return row;
  };
}

function inFull(weights: EaseWeights, items: number): EaseWeights {
  const all = new Float32Array(items * items);
  for (let item = 0; item < items; item++) all.set(weights(item), item * items);
  return (item) => all.subarray(item * items, (item + 1) * items);
}

/** A `linearScorer` of the weights. @throws BASELINE_SETTING */
export function easeScorer(weights: EaseWeights, train: Sequences, items: number, recency = 1): Scorer {
  return linearScorer(train, items, recency, (item, weight, out) => {
    const row = weights(item);
    for (let j = 0; j < items; j++) out[j]! += weight * row[j]!;
  });
}

/** Adds α·WᵀW, W the items' words: for each word the products of all pairs of its items. */
function addWords(matrix: SymmetricTiles, words: ItemWords, weight: number): void {
  checkSetting('weight of the words', weight, 0);
  const { offsets, items, weights } = itemsOfWords(words);
  for (let word = 0; word + 1 < offsets.length; word++) {
    for (let a = offsets[word]!; a < offsets[word + 1]!; a++) {
      const scaled = weight * weights[a]!;
      for (let b = offsets[word]!; b <= a; b++) addAt(matrix, items[a]!, items[b]!, scaled * weights[b]!);
    }
  }
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
