/** Learned tokens: embeddings, or keys and values of every layer. */
export interface EmbeddingMatrix {
  /** [tokens, width], row-major. */
  readonly values: Float32Array;
  /** P: learned tokens. */
  readonly tokens: number;
  /** Numbers of a token, as its method has them: d for a soft prompt. */
  readonly width: number;
}
