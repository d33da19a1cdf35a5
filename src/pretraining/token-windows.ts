import { Random } from '../random.js';

/** Token ids of one source, documents one after the other, and how much of a batch comes from there. */
export interface TokenStream {
  readonly ids: Uint16Array | Int32Array;
  readonly share: number;
}

/** Windows of T + 1 ids cut into as many of `length` + 1 as fit; the last id of each is the first of the next. */
export const cutWindows = (windows: readonly Int32Array[], length: number): Int32Array[] =>
  windows.flatMap((window) =>
    Array.from({ length: Math.floor((window.length - 1) / length) }, (_, i) =>
      window.subarray(i * length, (i + 1) * length + 1),
    ),
  );

/**
 * Windows of T + 1 ids for all updates: each stream is cut at every T-th id, the pieces are drawn in random order and anew
 * when all were drawn; streams take turns so that each has its share at any time. Which windows an update gets follows
 * from seed and update alone.
 */
export class TokenWindows {
  private drawn = 0;
  private readonly turns: number[];
  private readonly orders: { round: number; order: readonly number[] }[];

  /** @param length T; every stream has more ids */
  constructor(
    private readonly streams: readonly TokenStream[],
    private readonly length: number,
    private readonly seed: number,
  ) {
    this.turns = streams.map(() => 0);
    this.orders = streams.map(() => ({ round: -1, order: [] }));
  }

  /** The windows number `first` to `first + count − 1` of the run. Cheapest when asked in order. */
  take(first: number, count: number): Int32Array[] {
    if (first < this.drawn) {
      this.drawn = 0;
      this.turns.fill(0);
    }
    while (this.drawn < first) this.next();
    return Array.from({ length: count }, () => {
      const stream = this.next();
      return this.window(stream, this.turns[stream]! - 1);
    });
  }

  /** The stream that is furthest behind its share. */
  private next(): number {
    let best = 0;
    this.streams.forEach(({ share }, i) => {
      if ((this.turns[i]! + 1) / share < (this.turns[best]! + 1) / this.streams[best]!.share) best = i;
    });
    this.turns[best]! += 1;
    this.drawn += 1;
    return best;
  }

  private window(stream: number, turn: number): Int32Array {
    const { ids } = this.streams[stream]!;
    const pieces = Math.floor((ids.length - 1) / this.length);
    const round = Math.floor(turn / pieces);
    const known = this.orders[stream]!;
    if (known.round !== round) {
      const random = new Random(Math.imul(this.seed + 1, 0x9e3779b1) ^ Math.imul(stream + 1, 0x85ebca6b) ^ round);
      const order = random.shuffle(Array.from({ length: pieces }, (_, i) => i));
      this.orders[stream] = { round, order };
    }
    const start = this.orders[stream]!.order[turn % pieces]! * this.length;
    return Int32Array.from(ids.subarray(start, start + this.length + 1));
  }
}
