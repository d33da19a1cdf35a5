import * as op from '../autodiff/build.js';
import { gradient } from '../autodiff/gradient.js';
import { multiplySizes } from '../autodiff/size.js';
import type { Tensor } from '../autodiff/tensor.js';
import type { PromptSequence } from '../prompt/sequence.js';
import type { Feed } from '../runtime/program.js';
import { attentionFeeds } from './attention-indices.js';
import type { Checkpoint } from './checkpoint/checkpoint.js';
import { attentionWindows } from './checkpoint/config.js';
import { weightSource } from './checkpoint/weight-source.js';
import { embeddedRowFeeds, embedRows } from './embedded-rows.js';
import { familyOf } from './families/registry.js';
import { endStates, modelGraph, visibilityOf, wordHead, wordLogits } from './frozen-network.js';
import { givenCount, givenName, poolMadeRows } from './made-rows.js';
import { type LayoutOptions, layOutRows } from './row-layout.js';
import { sourceFeeds, sourceGraph } from './source.js';
import type { Dropping, Trainable } from './trainable.js';

/** What the learned prompt is trained on. */
export type LossKind =
  /** −log P(right candidate | context), over the full vocabulary: what a language model is trained on. */
  | 'vocabulary'
  /** −log of the right candidate's share among the candidates. */
  | 'labels';

/** What a prompt's network is built for. */
export interface PromptShape {
  readonly loss: LossKind;
  /** What is learned; it says how many learned tokens the sequences may have. */
  readonly trainable: Trainable;
  /** Leading ids that all contexts of the template share; they are computed once a batch. 0 for masked texts. */
  readonly sharedRows: number;
  /** The longest sequence, in tokens. */
  readonly maxPositions: number;
}

/** What is computed. */
export type Purpose =
  /** Loss and ∂loss/∂learned. */
  | 'train'
  | 'score'
  /** The states from which candidates of one token are predicted. */
  | 'read'
  /** Of the weighted sum of all scores: its gradient with respect to what is learned. */
  | 'weigh'
  /** The same with respect to each row's embedding, times the embedding. */
  | 'explain';

/** What the hidden states become. */
export type Head =
  /** Candidates of one token each, the same for the whole batch: one logit a candidate. */
  | 'label words'
  /** All candidates' tokens, each with its probability over the vocabulary. */
  | 'all candidates'
  /** The right candidate's tokens alone. */
  | 'target';

/** The cheapest head whose scores can be compared within each sequence. */
export function scoringHead(batch: readonly PromptSequence[]): Head {
  const [first] = batch;
  const oneToken = batch.every(
    ({ candidates }) =>
      candidates.length === first!.candidates.length &&
      candidates.every((candidate, c) => candidate.length === 1 && candidate[0] === first!.candidates[c]![0]),
  );
  return oneToken ? 'label words' : 'all candidates';
}

/** The name of a learned array's gradient among the results. */
export const gradientOf = (array: string) => `gradient ${array}`;

/** The whole network as results to compile; `shared`: for batches with shared rows. S sequences, B examples (see `RowLayout`). */
export function computation(
  checkpoint: Checkpoint,
  { trainable, maxPositions }: PromptShape,
  purpose: Purpose,
  head: Head,
  shared: boolean,
  drop?: Dropping,
): Record<string, Tensor> {
  const { config } = checkpoint;
  const weights = weightSource(checkpoint);
  const feed = op.inputsByName();

  const arrays = Object.fromEntries(
    Object.entries(trainable.arrays).map(([name, shape]) => [name, feed(name, shape)] as const),
  );
  const given = (trainable.made ?? []).map(({ inputs }, place) => feed(givenName(place), [givenCount(place), inputs]));
  const entry = trainable.enter(arrays, config, given, drop);
  const endRows = head === 'label words' ? 1 : 'R';
  const learned = { ...entry, leadingRows: trainable.leadingRows };
  const reading =
    familyOf(config).sees === 'source'
      ? sourceGraph({
          ...{ config, weights, feed, endRows, learned },
          ...{ prompt: entry.rows, few: head === 'label words' },
        })
      : undefined;
  const graph = modelGraph({
    ...{ config, weights, feed, endRows, learned, source: reading?.source },
    rows: { all: 'N', shared: shared ? 'L' : undefined },
    maxPositions: trainable.leadingRows + maxPositions,
  });
  const rows = embedRows(graph, reading === undefined ? entry.rows : undefined, feed);
  const x = reading?.words ?? rows;
  const states = endStates(rows, graph);
  if (purpose === 'read') return { states };
  const words = wordHead(states, graph);

  // one logit a candidate asks for one example a sequence
  const S = head === 'label words' ? 'B' : 'S';
  let scores: Tensor;
  if (head === 'label words') {
    // [S, C], as R = 1
    scores = entry.classify?.(states) ?? wordLogits(words, feed('labelIds', ['C'], 'int64'));
  } else {
    const logits = wordLogits(words); // [B·R, V]
    const tokens = op.logSoftmaxAt(logits, feed('scoredPlaces', ['K'], 'int64'), feed('scoredRows', ['K'], 'int64')); // [K]
    if (head === 'target') {
      const loss = op.negate(op.reduceSum(op.multiply(tokens, feed('tokenWeights', ['K'])), [0]));
      return lossAndGradients(op.reshape(loss, []), arrays);
    }
    const counted = op.multiply(tokens, feed('tokenShares', ['K']));
    scores = op.scatterAdd(feed('scoredCandidates', ['K'], 'int64'), counted, multiplySizes(S, 'C'));
  }
  const C = entry.classify === undefined ? 'C' : scores.shape[1]!;
  const bySequence = op.reshape(scores, [S, C]);
  if (purpose === 'score') return { scores: bySequence };
  if (purpose !== 'train') {
    const weighted = op.reduceSum(op.multiply(bySequence, feed('candidateWeights', [S, C])), [0, 1]);
    const total = op.reshape(weighted, []);
    return purpose === 'weigh' ? gradients(total, arrays) : { attributions: gradientTimesInput(total, x) };
  }
  const added =
    head === 'all candidates'
      ? op.add(op.multiply(bySequence, feed('residualWeights', [S, C])), feed('residualOffsets', [S, C]))
      : bySequence;
  const right = op.pick(op.logSoftmax(added), feed('targets', [S], 'int64'));
  const loss = op.negate(op.reduceSum(op.multiply(right, feed('exampleWeights', [S])), [0]));
  return lossAndGradients(op.reshape(loss, []), arrays);
}

/** [N] for rows x [N, d] */
function gradientTimesInput(total: Tensor, x: Tensor): Tensor {
  return op.reduceSum(op.multiply(gradient(total, [x])[0]!, x), [1]);
}

function lossAndGradients(loss: Tensor, arrays: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  return { loss, ...gradients(loss, arrays) };
}

function gradients(total: Tensor, arrays: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  const found = gradient(total, Object.values(arrays));
  return Object.fromEntries(Object.keys(arrays).map((name, i) => [gradientOf(name), found[i]!]));
}

/** The inputs of a computation for one batch, all but the learned arrays. */
export function batchFeeds(
  { config }: Checkpoint,
  { trainable, sharedRows, treeRows }: Pick<PromptShape, 'trainable' | 'sharedRows'> & Pick<LayoutOptions, 'treeRows'>,
  sequences: readonly PromptSequence[],
  head: Head,
  exampleWeight: number,
): { readonly feeds: Record<string, Feed>; readonly sizes: Record<string, number> } {
  const given = trainable.leadingRows;
  const { batch, ...pool } = poolMadeRows(sequences, trainable);
  const layout = layOutRows(batch, {
    ...{ sharedRows, treeRows, firstPosition: given },
    only: head === 'target' ? 'target' : 'all',
  });
  const attention = attentionFeeds(layout, config, {
    visibility: visibilityOf(config),
    windows: attentionWindows(config),
    given,
  });
  const source = batch[0]!.decoderStart && sourceFeeds(batch, layout, attention, config, pool.rows);
  const S = batch.length;
  const C = batch[0]!.candidates.length;
  const K = layout.scored.length;
  const V = config.vocabularySize;
  const feeds: Record<string, Feed> = {
    ...attention.feeds,
    ...embeddedRowFeeds(layout, pool.rows),
    ...pool.feeds,
    ...source?.feeds,
    labelIds: BigInt64Array.from(batch[0]!.candidates, (candidate) => BigInt(candidate[0]!)),
    targets: BigInt64Array.from(batch, ({ target }) => BigInt(target ?? 0)),
    exampleWeights: new Float32Array(S).fill(exampleWeight),
    tokenWeights: new Float32Array(K).fill(exampleWeight),
    residualWeights: residualFeed(batch, ({ residual }) => residual?.weights, 1),
    residualOffsets: residualFeed(batch, ({ residual }) => residual?.offsets, 0),
    tokenShares: Float32Array.from(layout.scored, ({ weight }) => weight),
    scoredRows: BigInt64Array.from(attention.scoredRows, BigInt),
    scoredPlaces: BigInt64Array.from(layout.scored, ({ token }, k) => BigInt(attention.scoredRows[k]! * V + token)),
    scoredCandidates: BigInt64Array.from(layout.scored, ({ sequence, candidate }) => BigInt(sequence * C + candidate)),
  };
  return { feeds, sizes: { ...attention.sizes, ...pool.sizes, ...source?.sizes, S, C, K } };
}

/** [S, C]; a sequence without a residual keeps its candidates' log-likelihoods. */
function residualFeed(
  batch: readonly PromptSequence[],
  numbers: (sequence: PromptSequence) => Float32Array | undefined,
  without: number,
): Float32Array {
  const C = batch[0]!.candidates.length;
  const values = new Float32Array(batch.length * C).fill(without);
  for (const [s, sequence] of batch.entries()) values.set(numbers(sequence) ?? [], s * C);
  return values;
}
