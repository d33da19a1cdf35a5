import * as op from '../autodiff/build.js';
import { gradient } from '../autodiff/gradient.js';
import type { Tensor } from '../autodiff/tensor.js';
import type { PromptSequence } from '../prompt/sequence.js';
import { compile, type Feed, type ProgramOptions } from '../runtime/program.js';
import { programCache } from '../runtime/program-cache.js';
import { attentionFeeds } from './attention-indices.js';
import { checkBatch } from './check-batch.js';
import type { Checkpoint, Pooling } from './checkpoint/checkpoint.js';
import { attentionWindows } from './checkpoint/config.js';
import { weightSource } from './checkpoint/weight-source.js';
import { cutBatch } from './cut-batch.js';
import { embeddedRowFeeds, embedRows } from './embedded-rows.js';
import { modelGraph, requireOneStack, rowStates, visibilityOf } from './frozen-network.js';
import { gradientOf } from './prompt-computation.js';
import { layOutRows, type RowLayout } from './row-layout.js';
import { arraysOf, learnedCount, type Trainable } from './trainable.js';

export interface TextReaderOptions extends ProgramOptions {
  /** The first layers of the model that read; the others are left out. */
  readonly layers: number;
  /** What is learned, for a model of these layers. */
  readonly trainable: Trainable;
  /** Leading ids that all contexts share: learned tokens and fixed words. They are computed once a batch. */
  readonly sharedRows: number;
  /** The longest context, in tokens. */
  readonly maxPositions: number;
  /** Which rows make a text's vector; default: what the model's own pooling says, or else the mean. */
  readonly pooling?: Pooling | undefined;
}

/**
 * The first layers of a frozen language model that read texts behind what is learned: a text's vector [d] is the mean of
 * its own rows' hidden states after the final norm, or that of its first or last one; shared rows and learned tokens are
 * left out of the mean. Errors: SEQUENCE_TOO_LONG, SEQUENCE_INVALID, GRAPH_RUN.
 */
export interface TextReader {
  readonly width: number;
  /** Vectors [texts, d]. @param learned the numbers of the trainable, flat */
  read(learned: Float32Array, texts: readonly PromptSequence[]): Promise<Float32Array>;
  /**
   * The chain rule through the reader: ∂loss/∂learned from ∂loss/∂vectors, with the vectors themselves.
   * @param upstream [texts, d]
   */
  gradient(
    learned: Float32Array,
    texts: readonly PromptSequence[],
    upstream: Float32Array,
  ): Promise<{ readonly vectors: Float32Array; readonly gradient: Float32Array }>;
  release(): Promise<void>;
}

export function textReader(checkpoint: Checkpoint, options: TextReaderOptions): TextReader {
  requireOneStack(checkpoint, 'to read texts');
  const width = checkpoint.config.hiddenSize;
  const { trainable } = options;
  const given = trainable.leadingRows;
  const limits = {
    ...options,
    ...{ config: checkpoint.config, learnedTokens: trainable.rows, targetsNeeded: false },
    takenPositions: firstPosition(checkpoint, given),
  };
  const programs = programCache();
  const program = (shared: boolean, backwards: boolean) =>
    programs.get(`${shared} ${backwards}`, () =>
      compile(readingNetwork(checkpoint, options, shared, backwards), options),
    );
  const run = async (learned: Float32Array, texts: readonly PromptSequence[], upstream?: Float32Array) => {
    checkBatch(texts, limits);
    const { feeds, sizes } = readingFeeds(checkpoint, options, texts);
    const chosen = await program(sizes.L! > 0, upstream !== undefined);
    return chosen.run({ ...feeds, ...arraysOf(trainable, learned), ...(upstream && { upstream }) }, sizes);
  };
  const cut = (texts: readonly PromptSequence[]) => cutBatch(texts, options.sharedRows);
  return {
    width,
    read: async (learned, texts) => {
      const vectors = new Float32Array(texts.length * width);
      let at = 0;
      for (const piece of cut(texts)) {
        vectors.set((await run(learned, piece)).vectors!, at);
        at += piece.length * width;
      }
      return vectors;
    },
    gradient: async (learned, texts, upstream) => {
      const total = {
        vectors: new Float32Array(texts.length * width),
        gradient: new Float32Array(learnedCount(trainable)),
      };
      const parts = arraysOf(trainable, total.gradient);
      let at = 0;
      for (const piece of cut(texts)) {
        const end = at + piece.length * width;
        const results = await run(learned, piece, upstream.slice(at, end));
        total.vectors.set(results.vectors!, at);
        for (const [name, sum] of Object.entries(parts)) {
          results[gradientOf(name)]!.forEach((g, i) => {
            sum[i]! += g;
          });
        }
        at = end;
      }
      return total;
    },
    release: programs.release,
  };
}

/**
 * Where texts begin behind so many leading keys. A model whose rows see the whole text has learned what stands at its first
 * position, and leading keys have no place in it.
 */
const firstPosition = ({ config }: Checkpoint, given: number) => (visibilityOf(config) === 'all' ? 0 : given);

function readingNetwork(
  checkpoint: Checkpoint,
  { trainable, maxPositions, layers }: TextReaderOptions,
  shared: boolean,
  backwards: boolean,
): Record<string, Tensor> {
  const { config } = checkpoint;
  const weights = weightSource(checkpoint);
  const feed = op.inputsByName();
  const arrays = Object.fromEntries(
    Object.entries(trainable.arrays).map(([name, shape]) => [name, feed(name, shape)] as const),
  );
  const entry = trainable.enter(arrays, config, []);
  const graph = modelGraph({
    ...{ config, weights, feed, endRows: 1 },
    maxPositions: firstPosition(checkpoint, trainable.leadingRows) + maxPositions,
    rows: { all: 'N', shared: shared ? 'L' : undefined },
    learned: { ...entry, leadingRows: trainable.leadingRows },
  });
  const states = rowStates(embedRows(graph, entry.rows, feed), graph, layers);
  const vectors = op.matmul(feed('shares', ['B', 'N']), states);
  if (!backwards) return { vectors };
  const loss = op.reduceSum(op.multiply(vectors, feed('upstream', ['B', config.hiddenSize])), [0, 1]);
  const found = gradient(op.reshape(loss, []), Object.values(arrays));
  return { vectors, ...Object.fromEntries(Object.keys(arrays).map((name, i) => [gradientOf(name), found[i]!])) };
}

function readingFeeds(checkpoint: Checkpoint, options: TextReaderOptions, texts: readonly PromptSequence[]) {
  const { config } = checkpoint;
  const { trainable, sharedRows, pooling = checkpoint.pooling } = options;
  const given = trainable.leadingRows;
  const layout = layOutRows(texts, { sharedRows, only: 'target', firstPosition: firstPosition(checkpoint, given) });
  const attention = attentionFeeds(layout, config, {
    visibility: visibilityOf(config),
    windows: attentionWindows(config),
    given,
  });
  const feeds: Record<string, Feed> = {
    ...attention.feeds,
    ...embeddedRowFeeds(layout, trainable.rows),
    shares: poolingShares(layout, pooling),
  };
  return { feeds, sizes: { ...attention.sizes } as Record<string, number> };
}

/** What each row [B, N] counts in a text's vector. */
function poolingShares({ ids, learned, examples }: RowLayout, pooling: Pooling | undefined): Float32Array {
  const N = ids.length;
  const shares = new Float32Array(examples.length * N);
  examples.forEach(({ start, predecessors }, b) => {
    const own = predecessors.map((_, i) => start + i);
    const words = own.filter((row) => learned[row]! < 0);
    const counted = words.length > 0 ? words : own;
    const rows = pooling === 'first' ? own.slice(0, 1) : pooling === 'last' ? counted.slice(-1) : counted;
    for (const row of rows) shares[b * N + row] = 1 / rows.length;
  });
  return shares;
}
