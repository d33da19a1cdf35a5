import * as op from '../autodiff/build.js';
import type { PairedGain } from '../evaluation/paired-gain.js';
import { compile, type Program, type ProgramOptions } from '../runtime/program.js';
import { chooseExpert } from './choose-expert.js';
import type { RankingTask } from './measure-ranking.js';
import type { BatchScorer } from './scorer.js';
import type { ItemFeatures } from './sequential/sasrec-options.js';
import { innerProduct, unitRows } from './unit-rows.js';

/**
 * How much an item gains by being like the latest items of a history: weight · cosine between its features and their mean,
 * at length 1 each. As the other scores are log-probabilities up to a constant, this is one more expert of the product
 * (Hinton 2002): a kernel around what was read, which a network that has learned from few interactions smooths over.
 */
export interface LikenessSettings {
  readonly weight: number;
  /** Latest items of a history that count. */
  readonly latest: number;
}

export interface Likeness extends LikenessSettings {
  /** [I, k] features at length 1; 0 where nothing is known. */
  readonly unit: Float32Array;
  readonly width: number;
}

const WEIGHTS = [0.5, 1, 2, 4, 6, 8, 12, 16, 24];
const LATEST = [1, 2, 3, 5, 10];

export function likenessOf({ vectors, width }: ItemFeatures, { weight, latest }: LikenessSettings): Likeness {
  const items = Int32Array.from({ length: vectors.length / width }, (_, item) => item);
  return { weight, latest, unit: unitRows(items, vectors, width), width };
}

/** What the latest items of a history are like, at length 1 [k]; 0 where nothing is known of them. */
export function likenessQuery({ unit, width, latest }: Omit<Likeness, 'weight'>, history: Int32Array): Float32Array {
  const query = new Float32Array(width);
  for (const item of history.slice(-latest)) {
    for (let i = 0; i < width; i++) query[i]! += unit[item * width + i]!;
  }
  return unitRows(Int32Array.of(0), query, width);
}

/** What likeness adds to the score of one item. */
export function likenessTerm({ unit, width, weight }: Likeness, query: Float32Array, item: number): number {
  return weight * innerProduct(query, 0, unit, item * width, width);
}

/** The scores with likeness added; an empty history is like nothing. Errors: GRAPH_RUN. */
export async function withLikeness(
  score: BatchScorer,
  likeness: Likeness,
  options: ProgramOptions = {},
): Promise<{ readonly score: BatchScorer; release(): Promise<void> }> {
  const program = await cosineProgram(likeness.width, options);
  return {
    score: async (users, histories, groups) => {
      const scores = await score(users, histories, groups);
      const cosines = await cosinesOf(program, likeness, histories);
      for (let i = 0; i < scores.length; i++) scores[i]! += likeness.weight * cosines[i]!;
      return scores;
    },
    release: () => program.release(),
  };
}

/**
 * The weight, and how many latest items, that are best, see `chooseExpert`.
 * @param score of the recommender so far
 */
export async function chooseLikeness(
  score: BatchScorer,
  features: ItemFeatures,
  task: Pick<RankingTask, 'splits' | 'candidates' | 'validUsers'>,
  options: ProgramOptions = {},
): Promise<{ readonly settings: LikenessSettings; readonly gain: PairedGain } | undefined> {
  const items = task.splits.items.length;
  const choices = LATEST.flatMap((latest) => WEIGHTS.map((weight) => ({ weight, latest })));
  const likeness = likenessOf(features, { weight: 1, latest: 1 });
  const program = await cosineProgram(features.width, options);
  try {
    return await chooseExpert(score, task, choices, async (histories) => {
      const cosines = new Map<number, Float32Array>();
      for (const latest of LATEST) cosines.set(latest, await cosinesOf(program, { ...likeness, latest }, histories));
      return ({ weight, latest }, row, scores) => {
        const like = cosines.get(latest)!;
        for (let item = 0; item < items; item++) scores[item]! += weight * like[row * items + item]!;
      };
    });
  } finally {
    await program.release();
  }
}

function cosineProgram(width: number, options: ProgramOptions): Promise<Program> {
  const feed = op.inputsByName();
  return compile({ cosines: op.linear(feed('queries', ['N', width]), feed('items', ['I', width])) }, options);
}

/** [histories, I] */
async function cosinesOf(
  program: Program,
  likeness: Omit<Likeness, 'weight'>,
  histories: readonly Int32Array[],
): Promise<Float32Array> {
  const { unit, width } = likeness;
  const queries = new Float32Array(histories.length * width);
  histories.forEach((history, i) => {
    queries.set(likenessQuery(likeness, history), i * width);
  });
  const { cosines } = await program.run({ queries, items: unit }, { N: histories.length, I: unit.length / width });
  return cosines!;
}
