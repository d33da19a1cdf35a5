/**
 * What a template makes of one example: token ids, learned slots, and the candidate continuations to be scored.
 * Everything after this stage works on these numbers alone.
 */
export interface PromptSequence {
  /** [T] token ids of everything before the label; learned token k stands as `learnedToken(k)`, a negative number. */
  readonly context: Int32Array;
  /**
   * One entry per label, in the order of the label set: the ids of the label word and of all fixed words after it
   * (never empty). The label's score is log P(candidate | context).
   */
  readonly candidates: readonly Int32Array[];
  /** Index of the right candidate, or undefined where the example has no label. */
  readonly target: number | undefined;
  /**
   * For a model that predicts masked words: the whole text, once for each number of ids that the candidates have, with as
   * many masks in the label's place. `context` is then the first of them, and a candidate's ids are those of its masks.
   */
  readonly masked?: readonly MaskedText[] | undefined;
  /** The fields of the example, one after the other, for what reads words and not ids. */
  readonly words?: string | undefined;
  /**
   * For an encoder-decoder, what the decoder begins with: its start token, and a mark of the label's place where that is not the
   * end. `context` is then the encoder's text, and the candidates continue the decoder's.
   */
  readonly decoderStart?: Int32Array | undefined;
  /**
   * What the template's made rows are made of, a vector a place (`[user:stats]` …), in order. With P learned tokens, made row
   * j, counted over all places, stands as `learnedToken(P + j)`. Rows made of the same array are computed once a batch.
   */
  readonly given?: readonly Float32Array[] | undefined;
  /** What the candidates' log-likelihoods are added to. Default: nothing, each is a candidate's score by itself. */
  readonly residual?: Residual | undefined;
}

/** Scores that somebody else gave: a candidate's is then offsets[c] + weights[c] · log P(candidate c | context). */
export interface Residual {
  /** [candidates] */
  readonly offsets: Float32Array;
  /** [candidates] */
  readonly weights: Float32Array;
}

/** A text with masks where the label belongs. */
export interface MaskedText {
  /** [T] ids as in `PromptSequence.context`. */
  readonly ids: Int32Array;
  /** Where the masks stand in `ids`. */
  readonly masks: readonly number[];
}

/** The longest text, in ids, that a sequence puts into the model: context and longest candidate, or longest masked text. */
export function sequenceLength({ context, candidates, masked }: PromptSequence): number {
  if (masked !== undefined) return masked.reduce((most, { ids }) => Math.max(most, ids.length), 0);
  return context.length + candidates.reduce((most, { length }) => Math.max(most, length), 0);
}

/** The id that stands for learned token k (k ≥ 0) in a context. */
export function learnedToken(k: number): number {
  return -1 - k;
}

/** The learned token an id stands for, or undefined for an ordinary token id. */
export function asLearnedToken(id: number): number | undefined {
  return id < 0 ? -1 - id : undefined;
}
