/** Text to token ids and back, equal to Hugging Face's for the same `tokenizer.json`. */
export interface Tokenizer {
  /** Number of ids the tokenizer knows, added tokens included. */
  readonly size: number;
  /** Begin-of-sequence id that the tokenizer itself puts in front of every text; undefined where it puts none. */
  readonly bos: number | undefined;
  /** Id that the tokenizer itself puts behind every text, such as [SEP]; undefined where it puts none. */
  readonly end: number | undefined;
  /** Id that stands for a word to be predicted, such as [MASK]; undefined where there is none. */
  readonly mask: number | undefined;
  /** Ids that never stand for ordinary text (bos, eos, pad, chat marks …). */
  readonly special: ReadonlySet<number>;
  /** What may differ from the tokenizer that the model was published with, a line each; for whoever opens the model. */
  readonly notes: readonly string[];
  /**
   * Ids of `text` alone: no special tokens are added, and special tokens written in the text are ordinary characters,
   * as with Hugging Face's `split_special_tokens=True`, so that no example can speak with the tokenizer's own marks.
   * `continues` says that the text follows other text: a SentencePiece tokenizer then adds no space of its own in front.
   */
  encode(text: string, continues?: boolean): number[];
  /**
   * The same for words that a template's author wrote: special tokens in them are the tokens. The `continues` that comes
   * back is the one for text that follows: with some tokenizers, text after a token begins as if it stood alone.
   */
  encodeWritten(text: string, continues?: boolean): { readonly ids: number[]; readonly continues: boolean };
  /** `continues` as above: the space in front is then kept. */
  decode(ids: readonly number[], continues?: boolean): string;
  /** The bytes that an id writes within a text; undefined where it writes none of its own, such as a mark. */
  bytes(id: number): Uint8Array | undefined;
  /** How one id reads, for people: bytes joined where they form characters, `\xE6` where they do not. */
  describe(id: number): string;
}
