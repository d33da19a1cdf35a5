/** The shape of a frozen decoder of the Llama family, read from `config.json` or from GGUF metadata. */
export interface ModelConfig {
  readonly family: 'llama' | 'mistral' | 'qwen2';
  /** d: width of the residual stream. */
  readonly hiddenSize: number;
  /** Width inside the gated feed-forward block. */
  readonly intermediateSize: number;
  readonly layers: number;
  /** H: query heads. */
  readonly heads: number;
  /** Key and value heads; H is a multiple of it (grouped-query attention). */
  readonly keyValueHeads: number;
  readonly headSize: number;
  /** V: rows of the embedding table. */
  readonly vocabularySize: number;
  readonly maxPositions: number;
  readonly normEpsilon: number;
  readonly rope: RopeConfig;
  /** Sliding attention window in tokens (Mistral 0.1), or undefined for full attention. */
  readonly slidingWindow: number | undefined;
  /** The output matrix is the embedding table. */
  readonly tiedEmbeddings: boolean;
  /** Biases on q, k and v (Qwen2). */
  readonly attentionBias: boolean;
}

/** Rotary position embedding (Su et al. 2021), with Llama 3's and linear frequency scaling. */
export interface RopeConfig {
  readonly theta: number;
  readonly scaling:
    | { readonly type: 'none' }
    | { readonly type: 'linear'; readonly factor: number }
    | {
        readonly type: 'llama3';
        readonly factor: number;
        readonly lowFrequencyFactor: number;
        readonly highFrequencyFactor: number;
        readonly originalMaxPositions: number;
      };
}
