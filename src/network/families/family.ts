import type { z } from 'zod';
import type { Tensor } from '../../autodiff/tensor.js';
import type { GgufFile } from '../../weights/gguf.js';
import type { ModelConfig } from '../checkpoint/config.js';
import type { Settings } from '../checkpoint/settings.js';
import type { NetworkGraph } from '../network-graph.js';

/** A weight that the network reads. */
export interface ExpectedWeight {
  readonly name: string;
  readonly shape: readonly number[];
}

/** What a linear layer of a transformer's layer does. */
export type LinearRole =
  | 'query'
  | 'key'
  | 'value'
  | 'queries, keys and values'
  | 'attention output'
  | 'feed-forward gate'
  | 'feed-forward input'
  | 'feed-forward output';

/**
 * One family of language models: all that softprompt knows of its settings, its tensors and its layers. Sizes: N rows, B
 * examples, R end rows an example, d width, V words.
 */
export interface Family<C extends ModelConfig = ModelConfig> {
  /** `model_type` of config.json. */
  readonly name: string;
  /**
   * `before`: a causal model, whose rows see what stands before them; `all`: a masked one, whose rows see the whole text; `source`:
   * an encoder-decoder, whose decoder's rows see what stands before them and the encoder's, which see the whole text.
   */
  readonly sees: 'before' | 'all' | 'source';
  /** The encoder of an encoder-decoder; the other functions are its decoder's. */
  readonly encoder?: EncoderPart<C>;
  /** The name of the embedding table [V, d]. */
  readonly wordTable: string;
  /** What words' embeddings are multiplied with where they enter; learned tokens enter as they are. Default 1. */
  wordScale?(config: C): number;
  /** What the names of a layer's tensors begin with: `model.layers.3`. */
  layerName(layer: number): string;
  /** The linear layers of a layer, named as within it: `self_attn.q_proj`. */
  readonly linears: Readonly<Partial<Record<LinearRole, string>>>;
  /** Whether the weights of linear layers lie as [in, out], and not as [out, in]. */
  readonly transposed?: boolean;
  /** What checkpoints put before the names of the model's tensors, or leave out when the model was saved without its head. */
  readonly prefix: string;
  /** Tensors that checkpoints hold and the network does not need, beside those that change nothing anyway. */
  readonly ignored?: RegExp;
  /** The schema of what its settings have beyond those of all families, where that is kept as JSON. */
  readonly record?: z.ZodType;
  /** Reads config.json. Errors: MODEL_CONFIG_INVALID, MODEL_UNSUPPORTED. */
  readConfig(settings: Settings): C;
  /** Whether the head that predicts words is there; default: it always is. */
  predictsWords?(config: C): boolean;
  /** Adapts the settings to the tensors that a checkpoint has, such as whether a head is there. */
  fitToTensors?(config: C, names: ReadonlySet<string>): C;
  /** How llama.cpp writes such models; undefined where it does not, or softprompt does not read it. */
  readonly gguf?: GgufFamily<C>;
  /** How such a model is pretrained from nothing and written; undefined where softprompt does not. */
  readonly pretraining?: PretrainedFamily<C>;
  /**
   * The names and shapes of its tensors, in the order in which converted files hold them, in groups that one matrix can
   * stand for when they lie without a gap.
   */
  weightGroups(config: C): readonly (readonly ExpectedWeight[])[];
  /** Words' and learned tokens' embeddings [N, e] → what the first layer takes [N, d]. */
  embed(words: Tensor, graph: NetworkGraph<C>): Tensor;
  /** One layer: [N, d] → [N, d], or [B·R, d] of the end rows alone. */
  layer(x: Tensor, layer: number, rows: 'all' | 'ends', graph: NetworkGraph<C>): Tensor;
  /** What follows the last layer: [rows, d] → [rows, d]. */
  finish(x: Tensor, graph: NetworkGraph<C>): Tensor;
  /** What predicts words from hidden states [rows, d]. */
  head(states: Tensor, graph: NetworkGraph<C>): WordHead;
}

/** What stands in front of an encoder-decoder's decoder. */
export interface EncoderPart<C extends ModelConfig = ModelConfig> {
  layers(config: C): number;
  /** One layer: [M, d] → [M, d]. */
  layer(x: Tensor, layer: number, graph: NetworkGraph<C>): Tensor;
  finish(x: Tensor, graph: NetworkGraph<C>): Tensor;
  /** What the decoder's text begins with. */
  decoderStart(config: C): number;
  /** How distances between rows share the rows of a table [buckets, H] of biases. */
  readonly relative: RelativePositions<C>;
}

export interface RelativePositions<C extends ModelConfig = ModelConfig> {
  buckets(config: C): number;
  /** Distances from here on share a bucket. */
  longest(config: C): number;
}

/** Logits of all words are states · wordsᵀ + bias, kept below a cap where there is one. */
export interface WordHead {
  /** [rows, d] */
  readonly states: Tensor;
  /** [V, d] */
  readonly words: Tensor;
  /** [V] */
  readonly bias?: Tensor | undefined;
  /** logit → cap·tanh(logit/cap) (Gemma 2) */
  readonly cap?: number | undefined;
}

/** What pretraining needs to know of a family. */
export interface PretrainedFamily<C extends ModelConfig = ModelConfig> {
  /** Matrices that write into the residual stream: they start smaller (Radford et al. 2019, section 2.3). */
  readonly intoResidual: RegExp;
  /** Whether a model that was read is of the plain kind that `configJson` can write. */
  isPlain(config: C): boolean;
  /** What config.json says, ids of marks left out. */
  configJson(config: C): Readonly<Record<string, unknown>>;
}

/**
 * How the rows of a tensor were arranged: those of each head for interleaved rotary embedding; turned, [out, in] for [in,
 * out]; or a head's query, key and value apart: first all heads' queries, then keys, then values.
 */
export type Arrangement = 'interleaved heads' | 'transposed' | 'parts apart';

/** A family in GGUF files. */
export interface GgufFamily<C extends ModelConfig = ModelConfig> {
  /** `general.architecture`. */
  readonly architecture: string;
  /** llama.cpp's names of tensors, without `blk.N.` and `.weight`, → ours, without `layers.N.`. */
  readonly names: Readonly<Record<string, string>>;
  /** How a tensor, by our name, lies otherwise than Hugging Face's (convert_hf_to_gguf.py). */
  arrangement?(name: string): Arrangement | undefined;
  readConfig(settings: Settings, file: GgufFile): Promise<C>;
}
