import * as op from '../../autodiff/build.js';
import { multiplySizes, type Size } from '../../autodiff/size.js';
import type { Tensor } from '../../autodiff/tensor.js';
import type { Checkpoint } from '../checkpoint/checkpoint.js';
import { weightSource } from '../checkpoint/weight-source.js';
import { embedRows } from '../embedded-rows.js';
import { familyOf } from '../families/registry.js';
import { embedWords, rowStates, visibilityOf, wordHead, wordLogits } from '../frozen-network.js';
import { type LearnedParts, networkGraph } from '../network-graph.js';
import type { LearnedEntry, Trainable } from '../trainable.js';
import { knownSource, sourceComputation } from './source-attention.js';
import { stepAttention } from './step-attention.js';

/** What a program of decoding computes. */
export type DecodingPurpose =
  /** The keys and values of a prompt's own rows, behind those that it gives. */
  | 'front'
  /** Keys, values and logits of rows behind a past. */
  | 'rows'
  /** The same where each stream adds one row, which is no learned token. */
  | 'step'
  /** Of an encoder-decoder: keys and values of a text, which the decoder's layers look into. */
  | 'source';

/** The names under which a layer's past is fed. */
export const pastName = (part: number) => `past ${part}`;

/**
 * Rows of B streams behind what they have: `keyValues` [rows, width] of the new rows and, but for a front, `logits` [E, V]
 * of the rows that `wanted` names.
 * @param maxPositions what tables of positions cover
 */
export function decodingComputation(
  checkpoint: Checkpoint,
  trainable: Trainable,
  purpose: DecodingPurpose,
  maxPositions: number,
): Record<string, Tensor> {
  const { config } = checkpoint;
  const { layers, keyValueHeads: KV, headSize: s } = config;
  const weights = weightSource(checkpoint);
  const feed = op.inputsByName();
  const entry = enter(trainable, checkpoint, feed);
  if (purpose === 'source') return sourceComputation(checkpoint, entry, feed);
  const rows: Size = purpose === 'step' ? 1 : 'R';
  const all = multiplySizes('B', rows);
  const past: Size = purpose === 'front' ? trainable.leadingRows : 'P';
  // one row's queries are multiplied with them one by one, along an axis of their own
  const fed = (part: number) => feed(pastName(part), rows === 1 ? ['B', KV, 1, 'P', s] : ['B', KV, 'P', s]);
  const leading = (layer: number) => {
    if (purpose !== 'front') return { keys: fed(2 * layer), values: fed(2 * layer + 1) };
    const { keys, values } = entry.leading!(layer);
    const batched = (x: Tensor) => op.reshape(x, [1, KV, past, s]);
    return { keys: batched(keys), values: batched(values) };
  };
  const parts: Tensor[] = [];
  const learned: LearnedParts = {
    ...(past !== 0 && { leading }),
    ...(entry.linear && { linear: entry.linear }),
    ...(entry.weight && { weight: entry.weight }),
  };
  const graph = networkGraph({
    ...{ config, weights, feed, maxPositions, learned },
    rows: { all, shared: undefined },
    endRows: 1,
    source: familyOf(config).encoder && knownSource(config, feed, rows),
    visibility: visibilityOf(config, 'line'),
    attention: stepAttention({ shape: config, feed, rows, past }),
    observe: (_, keys, values) => parts.push(keys, values),
  });
  const ids = feed('ids', [all], 'int64');
  const words = purpose === 'step' ? embedWords(graph, ids) : embedRows(graph, entry.rows, feed, all);
  const states = rowStates(words, graph, layers, (x) =>
    purpose === 'rows' ? op.gather(x, feed('wanted', ['E'], 'int64')) : x,
  );
  const keyValues = op.concat(parts, 1);
  if (purpose === 'front') return { keyValues };
  return { keyValues, logits: wordLogits(wordHead(states, graph)) };
}

/** What a trainable gives in front of all rows, as rows [P, width]. */
export function leadingComputation(checkpoint: Checkpoint, trainable: Trainable): Record<string, Tensor> {
  const { layers, keyValueHeads: KV, headSize: s } = checkpoint.config;
  const entry = enter(trainable, checkpoint, op.inputsByName());
  const byRow = (x: Tensor) => op.reshape(op.transpose(x, [1, 0, 2]), [trainable.leadingRows, KV * s]);
  const parts = Array.from({ length: layers }, (_, layer) => entry.leading!(layer)).flatMap(({ keys, values }) => [
    byRow(keys),
    byRow(values),
  ]);
  return { leading: op.concat(parts, 1) };
}

/** Whether what is learned changes what layers compute or what answers in the words' place, and not only what stands before a text. */
export function changesLayers(trainable: Trainable, checkpoint: Checkpoint): boolean {
  const { linear, weight, classify } = enter(trainable, checkpoint, op.inputsByName());
  return [linear, weight, classify].some((part) => part !== undefined);
}

function enter(trainable: Trainable, { config }: Checkpoint, feed: ReturnType<typeof op.inputsByName>): LearnedEntry {
  const arrays = Object.entries(trainable.arrays).map(([name, shape]) => [name, feed(name, shape)] as const);
  return trainable.enter(Object.fromEntries(arrays), config, []);
}

/** Whether a model can generate: it is causal, or has a decoder. */
export function generates({ config }: Pick<Checkpoint, 'config'>): boolean {
  return familyOf(config).sees !== 'all';
}
