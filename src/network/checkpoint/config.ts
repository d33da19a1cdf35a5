/** The shape of a frozen model, read from `config.json` or from GGUF metadata: what all families have. Plain JSON. */
export interface ModelConfig {
  /** The family's name, as `model_type` of config.json writes it. */
  readonly family: string;
  /** d: width of the residual stream. */
  readonly hiddenSize: number;
  /** e: width of the words' embeddings, where it is not d. A learned token is as wide. */
  readonly embeddingSize?: number | undefined;
  /** Width inside the feed-forward block. */
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
  /** Sliding attention window in tokens, or undefined for full attention. */
  readonly slidingWindow: number | undefined;
  /** The window of each layer, where they differ. */
  readonly layerWindows?: readonly (number | undefined)[] | undefined;
  /** The output matrix is the embedding table. */
  readonly tiedEmbeddings: boolean;
}

/** e: the width of a word's embedding, and so of a learned token. */
export function embeddingWidth({
  hiddenSize,
  embeddingSize = hiddenSize,
}: Pick<ModelConfig, 'hiddenSize' | 'embeddingSize'>): number {
  return embeddingSize;
}

/** The attention window of a layer. */
export function layerWindow({ slidingWindow, layerWindows }: ModelConfig, layer: number): number | undefined {
  return layerWindows === undefined ? slidingWindow : layerWindows[layer];
}

/** All windows that a model's layers have, each once. */
export function attentionWindows(config: ModelConfig): readonly (number | undefined)[] {
  return [...new Set(Array.from({ length: config.layers }, (_, layer) => layerWindow(config, layer)))];
}
