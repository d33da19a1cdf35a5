import { Pace } from './pace.js';
import { AskedTooMuch, ServerBusy } from './server-refusals.js';

export interface BatcherOptions<Item, Answer> {
  /** Answers a batch, in its order; what it rejects with, all of the batch reject with. */
  readonly run: (batch: readonly Item[]) => Promise<readonly Answer[]>;
  /** Items that go into one batch at most. */
  readonly most: number;
  /** How long the first of a batch waits for others while nothing runs, in milliseconds. */
  readonly wait: number;
  /** Items that may wait; more are refused. */
  readonly queue: number;
  /** What an item costs beside others, in any unit, above 0. Default: all the same. */
  readonly cost?: ((item: Item) => number) | undefined;
  /** How long an answer may take, in milliseconds: what would be answered later, as batches lately went, is refused. */
  readonly limit?: number | undefined;
}

/** So much slower than lately a batch may become, on a machine that is given other work. */
const SLOWER_AT_MOST = 3;
/** Share of the time limit that an answer may be expected to take. */
const PATIENCE = 1 / SLOWER_AT_MOST;
/** Share of the time limit that one batch may be expected to take. */
const BATCH_SHARE = 0.25;

/** Items that were asked together; the first failure is that of all. */
interface Asked {
  readonly at: number;
  readonly fail: (reason: unknown) => void;
  over: boolean;
}

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly cost: number;
  readonly answer: (answer: Answer) => void;
  readonly asked: Asked;
}

/**
 * Gathers what is asked at the same time into batches, one of which runs at a time. What is asked while one runs goes
 * into the next, so that the wait is what a busy server needs anyway.
 */
export class Batcher<Item, Answer> {
  readonly #options: BatcherOptions<Item, Answer>;
  readonly #limit: number;
  readonly #pace = new Pace();
  #waiting: Waiting<Item, Answer>[] = [];
  #inBatch = 0;
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: BatcherOptions<Item, Answer>) {
    this.#options = options;
    this.#limit = options.limit ?? Number.POSITIVE_INFINITY;
  }

  /** Items that wait. */
  get length(): number {
    return this.#waiting.length;
  }

  /** Whether something has run, so that it is known how long things take. */
  get paced(): boolean {
    return this.#pace.known;
  }

  /**
   * Resolves with the items' answers; what waits when the signal is aborted is not run. They are taken together or not at
   * all: not while more than the queue holds waits already, nor where the answer would be late. Where batches become so
   * slow after that that it would be late all the same, it is refused before it is run.
   * @throws ServerBusy, AskedTooMuch; the signal's reason
   */
  submit(items: readonly Item[], signal?: AbortSignal): Promise<Answer[]> {
    const { most, wait, cost = () => 1 } = this.#options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (items.length === 0) return Promise.resolve([]);
    const costs = items.map(cost);
    const refusal = this.#refusal(items.length, sum(costs));
    if (refusal !== undefined) return Promise.reject(refusal);
    return new Promise((resolve, reject) => {
      const answers = new Array<Answer>(items.length);
      let missing = items.length;
      const leave = () => this.#fail(asked, signal!.reason);
      const end = () => signal?.removeEventListener('abort', leave);
      const asked: Asked = {
        at: performance.now(),
        over: false,
        fail: (reason) => {
          end();
          reject(reason);
        },
      };
      for (const [i, item] of items.entries()) {
        const answer = (value: Answer) => {
          answers[i] = value;
          missing -= 1;
          if (missing > 0 || asked.over) return;
          asked.over = true;
          end();
          resolve(answers);
        };
        this.#waiting.push({ item, cost: costs[i]!, answer, asked });
      }
      signal?.addEventListener('abort', leave, { once: true });
      if (this.#waiting.length >= most) this.#start();
      else if (this.#running === undefined) this.#timer ??= setTimeout(() => this.#start(), wait);
    });
  }

  /** Resolves when all that was asked is answered. */
  async drain(): Promise<void> {
    while (this.#waiting.length > 0 || this.#running !== undefined) {
      if (this.#running === undefined) this.#start();
      await this.#running;
    }
  }

  #refusal(count: number, cost: number): Error | undefined {
    const { queue, most } = this.#options;
    const ahead = this.#pace.expected(sum(this.#waiting.map((entry) => entry.cost)));
    const busy = () => new ServerBusy(Math.max(1, Math.ceil(ahead / 1000)));
    if (this.#waiting.length >= queue) return busy();
    const idle = this.#waiting.length + this.#inBatch === 0;
    if (!this.#pace.known) {
      // until the first batch is through nobody knows how slow this is: one more may wait
      const few = idle || this.#limit === Number.POSITIVE_INFINITY || this.#waiting.length + count <= most;
      return few ? undefined : busy();
    }
    const own = this.#pace.expected(cost) - this.#pace.expected(0);
    if (count > most && own > this.#limit) return new AskedTooMuch(count, own / 1000, this.#limit / 1000);
    return !idle && ahead + own > PATIENCE * this.#limit ? busy() : undefined;
  }

  #fail(asked: Asked, reason: unknown): void {
    if (asked.over) return;
    asked.over = true;
    this.#waiting = this.#waiting.filter((entry) => entry.asked !== asked);
    asked.fail(reason);
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#running !== undefined) return;
    const first = this.#take();
    if (first.length > 0) this.#running = this.#runAll(first);
  }

  /** The next batch: as many as may stand in one, as far as it is not expected to take too long. */
  #take(): Waiting<Item, Answer>[] {
    const batch: Waiting<Item, Answer>[] = [];
    const now = performance.now();
    let cost = 0;
    while (this.#waiting.length > 0 && batch.length < this.#options.most) {
      const next = this.#waiting[0]!;
      const expected = this.#pace.expected(cost + next.cost);
      if (batch.length > 0 && expected > BATCH_SHARE * this.#limit) break;
      const late = now + SLOWER_AT_MOST * expected > next.asked.at + this.#limit;
      // what has just come has its try, however slow this is
      if (late && now - next.asked.at > BATCH_SHARE * this.#limit) {
        this.#fail(next.asked, new ServerBusy(Math.max(1, Math.ceil(expected / 1000))));
        continue;
      }
      this.#waiting.shift();
      batch.push(next);
      cost += next.cost;
    }
    return batch;
  }

  async #runAll(first: readonly Waiting<Item, Answer>[]): Promise<void> {
    for (let batch = first; batch.length > 0; batch = this.#take()) {
      this.#inBatch = batch.length;
      this.#pace.begin(sum(batch.map(({ cost }) => cost)));
      try {
        const answers = await this.#options.run(batch.map(({ item }) => item));
        this.#pace.end(true);
        for (const [i, { answer }] of batch.entries()) answer(answers[i]!);
      } catch (error) {
        this.#pace.end(false);
        for (const { asked } of batch) this.#fail(asked, error);
      }
      this.#inBatch = 0;
    }
    this.#running = undefined; // at once: what is asked from now on begins anew
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
