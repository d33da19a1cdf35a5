import { ServerBusy } from './server-refusals.js';

export interface BatcherOptions<Item, Answer> {
  /** Answers a batch, in its order; what it rejects with, all of the batch reject with. */
  readonly run: (batch: readonly Item[]) => Promise<readonly Answer[]>;
  /** Items that go into one batch at most. */
  readonly most: number;
  /** How long the first of a batch waits for others while nothing runs, in milliseconds. */
  readonly wait: number;
  /** Items that may wait; more are refused. */
  readonly queue: number;
  /** How long an answer may take, in milliseconds: what would be answered later, as batches lately went, is refused. */
  readonly patience?: number | undefined;
}

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly answer: (answer: Answer) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Gathers what is asked at the same time into batches, one of which runs at a time. What is asked while one runs goes
 * into the next, so that the wait is what a busy server needs anyway.
 */
export class Batcher<Item, Answer> {
  readonly #options: BatcherOptions<Item, Answer>;
  #waiting: Waiting<Item, Answer>[] = [];
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Milliseconds that a batch lately took. */
  #pace = 0;

  constructor(options: BatcherOptions<Item, Answer>) {
    this.#options = options;
  }

  /** Items that wait. */
  get length(): number {
    return this.#waiting.length;
  }

  /**
   * Resolves with the items' answers; what waits when the signal is aborted is not run. They are taken together or not at
   * all, and not while more than the queue holds waits already.
   * @throws ServerBusy where the queue is full; the signal's reason
   */
  submit(items: readonly Item[], signal?: AbortSignal): Promise<Answer[]> {
    const { queue, most, wait, patience = Number.POSITIVE_INFINITY } = this.#options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    const before = Math.ceil(this.#waiting.length / most) * this.#pace;
    const own = (Math.ceil(items.length / most) + (this.#running === undefined ? 0 : 1)) * this.#pace;
    if (this.#waiting.length >= queue || (this.#waiting.length > 0 && before + own > patience)) {
      return Promise.reject(new ServerBusy(Math.max(1, Math.ceil(before / 1000))));
    }
    const asked: Waiting<Item, Answer>[] = [];
    const answers = items.map((item) => new Promise<Answer>((answer, fail) => asked.push({ item, answer, fail })));
    this.#waiting.push(...asked);
    const leave = () => this.#drop(asked, signal!.reason);
    signal?.addEventListener('abort', leave, { once: true });
    if (this.#waiting.length >= most) this.#start();
    else if (this.#running === undefined) this.#timer ??= setTimeout(() => this.#start(), wait);
    return Promise.all(answers).finally(() => signal?.removeEventListener('abort', leave));
  }

  /** Resolves when all that was asked is answered. */
  async drain(): Promise<void> {
    while (this.#waiting.length > 0 || this.#running !== undefined) {
      if (this.#running === undefined) this.#start();
      await this.#running;
    }
  }

  #drop(asked: readonly Waiting<Item, Answer>[], reason: unknown): void {
    const dropped = new Set(asked);
    const left = this.#waiting.filter((entry) => dropped.has(entry));
    this.#waiting = this.#waiting.filter((entry) => !dropped.has(entry));
    for (const { fail } of left) fail(reason);
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#running ??= this.#runAll().finally(() => {
      this.#running = undefined;
    });
  }

  async #runAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#options.most);
      const start = performance.now();
      try {
        const answers = await this.#options.run(batch.map(({ item }) => item));
        for (const [i, { answer }] of batch.entries()) answer(answers[i]!);
      } catch (error) {
        for (const { fail } of batch) fail(error);
      }
      const took = performance.now() - start;
      this.#pace = this.#pace === 0 ? took : 0.8 * this.#pace + 0.2 * took;
    }
  }
}
