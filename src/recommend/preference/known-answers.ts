import type { PreferenceRow } from './preference-rows.js';

/** Answers that are known of a user or an item, in the order of their times. */
export interface AnswersOf {
  readonly times: Float64Array;
  readonly liked: Uint8Array;
  /** [n + 1] likes among the first n. */
  readonly likes: Int32Array;
  /** The items of a user, the users of an item. */
  readonly others: readonly string[];
}

const NONE: AnswersOf = { times: new Float64Array(0), liked: new Uint8Array(0), likes: new Int32Array(1), others: [] };

/**
 * Answers that may be told from. What is asked for a time sees those before it alone, strictly: so nothing that is counted
 * for a row holds the row's own answer, nor a later one.
 */
export class KnownAnswers {
  private readonly users: ReadonlyMap<string, AnswersOf>;
  private readonly items: ReadonlyMap<string, AnswersOf>;
  /** Share of likes that rates are drawn to. */
  readonly mean: number;

  /** @param rows those without an answer are left out @param mean default: that of the rows, one half where there are none */
  constructor(
    readonly rows: readonly PreferenceRow[],
    mean?: number,
  ) {
    const answered = rows.filter(({ liked }) => liked !== undefined).sort((a, b) => a.time - b.time);
    this.users = grouped(answered, 'user', 'item');
    this.items = grouped(answered, 'item', 'user');
    const likes = answered.filter(({ liked }) => liked).length;
    this.mean = mean ?? (likes + 1) / (answered.length + 2);
  }

  ofUser(user: string): AnswersOf {
    return this.users.get(user) ?? NONE;
  }

  ofItem(item: string): AnswersOf {
    return this.items.get(item) ?? NONE;
  }

  knowsUser = (user: string): boolean => this.users.has(user);
  knowsItem = (item: string): boolean => this.items.has(item);
}

/** How many answers were given before `time`. */
export function countBefore({ times }: AnswersOf, time: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function grouped(rows: readonly PreferenceRow[], by: 'user' | 'item', other: 'user' | 'item') {
  const places = new Map<string, number[]>();
  rows.forEach((row, place) => {
    const known = places.get(row[by]);
    if (known === undefined) places.set(row[by], [place]);
    else known.push(place);
  });
  return new Map(
    Array.from(places, ([id, own]): [string, AnswersOf] => {
      const liked = Uint8Array.from(own, (place) => Number(rows[place]!.liked));
      const likes = new Int32Array(own.length + 1);
      liked.forEach((like, n) => {
        likes[n + 1] = likes[n]! + like;
      });
      const times = Float64Array.from(own, (place) => rows[place]!.time);
      return [id, { times, liked, likes, others: own.map((place) => rows[place]![other]) }];
    }),
  );
}
