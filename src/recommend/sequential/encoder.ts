import type { ElementType } from '../../autodiff/operation-attributes.js';
import type { Shape } from '../../autodiff/size.js';
import type { Tensor } from '../../autodiff/tensor.js';
import type { Feed } from '../../runtime/program.js';

export interface EncoderShape {
  /** d, a multiple of the heads. */
  readonly width: number;
  /** Of what is learned, or the first of the frozen model. */
  readonly layers: number;
  /** Of the learned encoder. */
  readonly heads: number;
  /** Items of a history that are looked at, the last ones. */
  readonly maxLength: number;
  /** A frozen language model's layers encode; undefined: learned ones. */
  readonly frozen?: FrozenEncoderShape | undefined;
  /** Gated recurrent units in the place of attention. */
  readonly recurrent?: boolean | undefined;
  /**
   * Rows see each other both ways, and what is asked for is a mask among them: one behind a history asks for what comes next
   * (BERT4Rec, Sun et al. 2019).
   */
  readonly masked?: boolean | undefined;
}

export interface EncoderGraph {
  /** A weight by name, one of `encoderWeights`. */
  readonly weight: (name: string) => Tensor;
  /** An input by name; see `packSequences` for what they hold. */
  readonly feed: (name: string, shape: Shape, type?: ElementType) => Tensor;
  /** x with dropout, or x itself; the name says where. */
  readonly drop: (x: Tensor, name: string) => Tensor;
}

/** A causal network over packed sequences: no row knows of what comes after it. */
export interface SequenceEncoder {
  /** Item vectors [N, d] → what each row knows of its sequence so far, [N, d]. */
  rows(items: Tensor, graph: EncoderGraph): Tensor;
  /** The same for each sequence's last row alone: [B, d]. */
  lastRows(items: Tensor, graph: EncoderGraph): Tensor;
  /** What attention needs to know of a batch. @param lengths rows of each sequence, none 0 */
  feeds(lengths: readonly number[]): Readonly<Record<string, Feed>>;
  /** Rows that a run takes at most: enough for full speed, few enough to stay in the processor's caches. */
  readonly rowsAtOnce: number;
  /** Whether its programs are to keep a second copy of the frozen weights, see `ProgramOptions`; else the caller decides. */
  readonly packWeights: boolean;
}

/** A frozen language model's first layers as the encoder; plain JSON. */
export interface FrozenEncoderShape {
  /** P, the learned tokens in front of each sequence; 0 for none. */
  readonly promptTokens: number;
  /** D, the language model's width. */
  readonly modelWidth: number;
  /** Root mean square of the language model's embeddings: the size of row that it is used to. */
  readonly embeddingSize: number;
  /** Root mean square of the item vectors as training starts. */
  readonly itemSize: number;
}
