import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import type { LogisticRegression } from '../../evaluation/logistic-regression.js';
import { mapArrays, type RowMap } from '../../methods/made-rows.js';
import { embeddingWidth } from '../../network/checkpoint/config.js';
import { arraysOf, learnedCount } from '../../network/trainable.js';
import type { PromptSequence } from '../../prompt/sequence.js';
import type { LearnedStart } from '../../prompt/template-pieces.js';
import { Random } from '../../random.js';
import { startTokens } from '../start-prompt.js';
import type { Task } from '../task.js';

/** A task with rows that maps make, whose sequences all have the same labels. */
export interface MappedTask extends Pick<Task<never>, 'model' | 'trainable' | 'network' | 'score'> {
  readonly maps: readonly RowMap[];
}

export interface MapStart {
  /** What a logistic regression on all that is given, place by place, says: the prompt starts by saying the same. */
  readonly teacher: Pick<LogisticRegression, 'weights' | 'biases'>;
  /** Examples that the frozen model's slope is measured on. */
  readonly sequences: readonly PromptSequence[];
  /** What the method itself learns, as it starts. */
  readonly own: Float32Array;
  /** Root mean square of the embedding table. */
  readonly scale: number;
  readonly seed: number;
}

export interface StartedMaps {
  /** Flat. */
  readonly learned: Float32Array;
  /** How far log odds move at most where every number of a row moves by one, each in the direction that raises them. */
  readonly steepness: number | undefined;
}

/** How far an update of the highest rate moves the log odds at most, by one row of the prompt alone: AdamW moves every number by about the rate. */
export const OF_LOG_ODDS = 0.05;

/** Steps along the slope that are tried, as shares of what a straight line would ask for. */
const REACHES = [0.5, 1, 2, 4];
/** Times that the mean answer is brought nearer to the regression's, by a share of what is missing. */
const CENTRINGS = 4;
const CARE = 0.7;
const MOST_GAP = 2;
const ENOUGH = 0.1;
/** Sequences of which the slope is the mean. */
const SLOPE_OF = 64;
/** Of several labels' slopes, how far each counts by itself, as a share of their mean square: they may be nearly alike. */
const RIDGE = 1e-3;

/**
 * Where the learned numbers start. Made rows begin as words of the vocabulary. The frozen model answers to a small change of
 * a row about linearly: of C labels there are C − 1 log odds against the first, with the slopes G [C − 1, d·rows], and the shortest
 * step that moves them by δ is Gᵀ (G Gᵀ)⁻¹ δ (of two labels, δ · g / |g|²). So each map starts by moving its rows by that of what the
 * logistic regression makes of its vector: the evidence is in the prompt before the first update, which few examples could not
 * teach. How far one has to go is tried on the examples.
 */
export async function startMaps(task: MappedTask, start: MapStart): Promise<StartedMaps> {
  const { model, maps, trainable } = task;
  const width = embeddingWidth(model.checkpoint.config);
  const learned = new Float32Array(learnedCount(trainable));
  learned.set(start.own);
  const arrays = arraysOf(trainable, learned);
  await fillRows(task, arrays, start);
  if (maps.length === 0 || start.sequences.length === 0) return { learned, steepness: undefined };
  const random = new Random(start.seed + 1);
  for (const { name, hidden, inputs } of maps) {
    if (hidden > 0) arrays[mapArrays({ name }).hidden]!.set(normals(hidden * inputs, 1, random));
  }
  const slopes = await slopesOf(task, learned, start.sequences.slice(0, SLOPE_OF));
  const steps = slopes.map(shortestSteps);
  const odds = slopes[0]!.length;
  const taught = teacherOdds(start.teacher, maps);
  /** Writes what the maps say at a reach, and moves the first place's rows by what moves the log odds by `shift`. */
  const write = (reach: number, shift: readonly number[]) => {
    maps.forEach((map, place) => {
      const names = mapArrays(map);
      const into = arrays[names.weight]!;
      into.fill(0);
      for (let k = 0; k < odds; k++) {
        const weights = throughHidden(map, arrays[names.hidden], taught[place]![k]!);
        const step = steps[place]![k]!;
        for (let i = 0; i < map.rows * width; i++) {
          for (let j = 0; j < weights.length; j++) into[i * weights.length + j]! += reach * step[i]! * weights[j]!;
        }
      }
    });
    const bias = arrays[mapArrays(maps[0]!).bias]!;
    shift.forEach((by, k) => {
      if (by === 0) return;
      steps[0]![k]!.forEach((s, i) => {
        bias[i]! += by * s;
      });
    });
  };
  const wanted = meanOdds(start.sequences.map(({ given }) => answer(start.teacher, given!)));
  let best: { readonly reach: number; readonly loss: number; readonly bias: Float32Array } | undefined;
  const bias = arrays[mapArrays(maps[0]!).bias]!;
  const unmoved = bias.slice();
  for (const reach of REACHES) {
    bias.set(unmoved);
    let gap = new Array<number>(odds).fill(0);
    for (let centring = 0; centring <= CENTRINGS; centring++) {
      write(
        reach,
        gap.map((by) => CARE * by),
      );
      const said = await oddsOf(task, learned, start.sequences);
      const loss = logLoss(said, start.sequences);
      if (best === undefined || loss < best.loss) best = { reach, loss, bias: bias.slice() };
      const reached = meanOdds(said);
      gap = wanted.map((want, k) => Math.max(-MOST_GAP, Math.min(MOST_GAP, want - reached[k]!)));
      if (gap.every((by) => Math.abs(by) < ENOUGH)) break;
    }
  }
  write(best!.reach, []);
  bias.set(best!.bias);
  const steepest = maps.flatMap(({ rows }, place) =>
    slopes[place]!.map((slope) => slope.reduce((sum, g) => sum + Math.abs(g), 0) / rows),
  );
  return { learned, steepness: Math.max(0, ...steepest) };
}

/** The rows that maps begin with, as words of the vocabulary. */
async function fillRows(
  { model, maps }: MappedTask,
  arrays: Record<string, Float32Array>,
  { scale, seed }: MapStart,
): Promise<void> {
  const free = maps.flatMap(({ rows }) => Array.from({ length: rows }, (): LearnedStart => ({ kind: 'free' })));
  if (free.length === 0) return;
  const rows = await startTokens(model, free, scale, seed + 1);
  let at = 0;
  for (const map of maps) {
    const bias = arrays[mapArrays(map).bias]!;
    bias.set(rows.subarray(at, at + bias.length));
    at += bias.length;
  }
}

/**
 * The mean slope of each label's log odds against the first label's, place by place: [places][C − 1][rows·d]. The gradient of
 * −log P(c) of two labels is that of the log odds times 1 − P(c), so there one run is enough.
 */
async function slopesOf(
  task: MappedTask,
  learned: Float32Array,
  sequences: readonly PromptSequence[],
): Promise<Float32Array[][]> {
  const { trainable, network, maps } = task;
  const classes = sequences[0]!.candidates.length;
  const biases = async (target: number) => {
    const aimed = sequences.map((sequence) => ({ ...sequence, target }));
    const arrays = arraysOf(trainable, (await network.lossAndGradient(learned, aimed)).gradient);
    return maps.map((map) => arrays[mapArrays(map).bias]!.slice());
  };
  if (classes === 2) {
    const odds = await oddsOf(task, learned, sequences);
    const shareOfFirst = mean(odds.map(([z]) => 1 / (1 + Math.exp(z!)))) || 1;
    return (await biases(1)).map((bias) => [bias.map((g) => -g / shareOfFirst)]);
  }
  const gradients: Float32Array[][] = [];
  for (let label = 0; label < classes; label++) gradients.push(await biases(label));
  return maps.map((_, place) =>
    gradients.slice(1).map((of) => of[place]!.map((g, i) => gradients[0]![place]![i]! - g)),
  );
}

/** Rows of Gᵀ (G Gᵀ)⁻¹, as [C − 1][rows·d]: the shortest step that moves one of the log odds by one and the others not. */
function shortestSteps(slopes: readonly Float32Array[]): Float32Array[] {
  const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
  if (slopes.length === 1) {
    const size = dot(slopes[0]!, slopes[0]!) || 1;
    return [slopes[0]!.map((g) => g / size)];
  }
  const gram = new Matrix(slopes.map((a) => slopes.map((b) => dot(a, b))));
  const ridge = (RIDGE * gram.trace()) / slopes.length || 1;
  const inverse = new CholeskyDecomposition(gram.add(Matrix.eye(slopes.length).mul(ridge))).solve(
    Matrix.eye(slopes.length),
  );
  return slopes.map((_, k) =>
    slopes[0]!.map((_, i) => slopes.reduce((sum, slope, l) => sum + slope[i]! * inverse.get(l, k), 0)),
  );
}

/** The regression's weights as those of log odds against the first label: [places][C − 1][inputs]. */
function teacherOdds({ weights, biases }: MapStart['teacher'], maps: readonly RowMap[]): Float64Array[][] {
  const width = weights.length / biases.length;
  let at = 0;
  return maps.map(({ inputs }) => {
    const from = at;
    at += inputs;
    return Array.from({ length: biases.length - 1 }, (_, k) =>
      Float64Array.from({ length: inputs }, (_, j) => weights[(k + 1) * width + from + j]! - weights[from + j]!),
    );
  });
}

/**
 * Weights [inputs] as weights of what a hidden layer gives [hidden]: w ≈ hiddenᵀ u for u = hidden · w / hidden, since the
 * rows of a random hidden layer are nearly orthogonal and tanh is straight at 0.
 */
function throughHidden({ hidden, inputs }: RowMap, matrix: Float32Array | undefined, w: Float64Array): Float64Array {
  if (hidden === 0 || matrix === undefined) return w;
  return Float64Array.from({ length: hidden }, (_, h) => {
    let sum = 0;
    for (let i = 0; i < inputs; i++) sum += matrix[h * inputs + i]! * w[i]!;
    return sum / hidden;
  });
}

/** Log odds of each label but the first against the first: [sequences][C − 1]. */
async function oddsOf(
  task: Pick<MappedTask, 'score'>,
  learned: Float32Array,
  sequences: readonly PromptSequence[],
): Promise<number[][]> {
  const { values, classes } = await task.score(learned, sequences);
  return sequences.map((_, n) =>
    Array.from({ length: classes - 1 }, (_, k) => values[n * classes + k + 1]! - values[n * classes]!),
  );
}

/** The regression's log odds of one example. */
function answer({ weights, biases }: MapStart['teacher'], given: readonly Float32Array[]): number[] {
  const width = weights.length / biases.length;
  const scores = Array.from(biases, (bias, c) => {
    let at = c * width;
    let z = bias;
    for (const vector of given) for (const x of vector) z += weights[at++]! * x;
    return z;
  });
  return scores.slice(1).map((score) => score - scores[0]!);
}

/** Mean −log P of the right labels. */
function logLoss(odds: readonly (readonly number[])[], sequences: readonly PromptSequence[]): number {
  return mean(
    odds.map((others, i) => {
      const all = [0, ...others];
      const most = Math.max(...all);
      const right = all[sequences[i]!.target ?? 0]!;
      return most + Math.log(all.reduce((sum, z) => sum + Math.exp(z - most), 0)) - right;
    }),
  );
}

const meanOdds = (odds: readonly (readonly number[])[]): number[] =>
  (odds[0] ?? []).map((_, k) => mean(odds.map((one) => one[k]!)));

const mean = (values: ArrayLike<number>) =>
  Array.from(values).reduce((sum, x) => sum + x, 0) / Math.max(1, values.length);

const normals = (count: number, deviation: number, random: Random) =>
  Float32Array.from({ length: count }, () => deviation * random.normal());
