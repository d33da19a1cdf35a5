import * as op from '../../autodiff/build.js';
import type { Tensor } from '../../autodiff/tensor.js';
import type { Checkpoint } from '../../network/checkpoint/checkpoint.js';
import { promptedEnds, promptedFeeds, promptedRows } from '../../network/prompted-layers.js';
import { constantStart, fanInStart, normalStart, type WeightSpecs } from '../../training/network-weights.js';
import type { EncoderGraph, EncoderShape, FrozenEncoderShape, SequenceEncoder } from './encoder.js';

const EPSILON = 1e-5;
const ROWS_AT_ONCE = 800;
/** The learned numbers of the task prompt are of the size of those of `up`, so that one learning rate suits both. */
const PROMPT = 'task.weight';

export function frozenEncoderWeights(
  { width: d }: EncoderShape,
  { promptTokens, modelWidth: D }: FrozenEncoderShape,
): WeightSpecs {
  const deviation = 1 / Math.sqrt(d);
  return {
    ...(promptTokens > 0 ? { [PROMPT]: normalStart(deviation, [promptTokens, D]) } : {}),
    'up.weight': normalStart(deviation, [D, d]),
    'norm.weight': constantStart(1, [D]),
    'norm.bias': constantStart(0, [D]),
    'down.weight': fanInStart(d, D),
  };
}

/** The weights that start as a prompt [P, D] of the language model's embeddings. */
export function startAtPrompt(
  prompt: Float32Array,
  { width }: EncoderShape,
  frozen: FrozenEncoderShape,
): Record<string, Float32Array> {
  const unit = promptUnit(width, frozen);
  return frozen.promptTokens > 0 ? { [PROMPT]: prompt.map((x) => x / unit) } : {};
}

const promptUnit = (width: number, { embeddingSize }: FrozenEncoderShape) => embeddingSize * Math.sqrt(width);

/**
 * Item vectors [N, d] → rows [N, D] of the size of embeddings → the frozen model's first layers behind a learned task prompt,
 * with its rotary positions and causal attention → layer norm → [N, d]. Only the prompt, the two projections and the norm
 * are learned.
 */
export function frozenEncoder(
  shape: EncoderShape,
  frozen: FrozenEncoderShape,
  languageModel: Checkpoint,
): SequenceEncoder {
  const { width, layers, maxLength } = shape;
  const { promptTokens: P, embeddingSize, itemSize } = frozen;
  const maxPositions = P + maxLength + 1; // a user's row may stand in front of his history
  const encode = (items: Tensor, { weight, feed, drop }: EncoderGraph, layersOver: typeof promptedRows) => {
    const prompt = P > 0 ? op.scale(weight(PROMPT), promptUnit(width, frozen)) : undefined;
    const rows = op.scale(op.linear(drop(items, 'item dropout'), weight('up.weight')), embeddingSize / itemSize);
    const states = layersOver(prompt, rows, languageModel, { layers, maxPositions, feed });
    const normed = op.layerNorm(states, weight('norm.weight'), weight('norm.bias'), EPSILON);
    return op.linear(drop(normed, 'state dropout'), weight('down.weight'));
  };
  return {
    rows: (items, graph) => encode(items, graph, promptedRows),
    lastRows: (items, graph) => encode(items, graph, promptedEnds),
    feeds: (lengths) => promptedFeeds(lengths, P, languageModel.config),
    rowsAtOnce: ROWS_AT_ONCE,
    packWeights: true,
  };
}
