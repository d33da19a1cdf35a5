import type { HubOrigin } from '../../hub/hub-cache.js';
import type { ModelConfig } from './config.js';

/**
 * A tensor as ONNX external data can point at it: little-endian float32, row-major, at an offset of a file.
 * Names are Hugging Face's (`model.layers.0.self_attn.q_proj.weight` …); linear weights are [out, in].
 */
export interface WeightLocation {
  readonly name: string;
  readonly shape: readonly number[];
  readonly file: string;
  /** In bytes from the file's start. */
  readonly offset: number;
  readonly byteLength: number;
}

/** One vector of a text: the mean of its rows' states, or the state of its first or last row. */
export const POOLINGS = ['mean', 'first', 'last'] as const;
export type Pooling = (typeof POOLINGS)[number];

/** A frozen model, ready to be mapped: its shape and where each weight lies. */
export interface Checkpoint {
  readonly config: ModelConfig;
  readonly weights: ReadonlyMap<string, WeightLocation>;
  /** Where `tokenizer.json` lies, or the GGUF file whose metadata holds the vocabulary. */
  readonly tokenizer: { readonly kind: 'tokenizer.json' | 'gguf'; readonly path: string };
  /** How the user named the model (folder, file or hub id). */
  readonly source: string;
  /** Where on a hub it comes from, if it was found in the hub's cache. */
  readonly origin?: HubOrigin | undefined;
  /** The GGUF file, if the weights are one. */
  readonly gguf?: string | undefined;
  /** How the model's own settings make one vector of a text (sentence-transformers); default: the mean of its rows. */
  readonly pooling?: Pooling | undefined;
  /** sha256 (hex) over the weight files' content as shipped: identifies the frozen model in artifacts. */
  readonly hash: string;
}
