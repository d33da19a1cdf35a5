import type { HubOrigin } from './hub-cache.js';

/** The frozen model a prompt was learned for. */
export interface BaseModel {
  /** How the user named it: hub id, folder or file. */
  readonly source: string;
  /** The commit that it was, where it came from a hub. */
  readonly hub?: HubOrigin | undefined;
  /** Its GGUF file, by its path in the repository or in the folder. */
  readonly gguf?: string | undefined;
  /** sha256 of its weights, as in `Checkpoint`. */
  readonly hash: string;
  /** d */
  readonly hiddenSize: number;
  /** Width of the words' embeddings, where it is not d. */
  readonly embeddingSize?: number | undefined;
  readonly layers: number;
  /** H */
  readonly heads: number;
  /** V */
  readonly vocabularySize: number;
  /** Whether its rows see the whole text. Undefined: no, or it was written before that was said. */
  readonly masked?: boolean | undefined;
  /** Whether it is an encoder-decoder (T5). */
  readonly encoderDecoder?: boolean | undefined;
  /** Whether its linear layers lie as [in, out]. Undefined as above. */
  readonly transposed?: boolean | undefined;
}
