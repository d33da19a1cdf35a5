import * as op from '../autodiff/build.js';
import { type Shape, sizeValue } from '../autodiff/size.js';
import type { Tensor } from '../autodiff/tensor.js';
import { largest } from '../extremes.js';
import type { PromptSequence } from '../prompt/sequence.js';
import { compile, type Feed, type ProgramOptions } from '../runtime/program.js';
import { programCache } from '../runtime/program-cache.js';
import { checkBatch } from './check-batch.js';
import type { Checkpoint } from './checkpoint/checkpoint.js';
import { embeddingWidth } from './checkpoint/config.js';
import { candidateParts, cutBatch, partsOfTrees, type RunLimits, runLimits, treeRowsOf } from './cut-batch.js';
import { commonStart, madeRowCount } from './made-rows.js';
import {
  batchFeeds,
  computation,
  gradientOf,
  type Head,
  type PromptShape,
  type Purpose,
  scoringHead,
} from './prompt-computation.js';
import { arraysOf } from './trainable.js';

export type { LossKind } from './prompt-computation.js';

export interface PromptNetworkOptions extends ProgramOptions, PromptShape {
  /** Default: by the size of the vocabulary. */
  readonly limits?: RunLimits | undefined;
  /** Rows that the contexts of a batch happen to begin with are computed once too, where it is scored. Default: with made rows. */
  readonly shareBeginnings?: boolean | undefined;
}

/**
 * A frozen language model behind what is learned: a prompt, a prefix, or whatever `trainable` describes. All sequences of a
 * batch have the same number of candidates. Errors of its methods: SEQUENCE_TOO_LONG, SEQUENCE_INVALID, GRAPH_RUN.
 */
export interface PromptNetwork {
  /** e, the width of a learned token that is a row. */
  readonly width: number;
  /** Leading ids that all contexts share. */
  readonly sharedRows: number;
  /** Compiles what training on such sequences needs, which takes seconds; else the first `lossAndGradient` does. */
  prepareTraining(batch: readonly PromptSequence[]): Promise<void>;
  /** The share of numbers that training leaves out of what enters the changes that are learned. */
  readonly dropout?: number | undefined;
  /**
   * Loss and ∂loss/∂learned of a batch whose sequences all have a target.
   * What is too large for one run is computed in parts, a batch or the candidates of one example: the result is the same.
   * @param learned the numbers of `trainable`, flat
   * @param exampleWeight what each example's loss counts; default 1/batch size, the mean
   * @param masks draws so many numbers, 0 for what `dropout` leaves out; default: nothing is left out. What is computed in parts of
   *   candidates leaves nothing out.
   */
  lossAndGradient(
    learned: Float32Array,
    batch: readonly PromptSequence[],
    exampleWeight?: number,
    masks?: (length: number) => Float32Array,
  ): Promise<{ readonly loss: number; readonly gradient: Float32Array }>;
  /**
   * A logit a candidate, row-major [batch, candidates]: log P(candidate | context) up to a number that all candidates of a
   * sequence share. That number is left out, and not computed, where all sequences have the same candidates of one token each.
   */
  logits(learned: Float32Array, batch: readonly PromptSequence[]): Promise<Float32Array>;
  /** The states [batch, d] from which the candidates are predicted, all of one token, by the frozen model. */
  states(learned: Float32Array, batch: readonly PromptSequence[]): Promise<Float32Array>;
  /**
   * log P(candidate | context) over the full vocabulary, row-major [batch, candidates], always: comparable between
   * sequences and between pieces of a long list of candidates.
   */
  logLikelihoods(learned: Float32Array, batch: readonly PromptSequence[]): Promise<Float32Array>;
  /**
   * Gradient × input of Σ_c weights[c] · log P(candidate c | context), one number a context token.
   * @param weights [candidates]
   */
  likelihoodAttributions(learned: Float32Array, sequence: PromptSequence, weights: Float32Array): Promise<Float32Array>;
  /**
   * How much each context token speaks for the sequence's target, one number a token: the gradient of the target's log
   * share among the candidates with respect to the token's embedding, times the embedding (gradient × input, Shrikumar
   * et al. 2016).
   */
  attributions(learned: Float32Array, sequence: PromptSequence): Promise<Float32Array>;
  release(): Promise<void>;
}

export function promptNetwork(checkpoint: Checkpoint, options: PromptNetworkOptions): PromptNetwork {
  const { trainable, sharedRows, limits = runLimits(checkpoint.config.vocabularySize) } = options;
  const programs = programCache();
  const program = (purpose: Purpose, head: Head, shared: boolean) =>
    programs.get(`${purpose} ${head} ${shared}`, () =>
      compile(computation(checkpoint, options, purpose, head, shared), options),
    );
  /** Shapes of the masks of the training program, in the order of its layers, by what is predicted. */
  const masked = new Map<string, Shape[]>();
  const dropping = (head: Head, shared: boolean) =>
    programs.get(`dropping-${head}-${shared}`, () => {
      const shapes: Shape[] = [];
      masked.set(`${head} ${shared}`, shapes);
      const drop = (x: Tensor) => op.multiply(x, op.input(maskName(shapes.push(x.shape) - 1), x.shape));
      return compile(computation(checkpoint, options, 'train', head, shared, drop), options);
    });
  const check = (batch: readonly PromptSequence[], targetsNeeded: boolean) =>
    checkBatch(batch, {
      config: checkpoint.config,
      learnedTokens: trainable.rows + madeRowCount(trainable),
      made: trainable.made,
      takenPositions: trainable.leadingRows,
      sharedRows,
      maxPositions: options.maxPositions,
      targetsNeeded,
    });
  const run = async (
    purpose: Purpose,
    head: Head,
    learned: Float32Array,
    batch: readonly PromptSequence[],
    {
      exampleWeight = 1,
      candidateWeights,
      masks,
      shared = sharedRows,
    }: {
      exampleWeight?: number;
      candidateWeights?: Float32Array;
      masks?: ((length: number) => Float32Array) | undefined;
      shared?: number;
    } = {},
  ) => {
    const treeRows = batch.length === 1 ? treesOf(batch[0]!, purpose, head) : undefined;
    const layout = { trainable, sharedRows: shared, treeRows };
    const { feeds, sizes } = batchFeeds(checkpoint, layout, batch, head, exampleWeight);
    const isShared = sizes.L! > 0;
    const weights: Record<string, Feed> = candidateWeights === undefined ? {} : { candidateWeights };
    if (masks !== undefined) {
      const chosen = await dropping(head, isShared);
      const known = new Map(Object.entries(sizes));
      for (const [i, shape] of masked.get(`${head} ${isShared}`)!.entries()) {
        weights[maskName(i)] = masks(shape.reduce((product: number, size) => product * sizeValue(size, known), 1));
      }
      return chosen.run({ ...feeds, ...weights, ...arraysOf(trainable, learned) }, sizes);
    }
    const chosen = await program(purpose, head, isShared);
    return chosen.run({ ...feeds, ...weights, ...arraysOf(trainable, learned) }, sizes);
  };
  const trainingHead = (batch: readonly PromptSequence[]) =>
    options.loss === 'vocabulary' ? 'target' : scoringHead(batch);
  /** The sequences of a batch by what is predicted of them: log-likelihoods that are added to something count to the last constant. */
  const byHead = (batch: readonly PromptSequence[]): { sequences: readonly PromptSequence[]; head: Head }[] => {
    const added = batch.filter(({ residual }) => residual !== undefined);
    const plain = added.length === 0 ? batch : batch.filter(({ residual }) => residual === undefined);
    const groups: { sequences: readonly PromptSequence[]; head: Head }[] = [
      { sequences: plain, head: trainingHead(batch) },
      { sequences: added, head: 'all candidates' },
    ];
    return groups.filter(({ sequences }) => sequences.length > 0);
  };
  /** Rows that a batch computes once: with made rows all that its contexts begin with, such as one user's. */
  const sharedIn = (batch: readonly PromptSequence[]) =>
    (options.shareBeginnings ?? trainable.made?.length) && batch.length > 1 && batch[0]!.masked === undefined
      ? commonStart(batch, trainable)
      : sharedRows;
  const partsOf = (sequence: PromptSequence, head: Head, purpose: Purpose = 'score') => {
    if (head !== 'all candidates') return [[...sequence.candidates.keys()]];
    return treesOf(sequence, purpose, head) === undefined
      ? candidateParts(sequence, sharedRows, limits)
      : partsOfTrees(sequence, limits);
  };

  /** The results of the pieces of a batch; a sequence of more candidates than a run takes goes to `inParts`. */
  const eachPiece = async (
    batch: readonly PromptSequence[],
    head: Head,
    whole: (piece: readonly PromptSequence[], start: number) => Promise<void>,
    inParts: (sequence: PromptSequence, start: number, parts: readonly number[][]) => Promise<void>,
    shared = sharedRows,
  ) => {
    let start = 0;
    for (const piece of cutBatch(batch, shared, head, limits)) {
      const parts = piece.length === 1 ? partsOf(piece[0]!, head) : [];
      await (parts.length > 1 ? inParts(piece[0]!, start, parts) : whole(piece, start));
      start += piece.length;
    }
  };

  /** [batch, candidates] */
  const score = async (head: Head, learned: Float32Array, batch: readonly PromptSequence[]) => {
    const C = batch[0]!.candidates.length;
    const scores = new Float32Array(batch.length * C);
    const shared = sharedIn(batch);
    const whole = async (piece: readonly PromptSequence[], start: number) =>
      scores.set((await run('score', head, learned, piece, { shared })).scores!, start * C);
    const inParts = async (sequence: PromptSequence, start: number, parts: readonly number[][]) => {
      for (const places of parts) {
        const { scores: part } = await run('score', head, learned, [withCandidates(sequence, places)]);
        for (const [i, place] of places.entries()) scores[start * C + place] = part![i]!;
      }
    };
    await eachPiece(batch, head, whole, inParts, shared);
    return scores;
  };

  /** Of Σ weights·scores of a sequence: what `purpose` gives for each part of the candidates. @param weights [candidates] */
  async function* ofWeightedScores(
    purpose: 'weigh' | 'explain',
    head: Head,
    learned: Float32Array,
    sequence: PromptSequence,
    weights: Float32Array,
  ) {
    for (const places of partsOf(sequence, head, purpose)) {
      const candidateWeights = Float32Array.from(places, (place) => weights[place]!);
      yield await run(purpose, head, learned, [withCandidates(sequence, places)], { candidateWeights });
    }
  }

  /** [context] */
  const attribute = async (head: Head, learned: Float32Array, sequence: PromptSequence, weights: Float32Array) => {
    const total = new Float32Array(sequence.context.length);
    for await (const { attributions } of ofWeightedScores('explain', head, learned, sequence, weights)) {
      addTo(total, attributions!);
    }
    return total;
  };

  return {
    width: embeddingWidth(checkpoint.config),
    sharedRows,
    dropout: trainable.dropout,
    prepareTraining: async (batch) => {
      const shared = batch.reduce((least, { context }) => Math.min(least, context.length - 1), sharedRows) > 0;
      for (const { sequences, head } of byHead(batch)) {
        const twice = sequences.filter((sequence) => partsOf(sequence, head).length > 1);
        if (twice.length < sequences.length)
          await (trainable.dropout ? dropping(head, shared) : program('train', head, shared));
        if (twice.length === 0) continue;
        for (const purpose of ['score', 'weigh'] as const) await program(purpose, head, shared);
      }
    },
    lossAndGradient: async (learned, batch, exampleWeight = 1 / batch.length, masks) => {
      check(batch, true);
      const total = { loss: 0, gradient: new Float32Array(learned.length) };
      const sums = Object.entries(arraysOf(trainable, total.gradient));
      let first = true;
      const addGradients = (results: Readonly<Record<string, Float32Array>>) => {
        for (const [name, sum] of sums) {
          if (first) sum.set(results[gradientOf(name)]!);
          else addTo(sum, results[gradientOf(name)]!);
        }
        first = false;
      };
      const whole = async (head: Head, piece: readonly PromptSequence[]) => {
        const results = await run('train', head, learned, piece, { exampleWeight, masks });
        total.loss += results.loss![0]!;
        addGradients(results);
      };
      // first all scores, which say what each weighs in the gradient; then the gradient, part by part
      const byScores = async (head: Head, sequence: PromptSequence) => {
        const scores = withResidual(sequence, await score(head, learned, [sequence]));
        const { logShare, slopes } = targetShare(scores, sequence.target!);
        total.loss -= exampleWeight * logShare;
        const { residual } = sequence;
        const weights = slopes.map((slope, c) => -exampleWeight * slope * (residual?.weights[c] ?? 1));
        for await (const results of ofWeightedScores('weigh', head, learned, sequence, weights)) {
          addGradients(results);
        }
      };
      for (const { sequences, head } of byHead(batch)) {
        await eachPiece(
          sequences,
          head,
          (piece) => whole(head, piece),
          (sequence) => byScores(head, sequence),
        );
      }
      return total;
    },
    logits: async (learned, batch) => {
      check(batch, false);
      const added = batch.some(({ residual }) => residual !== undefined);
      const scores = await score(added ? 'all candidates' : scoringHead(batch), learned, batch);
      const C = batch[0]!.candidates.length;
      for (const [i, one] of added ? batch.entries() : []) {
        scores.set(withResidual(one, scores.subarray(i * C, (i + 1) * C)), i * C);
      }
      return scores;
    },
    states: async (learned, batch) => {
      check(batch, false);
      const width = checkpoint.config.hiddenSize;
      const states = new Float32Array(batch.length * width);
      let start = 0;
      for (const piece of cutBatch(batch, sharedRows, 'label words', limits)) {
        states.set((await run('read', 'label words', learned, piece)).states!, start * width);
        start += piece.length;
      }
      return states;
    },
    logLikelihoods: async (learned, batch) => {
      check(batch, false);
      return score('all candidates', learned, batch);
    },
    likelihoodAttributions: async (learned, sequence, weights) => {
      check([sequence], false);
      return attribute('all candidates', learned, sequence, weights);
    },
    attributions: async (learned, sequence) => {
      check([sequence], true);
      const head = scoringHead([sequence]);
      const { slopes } = targetShare(await score(head, learned, [sequence]), sequence.target!);
      return attribute(head, learned, sequence, slopes);
    },
    release: programs.release,
  };
}

const maskName = (place: number) => `dropout-${place}`;

/** How a sequence alone is laid out; what is read of each row of the context needs it in one line. */
const treesOf = (sequence: PromptSequence, purpose: Purpose, head: Head) =>
  head === 'all candidates' && purpose !== 'explain' ? treeRowsOf(sequence) : undefined;

const withCandidates = (sequence: PromptSequence, places: readonly number[]): PromptSequence => ({
  ...sequence,
  candidates: places.map((place) => sequence.candidates[place]!),
  target: undefined,
  residual: undefined,
});

function addTo(total: Float32Array, part: Float32Array): void {
  for (let i = 0; i < total.length; i++) total[i]! += part[i]!;
}

/** The scores [candidates] of a sequence whose log-likelihoods are added to others. */
export function withResidual({ residual }: PromptSequence, logLikelihoods: Float32Array): Float32Array {
  if (residual === undefined) return logLikelihoods;
  return logLikelihoods.map((value, c) => residual.offsets[c]! + residual.weights[c]! * value);
}

/** The target's log share among the candidates, and its derivative by each score: [c = target] − softmax(scores)[c]. */
function targetShare(scores: Float32Array, target: number): { logShare: number; slopes: Float32Array } {
  const most = largest(scores);
  const sum = scores.reduce((before, score) => before + Math.exp(score - most), 0);
  const slopes = Float32Array.from(scores, (score, c) => Number(c === target) - Math.exp(score - most) / sum);
  return { logShare: scores[target]! - most - Math.log(sum), slopes };
}
