import * as op from '../../autodiff/build.js';
import { multiplySizes } from '../../autodiff/size.js';
import type { Tensor } from '../../autodiff/tensor.js';
import type { Checkpoint } from '../checkpoint/checkpoint.js';
import { embeddingWidth } from '../checkpoint/config.js';
import { weightSource } from '../checkpoint/weight-source.js';
import { embedRows } from '../embedded-rows.js';
import { endStates, rowStates, visibilityOf, wordHead, wordLogits } from '../frozen-network.js';
import { type NetworkGraphOptions, networkGraph } from '../network-graph.js';
import { mixedAttention } from './mixed-attention.js';

/** What is computed for examples of several prompts; each form is a program of its own. */
export interface MixedForm {
  readonly purpose: /** The keys and values of all rows [N, width]: prompts' fronts. */
    | 'fronts'
    /** Logits [B, C] of C words, the same for all examples, each after its example's only end row. */
    | 'words'
    /** Log-probabilities over the vocabulary of K tokens, each after one of the end rows [B·R]. */
    | 'tokens';
  /** Whether examples have keys and values in front. */
  readonly fronts: boolean;
  /** Whether there are learned tokens among the rows: numbers [Q, e]. */
  readonly learned: boolean;
}

/** The names under which a layer's fronts [F, KV·P·s] are fed. */
export const frontName = (part: number) => `front ${part}`;

/** @param maxPositions what tables of positions cover, fronts included */
export function mixedComputation(
  checkpoint: Checkpoint,
  { purpose, fronts, learned }: MixedForm,
  maxPositions: number,
): Record<string, Tensor> {
  const { config } = checkpoint;
  const { keyValueHeads: KV, headSize: s } = config;
  const feed = op.inputsByName();
  const endRows = purpose === 'tokens' ? 'R' : 1;
  const visibility = visibilityOf(config, 'tree') as 'tree' | 'all';
  const front = (part: number) => {
    const table = feed(frontName(part), ['F', multiplySizes(KV * s, 'P')]);
    return op.reshape(op.gather(table, feed('frontOf', ['B'], 'int64')), ['B', KV, 'P', s]);
  };
  const parts: Tensor[] = [];
  const graph = networkGraph({
    ...{ config, feed, visibility, endRows, maxPositions },
    weights: weightSource(checkpoint),
    rows: { all: 'N', shared: undefined },
    attention: mixedAttention({ shape: config, visibility, feed, endRows, fronts }),
    ...(fronts && {
      learned: { leading: (layer: number) => ({ keys: front(2 * layer), values: front(2 * layer + 1) }) },
    }),
    ...(purpose === 'fronts' && {
      observe: (_: number, keys: Tensor, values: Tensor) => parts.push(keys, values),
    }),
  } satisfies NetworkGraphOptions);
  const table = learned ? feed('learned', ['Q', embeddingWidth(config)]) : undefined;
  const words = embedRows(graph, table, feed);
  if (purpose === 'fronts') {
    rowStates(words, graph);
    return { keyValues: op.concat(parts, 1) };
  }
  const head = wordHead(endStates(words, graph), graph);
  if (purpose === 'words') return { scores: wordLogits(head, feed('labelIds', ['C'], 'int64')) };
  const logits = wordLogits(head); // [B·R, V]
  const places = [feed('scoredPlaces', ['K'], 'int64'), feed('scoredRows', ['K'], 'int64')] as const;
  return { scores: op.logSoftmaxAt(logits, ...places) };
}
