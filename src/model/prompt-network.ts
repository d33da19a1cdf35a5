import * as op from '../autodiff/build.js';
import { gradient } from '../autodiff/gradient.js';
import { compile, type Feed, type ProgramOptions } from '../autodiff/program.js';
import { multiplySizes } from '../autodiff/size.js';
import type { Tensor } from '../autodiff/tensor.js';
import { smallest } from '../extremes.js';
import type { PromptSequence } from '../prompt/sequence.js';
import { attentionFeeds } from './attention-indices.js';
import { checkBatch } from './check-batch.js';
import type { Checkpoint } from './checkpoint.js';
import { attentionWindows } from './config.js';
import { cutBatch } from './cut-batch.js';
import { embeddedRowFeeds, embedRows } from './embedded-rows.js';
import { endStates, modelGraph, visibilityOf, wordHead, wordTable } from './frozen-network.js';
import { programCache } from './program-cache.js';
import { layOutRows } from './row-layout.js';
import { weightSource } from './weight-source.js';

/** What the learned prompt is trained on. */
export type LossKind =
  /** −log P(right candidate | context), over the full vocabulary: what a language model is trained on. */
  | 'vocabulary'
  /** −log of the right candidate's share among the candidates. */
  | 'labels';

export interface PromptNetworkOptions extends ProgramOptions {
  readonly loss: LossKind;
  /** P: learned tokens of the template; 0 for a written prompt. */
  readonly learnedTokens: number;
  /** Leading ids that all contexts of the template share; they are computed once a batch. */
  readonly sharedRows: number;
  /** The longest context plus its longest candidate, in tokens. */
  readonly maxPositions: number;
}

/**
 * A frozen language model behind a learned prompt. d: the model's width, P learned tokens. All sequences of a batch have
 * the same number of candidates. Errors of its methods: SEQUENCE_TOO_LONG, SEQUENCE_INVALID, GRAPH_RUN.
 */
export interface PromptNetwork {
  readonly width: number;
  /** Leading ids that all contexts share. */
  readonly sharedRows: number;
  /** Compiles what training on such sequences needs, which takes seconds; else the first `lossAndGradient` does. */
  prepareTraining(batch: readonly PromptSequence[]): Promise<void>;
  /**
   * Loss and ∂loss/∂prompt of a batch whose sequences all have a target.
   * A large batch is computed in pieces.
   * @param prompt [P, d]
   * @param exampleWeight what each example's loss counts; default 1/batch size, the mean
   */
  lossAndGradient(
    prompt: Float32Array,
    batch: readonly PromptSequence[],
    exampleWeight?: number,
  ): Promise<{ readonly loss: number; readonly gradient: Float32Array }>;
  /**
   * log P(candidate | context), row-major [batch, candidates]. Where all sequences have the same candidates of one token
   * each, only the differences within a row are meaningful: these are logits, which lack what all candidates share.
   */
  scores(prompt: Float32Array, batch: readonly PromptSequence[]): Promise<Float32Array>;
  /**
   * log P(candidate | context) over the full vocabulary, row-major [batch, candidates], always: comparable between
   * sequences and between pieces of a long list of candidates.
   */
  logLikelihoods(prompt: Float32Array, batch: readonly PromptSequence[]): Promise<Float32Array>;
  /**
   * Gradient × input of Σ_c weights[c] · log P(candidate c | context), one number a context token.
   * @param weights [candidates]
   */
  likelihoodAttributions(prompt: Float32Array, sequence: PromptSequence, weights: Float32Array): Promise<Float32Array>;
  /**
   * How much each context token speaks for the sequence's target, one number a token: the gradient of the target's log
   * share among the candidates with respect to the token's embedding, times the embedding (gradient × input, Shrikumar
   * et al. 2016).
   */
  attributions(prompt: Float32Array, sequence: PromptSequence): Promise<Float32Array>;
  release(): Promise<void>;
}

export function promptNetwork(checkpoint: Checkpoint, options: PromptNetworkOptions): PromptNetwork {
  const programs = programCache();
  const program = (purpose: Purpose, head: Head, shared: boolean) =>
    programs.get(`${purpose} ${head} ${shared}`, () =>
      compile(computation(checkpoint, options, purpose, head, shared), options),
    );
  const run = async (
    purpose: Purpose,
    prompt: Float32Array,
    batch: readonly PromptSequence[],
    exampleWeight: number,
    more: Readonly<Record<string, Feed>> = {},
  ) => {
    const targetsNeeded = purpose === 'train' || purpose === 'attribute';
    checkBatch(batch, { ...options, config: checkpoint.config, targetsNeeded });
    const head = chooseHead(batch, purpose, options.loss);
    const { feeds, sizes } = batchFeeds(checkpoint, options, batch, head, exampleWeight);
    const chosen = await program(purpose, head, sizes.L! > 0);
    return chosen.run({ ...feeds, ...more, prompt }, sizes);
  };
  return {
    width: checkpoint.config.hiddenSize,
    sharedRows: options.sharedRows,
    prepareTraining: async (batch) => {
      const shared = Math.min(options.sharedRows, smallest(batch.map(({ context }) => context.length - 1))) > 0;
      await program('train', chooseHead(batch, 'train', options.loss), shared);
    },
    lossAndGradient: async (prompt, batch, exampleWeight = 1 / batch.length) => {
      const total = { loss: 0, gradient: new Float32Array(prompt.length) };
      for (const piece of cutBatch(batch, options.sharedRows)) {
        const { loss, gradient } = await run('train', prompt, piece, exampleWeight);
        total.loss += loss![0]!;
        gradient!.forEach((g, i) => {
          total.gradient[i]! += g;
        });
      }
      return total;
    },
    scores: async (prompt, batch) => (await run('score', prompt, batch, 1)).scores!,
    logLikelihoods: async (prompt, batch) => (await run('likelihoods', prompt, batch, 1)).scores!,
    likelihoodAttributions: async (prompt, sequence, candidateWeights) => {
      const { attributions } = await run('explain', prompt, [sequence], 1, { candidateWeights });
      return attributions!.slice(0, sequence.context.length);
    },
    attributions: async (prompt, sequence) => {
      const { attributions } = await run('attribute', prompt, [sequence], 1);
      return attributions!.slice(0, sequence.context.length);
    },
    release: programs.release,
  };
}

/** What is computed: loss and gradient, scores, log-likelihoods, attributions of the target's share or of likelihoods. */
export type Purpose = 'train' | 'score' | 'likelihoods' | 'attribute' | 'explain';

/** What the hidden states become. */
export type Head =
  /** Candidates of one token each, the same for the whole batch: one logit a candidate. */
  | 'label words'
  /** All candidates' tokens, each with its probability over the vocabulary. */
  | 'all candidates'
  /** The right candidate's tokens alone. */
  | 'target';

function chooseHead(batch: readonly PromptSequence[], purpose: Purpose, loss: LossKind): Head {
  if (purpose === 'train' && loss === 'vocabulary') return 'target';
  if (purpose === 'likelihoods' || purpose === 'explain') return 'all candidates';
  const [first] = batch;
  const oneToken = batch.every(
    ({ candidates }) =>
      candidates.length === first!.candidates.length &&
      candidates.every((candidate, c) => candidate.length === 1 && candidate[0] === first!.candidates[c]![0]),
  );
  return oneToken ? 'label words' : 'all candidates';
}

/** The whole network as results to compile; `shared`: for batches with shared rows. */
export function computation(
  checkpoint: Checkpoint,
  options: PromptNetworkOptions,
  purpose: Purpose,
  head: Head,
  shared: boolean,
): Record<string, Tensor> {
  const { config } = checkpoint;
  const weights = weightSource(checkpoint);
  const feed = op.inputsByName();
  const prompt = feed('prompt', [options.learnedTokens, config.hiddenSize]);
  const x = embedRows(wordTable({ config, weights }), prompt, feed);
  const endRows = head === 'label words' ? 1 : 'R';
  const graph = modelGraph({
    ...{ config, weights, feed, endRows, maxPositions: options.maxPositions },
    rows: { all: 'N', shared: shared ? 'L' : undefined },
  });
  const { states, words, bias } = wordHead(endStates(x, graph), graph);

  let scores: Tensor;
  if (head === 'label words') {
    const ids = feed('labelIds', ['C'], 'int64');
    const logits = op.linear(states, op.gather(words, ids)); // [B, C], as R = 1
    scores = bias === undefined ? logits : op.add(logits, op.gather(bias, ids));
  } else {
    const places = multiplySizes('B', endRows, config.vocabularySize);
    const logits = op.linear(states, words); // [B·R, V]
    const logProbabilities = op.logSoftmax(bias === undefined ? logits : op.add(logits, bias));
    const tokens = op.gather(op.reshape(logProbabilities, [places]), feed('scoredPlaces', ['K'], 'int64')); // [K]
    if (head === 'target') {
      const loss = op.negate(op.reduceSum(op.multiply(tokens, feed('tokenWeights', ['K'])), [0]));
      return withGradient(op.reshape(loss, []), prompt);
    }
    scores = op.scatterAdd(feed('scoredCandidates', ['K'], 'int64'), tokens, multiplySizes('B', 'C'));
  }
  const byExample = op.reshape(scores, ['B', 'C']);
  if (purpose === 'score' || purpose === 'likelihoods') return { scores: byExample };
  if (purpose === 'explain') {
    const total = op.reduceSum(op.multiply(byExample, feed('candidateWeights', ['B', 'C'])), [0, 1]);
    return { attributions: gradientTimesInput(op.reshape(total, []), x) };
  }
  const right = op.pick(op.logSoftmax(byExample), feed('targets', ['B'], 'int64'));
  const loss = op.negate(op.reduceSum(op.multiply(right, feed('exampleWeights', ['B'])), [0]));
  if (purpose === 'train') return withGradient(op.reshape(loss, []), prompt);
  return { attributions: op.negate(gradientTimesInput(op.reshape(loss, []), x)) };
}

/** [N] for rows x [N, d] */
function gradientTimesInput(total: Tensor, x: Tensor): Tensor {
  return op.reduceSum(op.multiply(gradient(total, [x])[0]!, x), [1]);
}

function withGradient(loss: Tensor, prompt: Tensor): Record<string, Tensor> {
  return { loss, gradient: gradient(loss, [prompt])[0]! };
}

/** The inputs of a computation for one batch, all but the prompt. */
export function batchFeeds(
  { config }: Checkpoint,
  options: PromptNetworkOptions,
  batch: readonly PromptSequence[],
  head: Head,
  exampleWeight: number,
): { readonly feeds: Record<string, Feed>; readonly sizes: Record<string, number> } {
  const layout = layOutRows(batch, options.sharedRows, head === 'target' ? 'target' : 'all');
  const attention = attentionFeeds(layout, config, {
    visibility: visibilityOf(config),
    windows: attentionWindows(config),
  });
  const { B } = attention.sizes;
  const C = batch[0]!.candidates.length;
  const K = layout.scored.length;

  const V = config.vocabularySize;
  const feeds: Record<string, Feed> = {
    ...attention.feeds,
    ...embeddedRowFeeds(layout, options.learnedTokens),
    labelIds: BigInt64Array.from(batch[0]!.candidates, (candidate) => BigInt(candidate[0]!)),
    targets: BigInt64Array.from(batch, ({ target }) => BigInt(target ?? 0)),
    exampleWeights: new Float32Array(B).fill(exampleWeight),
    tokenWeights: new Float32Array(K).fill(exampleWeight),
    scoredPlaces: BigInt64Array.from(layout.scored, ({ token }, k) => BigInt(attention.scoredRows[k]! * V + token)),
    scoredCandidates: BigInt64Array.from(layout.scored, ({ example, candidate }) => BigInt(example * C + candidate)),
  };
  return { feeds, sizes: { ...attention.sizes, C, K } };
}
