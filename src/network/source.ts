import * as op from '../autodiff/build.js';
import { multiplySizes, type Size } from '../autodiff/size.js';
import type { Tensor } from '../autodiff/tensor.js';
import type { PromptSequence } from '../prompt/sequence.js';
import type { Feed } from '../runtime/program.js';
import { type AttentionFeeds, attentionFeeds, type BatchSizes } from './attention-indices.js';
import type { ModelConfig } from './checkpoint/config.js';
import { embeddedRowFeeds, embedRows } from './embedded-rows.js';
import { familyOf } from './families/registry.js';
import { foldedAttention } from './folded-attention.js';
import {
  type LearnedParts,
  type NetworkGraphOptions,
  networkGraph,
  type Source,
  type SourceProjection,
} from './network-graph.js';
import { type BucketOptions, relativeFeeds } from './relative-positions.js';
import type { RowLayout } from './row-layout.js';

/**
 * The encoder's side of an encoder-decoder. Its rows are packed as those of a masked model are: M of them in B texts, the
 * longest of U. Its inputs have the names of any network's with `source` in front.
 */
const inSource = (name: string) => `source ${name}`;

export interface SourceOptions
  extends Pick<NetworkGraphOptions, 'config' | 'weights' | 'feed' | 'endRows' | 'learned'> {
  /** The learned tokens [P, e] among the text's. */
  readonly prompt: Tensor | undefined;
  /** Whether the decoder has only a row or two an example, so that keys and values of all of the encoder's are more than is asked for. */
  readonly few?: boolean | undefined;
}

/** The encoder over a batch's texts: its embeddings [M, e] and its final states [M, d]. */
export function encoderGraph({ prompt, ...options }: Omit<SourceOptions, 'endRows' | 'few'>): {
  readonly words: Tensor;
  readonly states: Tensor;
} {
  const { config, feed: outer } = options;
  const { embed, encoder } = familyOf(config);
  const feed: NetworkGraphOptions['feed'] = (name, shape, type) => outer(inSource(name), shape, type);
  const graph = networkGraph({
    ...{ config, weights: options.weights, feed, learned: withoutLeading(options.learned) },
    ...{
      rows: { all: 'M', shared: undefined, own: 'U' },
      endRows: 1,
      visibility: 'all',
      maxPositions: config.maxPositions,
    },
  });
  const words = embedRows(graph, prompt, feed, 'M');
  let x = embed(words, graph);
  for (let layer = 0; layer < encoder!.layers(config); layer++) x = encoder!.layer(x, layer, graph);
  return { words, states: encoder!.finish(x, graph) };
}

/** The encoder over a batch's texts: its embeddings [M, e], and what the decoder's packed rows look into. */
export function sourceGraph(options: SourceOptions): { readonly words: Tensor; readonly source: Source } {
  const { config, feed: outer, endRows: R } = options;
  const feed: NetworkGraphOptions['feed'] = (name, shape, type) => outer(inSource(name), shape, type);
  const { words, states } = encoderGraph(options);
  const { heads: H, headSize: s, hiddenSize: d } = config;
  const mask = feed('maskOwn', ['B', 1, 'U']);
  let stateBlocks: Tensor | undefined;
  const padded = () => {
    if (stateBlocks !== undefined) return stateBlocks;
    const indices = [feed('rowOwn', [multiplySizes('B', 'U')], 'int64')];
    const inverses = [feed('rowInverse', ['M'], 'int64')];
    const [blocks] = op.regroup([states], indices, inverses, { padded: false, inversePadded: false });
    stateBlocks = op.reshape(blocks!, ['B', 'U', d]);
    return stateBlocks;
  };
  const ofTexts = (y: Tensor) => {
    const indices = [feed('valueOwn', [multiplySizes(H, 'B', 'U')], 'int64')];
    const inverses = [feed('valueInverse', [multiplySizes('M', H)], 'int64')];
    const parts = [op.reshape(y, [multiplySizes('M', H), s])];
    return op.reshape(op.regroup(parts, indices, inverses, { padded: false, inversePadded: false })[0]!, [
      H,
      'B',
      'U',
      s,
    ]);
  };
  /** Queries [H, B, rows, s] → [H, B, rows, s] */
  const lookInto = (projection: SourceProjection, scale: number) => {
    if (options.few) {
      const rest = { ...{ heads: H, headSize: s, width: d, scale }, weights: projection.weights() };
      return (queries: Tensor, queryRows: Size) =>
        foldedAttention({ ...rest, queries, queryRows, states: padded(), mask: op.reshape(mask, ['B', 1, 'U']) });
    }
    const [keys, values] = projection.of(states);
    return (queries: Tensor) => {
      const scores = op.add(op.matmul(queries, ofTexts(keys), { transposeB: true, scale }), mask);
      return op.matmul(op.softmax(scores), ofTexts(values));
    };
  };
  return {
    words,
    source: {
      attend: (_, rows, queries, projection, scale) => {
        const looked = lookInto(projection, scale);
        if (rows === 'ends') {
          const byHead = op.transpose(op.reshape(queries, ['B', R, H, s]), [2, 0, 1, 3]);
          const attended = op.transpose(looked(byHead, R), [1, 2, 0, 3]);
          return op.reshape(attended, [multiplySizes('B', R), H * s]);
        }
        // keys and values have as many heads as queries, so that the places of values are those of queries
        const own = multiplySizes(H, 'B', 'T');
        const all = multiplySizes('N', H);
        const [spread] = op.regroup(
          [op.reshape(queries, [all, s])],
          [outer('valueOwn', [own], 'int64')],
          [outer('valueInverse', [all], 'int64')],
          { padded: false, inversePadded: false },
        );
        const attended = looked(op.reshape(spread!, [H, 'B', 'T', s]), 'T');
        const [packed] = op.regroup(
          [op.reshape(attended, [own, s])],
          [outer('attended', [all], 'int64')],
          [outer('attendedOwnInverse', [own], 'int64')],
          { padded: false, inversePadded: true },
        );
        return op.reshape(packed!, ['N', H * s]);
      },
    },
  };
}

/** Keys and values in front of a decoder's rows are none of its encoder's. */
function withoutLeading(learned: LearnedParts | undefined): LearnedParts | undefined {
  if (learned === undefined) return undefined;
  const { leading: _, leadingRows: __, ...rest } = learned;
  return rest;
}

interface SourceFeeds {
  readonly feeds: Record<string, Feed>;
  readonly sizes: { readonly M: number; readonly U: number };
}

/** The inputs of the encoder, and of the relative positions on both sides. @param decoder the layout of the decoder's rows */
export function sourceFeeds(
  batch: readonly PromptSequence[],
  decoder: RowLayout,
  attention: AttentionFeeds,
  config: ModelConfig,
  learnedRows: number,
): SourceFeeds {
  const texts = batch.map(({ context }) => context);
  const { feeds, sizes } = encoderFeeds(texts, config, learnedRows);
  const buckets = { ...relativeOptions(config), bothSides: false };
  return { feeds: { ...feeds, ...relativeFeeds(decoder, attention.sizes, attention.endRows, buckets) }, sizes };
}

/** The inputs of the encoder alone. */
export function encoderFeeds(texts: readonly Int32Array[], config: ModelConfig, learnedRows: number): SourceFeeds {
  const layout = textRows(texts);
  const { feeds, sizes } = attentionFeeds(layout, config, { visibility: 'all' });
  const own = {
    ...{ ...feeds, ...embeddedRowFeeds(layout, learnedRows), ...blockFeeds(layout, sizes) },
    ...relativeFeeds(layout, sizes, [], { ...relativeOptions(config), bothSides: true }),
  };
  return {
    feeds: Object.fromEntries(Object.entries(own).map(([name, value]) => [inSource(name), value])),
    sizes: { M: sizes.N, U: sizes.T },
  };
}

/** Rows in blocks [B·U], an example's first where it has no more, and back [M]. */
function blockFeeds({ examples }: RowLayout, { N, B, T }: BatchSizes): Record<'rowOwn' | 'rowInverse', Feed> {
  const own = new BigInt64Array(B * T);
  const inverse = new BigInt64Array(N);
  examples.forEach(({ start, predecessors: { length } }, b) => {
    for (let t = 0; t < T; t++) own[b * T + t] = BigInt(t < length ? start + t : start);
    for (let t = 0; t < length; t++) inverse[start + t] = BigInt(b * T + t);
  });
  return { rowOwn: own, rowInverse: inverse };
}

/** How an encoder-decoder's distances share biases. */
export function relativeOptions(config: ModelConfig): Omit<BucketOptions, 'bothSides'> {
  const { relative } = familyOf(config).encoder!;
  return { buckets: relative.buckets(config), longest: relative.longest(config) };
}

/** Texts as rows, of which none is asked for a token. */
function textRows(texts: readonly Int32Array[]): RowLayout {
  let start = 0;
  const examples = texts.map((ids) => {
    const example = { start, predecessors: Array.from(ids, (_, t) => t - 1) };
    start += ids.length;
    return example;
  });
  const ids = texts.flatMap((text) => [...text]);
  return {
    ...{ sharedRows: 0, examples, scored: [] },
    ids: Int32Array.from(ids, (id) => Math.max(id, 0)),
    learned: Int32Array.from(ids, (id) => (id < 0 ? -1 - id : -1)),
    positions: Int32Array.from(texts.flatMap((text) => Array.from(text, (_, t) => t))),
  };
}
