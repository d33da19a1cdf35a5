import * as op from '../autodiff/build.js';
import type { Feed } from '../autodiff/program.js';
import { addSizes } from '../autodiff/size.js';
import type { Tensor } from '../autodiff/tensor.js';
import { attentionFeeds } from './attention-indices.js';
import type { Checkpoint } from './checkpoint.js';
import type { ModelConfig } from './config.js';
import { type LlamaGraphOptions, llamaHiddenStates, llamaRowStates } from './llama.js';
import { rotaryConstants } from './rope.js';
import { weightSource } from './weight-source.js';

export interface PromptedLayersOptions {
  /** The first layers of the model; the others are left out. */
  readonly layers: number;
  /** Rows of the prompt and of the longest sequence together. */
  readonly maxPositions: number;
  readonly feed: LlamaGraphOptions['feed'];
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
  const graph = graphOptions(prompt, checkpoint, options);
  const states = llamaRowStates(behind(prompt, rows), options.layers, graph);
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
  const graph = graphOptions(prompt, checkpoint, options);
  const config = { ...graph.config, layers: options.layers };
  return llamaHiddenStates(behind(prompt, rows), { ...graph, config });
}

const behind = (prompt: Tensor | undefined, rows: Tensor) => (prompt ? op.concat([prompt, rows], 0) : rows);

function graphOptions(
  prompt: Tensor | undefined,
  checkpoint: Checkpoint,
  { maxPositions, feed }: PromptedLayersOptions,
): LlamaGraphOptions {
  const { config } = checkpoint;
  const shared = prompt?.shape[0] ?? 0;
  return {
    config,
    weights: weightSource(checkpoint),
    feed,
    shared: prompt !== undefined,
    rows: { all: addSizes(shared, 'N'), shared },
    lines: true,
    endRows: 1,
    rotary: rotaryConstants(config, maxPositions),
  };
}

/** What attention needs to know of a batch. @param lengths rows of each sequence, none 0 @param promptRows P */
export function promptedFeeds(
  lengths: readonly number[],
  promptRows: number,
  config: ModelConfig,
): Readonly<Record<string, Feed>> {
  const rows = lengths.reduce((sum, length) => sum + length, promptRows);
  const positions = new Int32Array(rows).map((_, row) => row); // of the prompt
  let start = promptRows;
  const examples = lengths.map((length) => {
    const example = { start, predecessors: Array.from({ length }, (_, t) => t - 1) };
    for (let t = 0; t < length; t++) positions[start + t] = promptRows + t;
    start += length;
    return example;
  });
  const none = new Int32Array(rows);
  const { feeds } = attentionFeeds(
    {
      sharedRows: promptRows,
      ids: none,
      learned: none,
      positions,
      examples,
      scored: lengths.map((length, example) => ({ example, candidate: 0, row: length - 1, token: 0 })),
    },
    config,
    { lines: true },
  );
  return feeds;
}
