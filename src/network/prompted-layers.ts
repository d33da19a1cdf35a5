import * as op from '../autodiff/build.js';
import { addSizes } from '../autodiff/size.js';
import type { Tensor } from '../autodiff/tensor.js';
import type { Feed } from '../runtime/program.js';
import { attentionFeeds } from './attention-indices.js';
import type { Checkpoint } from './checkpoint/checkpoint.js';
import { attentionWindows, type ModelConfig } from './checkpoint/config.js';
import { weightSource } from './checkpoint/weight-source.js';
import { endStates, modelGraph, requireOneStack, rowStates } from './frozen-network.js';
import type { NetworkGraph, NetworkGraphOptions } from './network-graph.js';
import type { RowLayout } from './row-layout.js';

export interface PromptedLayersOptions {
  /** The first layers of the model; the others are left out. */
  readonly layers: number;
  /** Rows of the prompt and of the longest sequence together. */
  readonly maxPositions: number;
  readonly feed: NetworkGraphOptions['feed'];
}

/**
 * The first layers of a frozen model over B sequences of rows that are no tokens' embeddings, packed without padding, each
 * behind the same prompt. The prompt's rows are computed once: no row of a sequence can change them. Rows [N, d] and the
 * prompt [P, d], P above 0 or undefined for none → hidden states [N, d] after the final norm. `promptedFeeds` are the inputs.
 */
export function promptedRows(
  prompt: Tensor | undefined,
  rows: Tensor,
  checkpoint: Checkpoint,
  options: PromptedLayersOptions,
): Tensor {
  const states = rowStates(behind(prompt, rows), graphOf(prompt, checkpoint, options), options.layers);
  if (prompt === undefined) return states;
  return op.split(states, 0, [prompt.shape[0]!, rows.shape[0]!])[1]!;
}

/** The same for each sequence's last row alone, which is quicker: [B, d]. */
export function promptedEnds(
  prompt: Tensor | undefined,
  rows: Tensor,
  checkpoint: Checkpoint,
  options: PromptedLayersOptions,
): Tensor {
  return endStates(behind(prompt, rows), graphOf(prompt, checkpoint, options), options.layers);
}

const behind = (prompt: Tensor | undefined, rows: Tensor) => (prompt ? op.concat([prompt, rows], 0) : rows);

function graphOf(
  prompt: Tensor | undefined,
  checkpoint: Checkpoint,
  { maxPositions, feed }: PromptedLayersOptions,
): NetworkGraph {
  requireOneStack(checkpoint, 'to encode histories');
  const shared = prompt?.shape[0];
  return modelGraph({
    config: checkpoint.config,
    weights: weightSource(checkpoint),
    feed,
    rows: { all: addSizes(shared ?? 0, 'N'), shared },
    causal: 'line',
    endRows: 1,
    maxPositions,
  });
}

/** What attention needs to know of a batch. @param lengths rows of each sequence, none 0 @param promptRows P */
export function promptedFeeds(
  lengths: readonly number[],
  promptRows: number,
  config: ModelConfig,
): Readonly<Record<string, Feed>> {
  const layout = packedLines(lengths, promptRows);
  return attentionFeeds(layout, config, { visibility: 'line', windows: attentionWindows(config) }).feeds;
}

/** The rows of packed sequences, each a line behind the same leading rows, of which the last one ends it. */
export function packedLines(lengths: readonly number[], leading = 0): RowLayout {
  const rows = lengths.reduce((sum, length) => sum + length, leading);
  const positions = new Int32Array(rows).map((_, row) => row); // of the leading rows
  let start = leading;
  const examples = lengths.map((length) => {
    const example = { start, predecessors: Array.from({ length }, (_, t) => t - 1) };
    for (let t = 0; t < length; t++) positions[start + t] = leading + t;
    start += length;
    return example;
  });
  const none = new Int32Array(rows);
  return {
    ...{ sharedRows: leading, ids: none, learned: none, positions, examples },
    scored: lengths.map((length, example) => ({
      ...{ sequence: example, example, candidate: 0 },
      ...{ row: length - 1, token: 0, weight: 1 },
    })),
  };
}
