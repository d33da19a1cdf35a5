import type { LearnedPrompt } from '../network/decoding/decoding-network.js';
import type { TokenConstraint } from './constraint.js';
import type { DecodingSettings } from './decoding-options.js';

/** What is to be gone on with. */
export interface DecodingRequest {
  readonly prompt: LearnedPrompt;
  /** Ids of everything before the answer, at least one; learned token k stands as `learnedToken(k)`. */
  readonly context: Int32Array;
  /** Of an encoder-decoder: what its decoder begins with. `context` is then the encoder's text. */
  readonly decoderStart?: Int32Array | undefined;
  /** How many leading ids all requests of this prompt share: their keys and values are computed once. */
  readonly sharedRows: number;
  readonly settings: DecodingSettings;
  /** What the answer may be, if not anything: `end` is the id that ends it, `room` how many tokens it may have. */
  readonly constraint?: ((end: number, room: number) => TokenConstraint) | undefined;
  /** A space that the first token writes and that is no part of the answer. */
  readonly leadingSpace?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Why an answer ended: the model ended it, a stop text came, or it is as long as it may be. */
export type EndReason = 'end' | 'stop' | 'length';

export interface Answer {
  readonly text: string;
  /** The ids, end mark left out. */
  readonly ids: readonly number[];
  readonly ended: EndReason;
}

/** An answer as it comes: pieces of text, and the whole when it has ended. */
export interface AnswerStream extends AsyncIterable<string> {
  /** Rejects where decoding fails, and with the signal's reason. */
  readonly answer: Promise<Answer>;
}
