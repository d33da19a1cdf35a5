import * as op from '../autodiff/build.js';
import { gradient } from '../autodiff/gradient.js';
import type { Tensor } from '../autodiff/tensor.js';
import type { PromptSequence } from '../prompt/sequence.js';
import { compile, type Feed, type ProgramOptions } from '../runtime/program.js';
import { programCache } from '../runtime/program-cache.js';
import { attentionFeeds } from './attention-indices.js';
import { checkBatch } from './check-batch.js';
import type { Checkpoint } from './checkpoint/checkpoint.js';
import { attentionWindows, embeddingWidth } from './checkpoint/config.js';
import { weightSource } from './checkpoint/weight-source.js';
import { cutBatch } from './cut-batch.js';
import { embeddedRowFeeds, embedRows } from './embedded-rows.js';
import { modelGraph, rowStates, visibilityOf } from './frozen-network.js';
import { layOutRows } from './row-layout.js';

export interface TextReaderOptions extends ProgramOptions {
  /** The first layers of the model that read; the others are left out. */
  readonly layers: number;
  /** P */
  readonly learnedTokens: number;
  /** Leading ids that all contexts share: learned tokens and fixed words. They are computed once a batch. */
  readonly sharedRows: number;
  /** The longest context, in tokens. */
  readonly maxPositions: number;
}

/**
 * The first layers of a frozen language model that read texts behind a learned prompt: a text's vector [d] is the mean of
 * its own rows' hidden states after the final norm, or what the model's own pooling says; the shared rows are left out. Errors: SEQUENCE_TOO_LONG,
 * SEQUENCE_INVALID, GRAPH_RUN.
 */
export interface TextReader {
  readonly width: number;
  /** Vectors [texts, d]. @param prompt [P, d] */
  read(prompt: Float32Array, texts: readonly PromptSequence[]): Promise<Float32Array>;
  /**
   * The chain rule through the reader: ∂loss/∂prompt [P, d] from ∂loss/∂vectors, with the vectors themselves.
   * @param upstream [texts, d]
   */
  gradient(
    prompt: Float32Array,
    texts: readonly PromptSequence[],
    upstream: Float32Array,
  ): Promise<{ readonly vectors: Float32Array; readonly gradient: Float32Array }>;
  release(): Promise<void>;
}

export function textReader(checkpoint: Checkpoint, options: TextReaderOptions): TextReader {
  const width = checkpoint.config.hiddenSize;
  const programs = programCache();
  const program = (shared: boolean, backwards: boolean) =>
    programs.get(`${shared} ${backwards}`, () =>
      compile(readingNetwork(checkpoint, options, shared, backwards), options),
    );
  const run = async (prompt: Float32Array, texts: readonly PromptSequence[], upstream?: Float32Array) => {
    checkBatch(texts, { ...options, config: checkpoint.config, targetsNeeded: false });
    const { feeds, sizes } = readingFeeds(checkpoint, options, texts);
    const chosen = await program(sizes.L! > 0, upstream !== undefined);
    return chosen.run({ ...feeds, prompt, ...(upstream && { upstream }) }, sizes);
  };
  return {
    width,
    read: async (prompt, texts) => {
      const vectors = new Float32Array(texts.length * width);
      let at = 0;
      for (const piece of cutBatch(texts, options.sharedRows)) {
        vectors.set((await run(prompt, piece)).vectors!, at);
        at += piece.length * width;
      }
      return vectors;
    },
    gradient: async (prompt, texts, upstream) => {
      const total = { vectors: new Float32Array(texts.length * width), gradient: new Float32Array(prompt.length) };
      let at = 0;
      for (const piece of cutBatch(texts, options.sharedRows)) {
        const end = at + piece.length * width;
        const { vectors, gradient } = await run(prompt, piece, upstream.slice(at, end));
        total.vectors.set(vectors!, at);
        gradient!.forEach((g, i) => {
          total.gradient[i]! += g;
        });
        at = end;
      }
      return total;
    },
    release: programs.release,
  };
}

function readingNetwork(
  checkpoint: Checkpoint,
  options: TextReaderOptions,
  shared: boolean,
  backwards: boolean,
): Record<string, Tensor> {
  const { config } = checkpoint;
  const weights = weightSource(checkpoint);
  const feed = op.inputsByName();
  const prompt = feed('prompt', [options.learnedTokens, embeddingWidth(config)]);
  const graph = modelGraph({
    ...{ config, weights, feed, endRows: 1, maxPositions: options.maxPositions },
    rows: { all: 'N', shared: shared ? 'L' : undefined },
  });
  const states = rowStates(embedRows(graph, prompt, feed), graph, options.layers);
  const vectors = op.matmul(feed('shares', ['B', 'N']), states);
  if (!backwards) return { vectors };
  const loss = op.reduceSum(op.multiply(vectors, feed('upstream', ['B', config.hiddenSize])), [0, 1]);
  return { vectors, gradient: gradient(op.reshape(loss, []), [prompt])[0]! };
}

function readingFeeds({ config, pooling }: Checkpoint, options: TextReaderOptions, texts: readonly PromptSequence[]) {
  const layout = layOutRows(texts, { sharedRows: options.sharedRows, only: 'target' });
  const attention = attentionFeeds(layout, config, {
    visibility: visibilityOf(config),
    windows: attentionWindows(config),
  });
  const { N, B } = attention.sizes;
  const shares = new Float32Array(B * N);
  layout.examples.forEach(({ start, predecessors }, b) => {
    if (pooling === 'first') shares[b * N + start] = 1;
    else shares.fill(1 / predecessors.length, b * N + start, b * N + start + predecessors.length);
  });
  const feeds: Record<string, Feed> = {
    ...attention.feeds,
    ...embeddedRowFeeds(layout, options.learnedTokens),
    shares,
  };
  return { feeds, sizes: { ...attention.sizes } as Record<string, number> };
}
