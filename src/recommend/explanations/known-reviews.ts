import type { Explanation } from './explanation-data.js';

/** What training rows tell of users, or of items; all of it sums, so that a row can be taken out again. */
export interface KnownSide {
  readonly ids: readonly string[];
  readonly places: ReadonlyMap<string, number>;
  /** What was written, and by how many numbers it is known: counts, ratings, words. [ids] each. */
  readonly counts: Float64Array;
  readonly ratings: Float64Array;
  readonly rated: Float64Array;
  readonly words: Float64Array;
  /** Sums of the sentences' vectors [ids, width]. */
  readonly texts: Float32Array;
  /** Of a user: the places of his items. Of an item: none. */
  readonly items: readonly (readonly number[])[];
  /** Of an item: how often its sentences name each feature. Of a user: none. */
  readonly features: readonly ReadonlyMap<string, number>[];
}

export interface KnownReviews {
  readonly users: KnownSide;
  readonly items: KnownSide;
  /** Numbers of a sentence's vector; 0 where none are read. */
  readonly width: number;
  readonly meanRating: number;
  readonly meanWords: number;
}

/** Vectors of sentences [sentences, width]. */
export interface SentenceVectors {
  readonly values: Float32Array;
  readonly width: number;
}

/** Adds up what was written. */
export function knownReviews(rows: readonly Explanation[], vectors: SentenceVectors | undefined): KnownReviews {
  const width = vectors?.width ?? 0;
  const items = side(rows, 'item', vectors);
  const users = side(rows, 'user', vectors);
  const itemsOf: number[][] = users.ids.map(() => []);
  const features: Map<string, number>[] = items.ids.map(() => new Map());
  for (const row of rows) {
    itemsOf[users.places.get(row.user)!]!.push(items.places.get(row.item)!);
    const counts = features[items.places.get(row.item)!]!;
    for (const feature of row.features) counts.set(feature, (counts.get(feature) ?? 0) + 1);
  }
  const sum = (values: Float64Array) => values.reduce((all, x) => all + x, 0);
  return {
    users: { ...users, items: itemsOf },
    items: { ...items, features },
    width,
    meanRating: sum(items.ratings) / Math.max(1, sum(items.rated)),
    meanWords: sum(items.words) / Math.max(1, rows.length),
  };
}

/** Words of a text, or half of its characters where it has no spaces. */
export function countWords(text: string): number {
  const words = text.split(/\s+/u).length;
  return words > 1 ? words : [...text].length / 2;
}

function side(rows: readonly Explanation[], of: 'user' | 'item', vectors: SentenceVectors | undefined): KnownSide {
  const ids = [...new Set(rows.map((row) => row[of]))];
  const places = new Map(ids.map((id, place) => [id, place]));
  const numbers = () => new Float64Array(ids.length);
  const [counts, ratings, rated, words] = [numbers(), numbers(), numbers(), numbers()];
  const width = vectors?.width ?? 0;
  const texts = new Float32Array(ids.length * width);
  rows.forEach((row, i) => {
    const place = places.get(row[of])!;
    counts[place]! += 1;
    words[place]! += countWords(row.text);
    if (row.rating !== undefined) {
      ratings[place]! += row.rating;
      rated[place]! += 1;
    }
    for (let k = 0; k < width; k++) texts[place * width + k]! += vectors!.values[i * width + k]!;
  });
  return { ids, places, counts, ratings, rated, words, texts, items: [], features: [] };
}
