import { compile, type Feed, type ProgramOptions } from '../autodiff/program.js';
import type { PromptSequence } from '../prompt/sequence.js';
import { checkBatch } from './check-batch.js';
import type { Checkpoint } from './checkpoint.js';
import { cutBatch } from './cut-batch.js';
import { programCache } from './program-cache.js';
import {
  batchFeeds,
  chooseHead,
  computation,
  gradientOf,
  type Head,
  type PromptShape,
  type Purpose,
} from './prompt-computation.js';
import { arraysOf } from './trainable.js';

export type { LossKind } from './prompt-computation.js';

export interface PromptNetworkOptions extends ProgramOptions, PromptShape {}

/**
 * A frozen language model behind what is learned: a prompt, a prefix, or whatever `trainable` describes. All sequences of a
 * batch have the same number of candidates. Errors of its methods: SEQUENCE_TOO_LONG, SEQUENCE_INVALID, GRAPH_RUN.
 */
export interface PromptNetwork {
  /** d */
  readonly width: number;
  /** Leading ids that all contexts share. */
  readonly sharedRows: number;
  /** Compiles what training on such sequences needs, which takes seconds; else the first `lossAndGradient` does. */
  prepareTraining(batch: readonly PromptSequence[]): Promise<void>;
  /**
   * Loss and ∂loss/∂learned of a batch whose sequences all have a target.
   * A large batch is computed in pieces.
   * @param learned the numbers of `trainable`, flat
   * @param exampleWeight what each example's loss counts; default 1/batch size, the mean
   */
  lossAndGradient(
    learned: Float32Array,
    batch: readonly PromptSequence[],
    exampleWeight?: number,
  ): Promise<{ readonly loss: number; readonly gradient: Float32Array }>;
  /**
   * log P(candidate | context), row-major [batch, candidates]. Where all sequences have the same candidates of one token
   * each, only the differences within a row are meaningful: these are logits, which lack what all candidates share.
   */
  scores(learned: Float32Array, batch: readonly PromptSequence[]): Promise<Float32Array>;
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
  const { trainable } = options;
  const programs = programCache();
  const program = (purpose: Purpose, head: Head, shared: boolean) =>
    programs.get(`${purpose} ${head} ${shared}`, () =>
      compile(computation(checkpoint, options, purpose, head, shared), options),
    );
  const run = async (
    purpose: Purpose,
    learned: Float32Array,
    batch: readonly PromptSequence[],
    exampleWeight: number,
    more: Readonly<Record<string, Feed>> = {},
  ) => {
    checkBatch(batch, {
      config: checkpoint.config,
      learnedTokens: trainable.rows,
      takenPositions: trainable.leadingRows,
      sharedRows: options.sharedRows,
      maxPositions: options.maxPositions,
      targetsNeeded: purpose === 'train' || purpose === 'attribute',
    });
    const head = chooseHead(batch, purpose, options.loss);
    const { feeds, sizes } = batchFeeds(checkpoint, options, batch, head, exampleWeight);
    const chosen = await program(purpose, head, sizes.L! > 0);
    return chosen.run({ ...feeds, ...more, ...arraysOf(trainable, learned) }, sizes);
  };
  return {
    width: checkpoint.config.hiddenSize,
    sharedRows: options.sharedRows,
    prepareTraining: async (batch) => {
      const shared = batch.reduce((least, { context }) => Math.min(least, context.length - 1), options.sharedRows) > 0;
      await program('train', chooseHead(batch, 'train', options.loss), shared);
    },
    lossAndGradient: async (learned, batch, exampleWeight = 1 / batch.length) => {
      const total = { loss: 0, gradient: new Float32Array(learned.length) };
      const sums = arraysOf(trainable, total.gradient);
      for (const piece of cutBatch(batch, options.sharedRows)) {
        const results = await run('train', learned, piece, exampleWeight);
        total.loss += results.loss![0]!;
        for (const [name, sum] of Object.entries(sums)) {
          results[gradientOf(name)]!.forEach((g, i) => {
            sum[i]! += g;
          });
        }
      }
      return total;
    },
    scores: async (learned, batch) => (await run('score', learned, batch, 1)).scores!,
    logLikelihoods: async (learned, batch) => (await run('likelihoods', learned, batch, 1)).scores!,
    likelihoodAttributions: async (learned, sequence, candidateWeights) => {
      const { attributions } = await run('explain', learned, [sequence], 1, { candidateWeights });
      return attributions!.slice(0, sequence.context.length);
    },
    attributions: async (learned, sequence) => {
      const { attributions } = await run('attribute', learned, [sequence], 1);
      return attributions!.slice(0, sequence.context.length);
    },
    release: programs.release,
  };
}
