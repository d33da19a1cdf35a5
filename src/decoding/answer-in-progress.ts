import { Random } from '../random.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { answerText } from './answer-text.js';
import { chooseToken } from './choose-token.js';
import { constrain, type TokenConstraint } from './constraint.js';
import { NEVER, penalise } from './penalties.js';
import type { Answer, DecodingRequest, EndReason } from './request.js';
import { textQueue } from './text-queue.js';

/** One answer while it grows: from logits to tokens to text. */
export class AnswerInProgress {
  readonly queue;
  /** Text (of an encoder-decoder what its decoder begins with) and answer so far, learned tokens left out. */
  readonly before: number[];
  private readonly ids: number[] = [];
  private readonly random: Random;
  private readonly text;
  private readonly constraint: TokenConstraint | undefined;
  private left = false;
  /** How it ended. */
  ended: EndReason | undefined;

  /** @param ends ids that end an answer @param room how many tokens the answer may have */
  constructor(
    readonly request: DecodingRequest,
    tokenizer: Pick<Tokenizer, 'decode'>,
    private readonly ends: ReadonlySet<number>,
    private readonly room: number,
  ) {
    this.queue = textQueue(() => {
      this.left = true;
    });
    this.before = Array.from(request.decoderStart ?? request.context).filter((id) => id >= 0);
    this.random = new Random(request.settings.seed);
    this.text = answerText(tokenizer, request.settings.stop, request.leadingSpace);
    this.constraint = request.constraint?.(endOf(ends), room);
  }

  /** Nobody wants it any more: why, if so. */
  get abandoned(): { readonly reason: unknown } | undefined {
    const { signal } = this.request;
    if (signal?.aborted) return { reason: signal.reason };
    return this.left ? { reason: new Error('the reader has stopped') } : undefined;
  }

  /** The last token, which the network has not seen yet. */
  get last(): number {
    return this.before.at(-1)!;
  }

  /** Chooses the next token by its logits [V], which are changed, and takes it: undefined where it ended the answer without one. */
  take(logits: Float32Array): number | undefined {
    const { settings } = this.request;
    if (this.constraint !== undefined) {
      constrain(logits, this.constraint, this.before, settings);
    } else {
      penalise(logits, this.before, settings);
      if (this.ids.length < settings.minNewTokens) for (const end of this.ends) logits[end] = NEVER;
    }
    const id = chooseToken(logits, settings, this.random);
    if (this.ends.has(id)) {
      this.end('end');
      return undefined;
    }
    this.accept(id);
    return id;
  }

  private accept(id: number): void {
    this.constraint?.accept(id);
    this.ids.push(id);
    this.before.push(id);
    const { text, stopped } = this.text.push(id);
    this.queue.push(text);
    if (stopped) this.end('stop');
    else if (this.constraint !== undefined && !goesOn(this.constraint, this.ends)) this.end('end');
    else if (this.ids.length >= this.room) this.end('length');
  }

  private end(reason: EndReason): void {
    if (reason !== 'stop') this.queue.push(this.text.finish());
    this.ended = reason;
    this.queue.end(this.answer(reason));
  }

  private answer(ended: EndReason): Answer {
    return { text: this.text.whole, ids: this.ids, ended };
  }
}

function goesOn(constraint: TokenConstraint, ends: ReadonlySet<number>): boolean {
  for (const id of constraint.allowed()) if (id >= 0 && !ends.has(id)) return true;
  return false;
}

/** An id that ends an answer; one that no word has, where the model has none. */
export function endOf(ends: ReadonlySet<number>): number {
  for (const id of ends) return id;
  return -1;
}
