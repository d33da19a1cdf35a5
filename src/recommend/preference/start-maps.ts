import type { Initialisation } from '../../methods/initialise.js';
import { mapArrays, type RowMap } from '../../methods/made-rows.js';
import { METHODS } from '../../methods/registry.js';
import { embeddingWidth } from '../../network/checkpoint/config.js';
import { arraysOf, learnedCount } from '../../network/trainable.js';
import type { PromptSequence } from '../../prompt/sequence.js';
import type { LearnedStart } from '../../prompt/template-pieces.js';
import { Random } from '../../random.js';
import { startTokens } from '../../tasks/start-prompt.js';
import type { BinaryRegression } from './binary-regression.js';
import { type PreferenceTask, YES } from './preference-task.js';

export interface MapStart {
  /** What a logistic regression on all that is given says: the prompt starts by saying the same. */
  readonly teacher: BinaryRegression;
  /** Examples that the frozen model's slope is measured on. */
  readonly sequences: readonly PromptSequence[];
  /** Root mean square of the embedding table. */
  readonly scale: number;
  readonly seed: number;
}

export interface StartedMaps {
  /** Flat. */
  readonly learned: Float32Array;
  /** How far the log odds move where every number of a row moves by one, each in the direction that raises them. */
  readonly steepness: number | undefined;
}

/** Steps along the slope that are tried, as shares of what a straight line would ask for. */
const REACHES = [0.5, 1, 2, 4];
/** Times that the mean answer is brought nearer to the regression's, by a share of what is missing. */
const CENTRINGS = 4;
const CARE = 0.7;
const MOST_GAP = 2;
const ENOUGH = 0.1;
/** Sequences of which the slope is the mean. */
const SLOPE_OF = 64;

/**
 * Where the learned numbers start. Made rows begin as words of the vocabulary. The frozen model answers to a small change of
 * a row about linearly: along the slope g of its log odds of yes, a step of δ · g / |g|² moves them by δ. So each map starts by
 * moving its rows along g by what the logistic regression makes of its vector: the evidence of the rates is in the prompt
 * before the first update, which few examples could not teach. How far one has to go is tried on the examples.
 */
export async function startMaps(task: PreferenceTask, start: MapStart): Promise<StartedMaps> {
  const { model, maps, trainable, network } = task;
  const width = embeddingWidth(model.checkpoint.config);
  const learned = new Float32Array(learnedCount(trainable));
  const arrays = arraysOf(trainable, learned);
  await fillTokens(task, arrays, start);
  if (maps.length === 0 || start.sequences.length === 0) return { learned, steepness: undefined };
  const random = new Random(start.seed + 1);
  for (const { name, hidden, inputs } of maps) {
    if (hidden > 0) arrays[mapArrays({ name }).hidden]!.set(normals(hidden * inputs, 1, random));
  }
  const some = start.sequences.slice(0, SLOPE_OF).map((sequence) => ({ ...sequence, target: YES }));
  const asYes = await network.lossAndGradient(learned, some);
  const slopes = arraysOf(trainable, asYes.gradient);
  const shareOfNo = mean((await logOddsOf(task, learned, some)).map((z) => 1 / (1 + Math.exp(z)))) || 1;
  const slopeOf = (map: RowMap) => slopes[mapArrays(map).bias]!.map((g) => -g / shareOfNo);
  const squares = maps.map((map) => slopeOf(map).reduce((sum, g) => sum + g * g, 0));

  let at = 0;
  const taught = maps.map(({ inputs }) => {
    const from = at;
    at += inputs;
    return start.teacher.weights.subarray(from, at);
  });
  /** Writes what the maps say at a reach, and moves the first place's rows by `shift` along its slope. */
  const write = (reach: number, shift: number) => {
    maps.forEach((map, place) => {
      const names = mapArrays(map);
      const slope = slopeOf(map);
      const size = squares[place]! || 1;
      const weights = throughHidden(map, arrays[names.hidden], taught[place]!);
      const into = arrays[names.weight]!;
      for (let i = 0; i < map.rows * width; i++) {
        for (let j = 0; j < weights.length; j++)
          into[i * weights.length + j] = (reach * slope[i]! * weights[j]!) / size;
      }
    });
    if (shift === 0) return;
    const first = maps[0]!;
    const bias = arrays[mapArrays(first).bias]!;
    slopeOf(first).forEach((g, i) => {
      bias[i]! += (shift * g) / (squares[0]! || 1);
    });
  };
  const wanted = mean(start.sequences.map(({ given }) => answer(start.teacher, given!)));
  let best: { readonly reach: number; readonly loss: number; readonly bias: Float32Array } | undefined;
  const bias = arrays[mapArrays(maps[0]!).bias]!;
  const unmoved = bias.slice();
  for (const reach of REACHES) {
    bias.set(unmoved);
    let gap = 0;
    for (let centring = 0; centring <= CENTRINGS; centring++) {
      write(reach, CARE * gap);
      const odds = await logOddsOf(task, learned, start.sequences);
      gap = Math.max(-MOST_GAP, Math.min(MOST_GAP, wanted - mean(odds)));
      const loss = logLoss(odds, start.sequences);
      if (best === undefined || loss < best.loss) best = { reach, loss, bias: bias.slice() };
      if (Math.abs(gap) < ENOUGH) break;
    }
  }
  write(best!.reach, 0);
  bias.set(best!.bias);
  const steepest = maps.map((map) => slopeOf(map).reduce((sum, g) => sum + Math.abs(g), 0) / map.rows);
  return { learned, steepness: steepest.reduce((most, one) => Math.max(most, one), 0) };
}

/** Learned tokens, and the rows that maps begin with, as words of the vocabulary. */
async function fillTokens(
  { model, starts, method, methodOptions, maps }: PreferenceTask,
  arrays: Record<string, Float32Array>,
  { scale, seed }: MapStart,
): Promise<void> {
  const own = Object.keys(arrays).filter((name) => !maps.some((map) => Object.values(mapArrays(map)).includes(name)));
  if (own.length > 0) {
    const tokens = await METHODS[method].start({
      ...{ model, starts, scale, seed, labelWords: [], options: methodOptions },
      initialisation: { kind: METHODS[method].starts[0]! } as Initialisation,
    });
    let at = 0;
    for (const name of own) {
      arrays[name]!.set(tokens.subarray(at, at + arrays[name]!.length));
      at += arrays[name]!.length;
    }
  }
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

/** Log odds of yes [sequences]. */
export async function logOddsOf(
  task: Pick<PreferenceTask, 'score'>,
  learned: Float32Array,
  sequences: readonly PromptSequence[],
  options: Parameters<PreferenceTask['score']>[2] = {},
): Promise<Float64Array> {
  const { values } = await task.score(learned, sequences, options);
  return Float64Array.from(sequences, (_, i) => values[2 * i + YES]! - values[2 * i + 1 - YES]!);
}

function answer({ weights, intercept }: BinaryRegression, given: readonly Float32Array[]): number {
  let at = 0;
  let z = intercept;
  for (const vector of given) for (const x of vector) z += weights[at++]! * x;
  return z;
}

function logLoss(odds: Float64Array, sequences: readonly PromptSequence[]): number {
  return mean(odds.map((z, i) => Math.log1p(Math.exp(sequences[i]!.target === YES ? -z : z))));
}

const mean = (values: ArrayLike<number>) =>
  Array.from(values).reduce((sum, x) => sum + x, 0) / Math.max(1, values.length);

const normals = (count: number, deviation: number, random: Random) =>
  Float32Array.from({ length: count }, () => deviation * random.normal());
