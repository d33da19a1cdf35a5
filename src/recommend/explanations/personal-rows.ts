import type { Example } from '../../data/example.js';
import type { RowMap } from '../../methods/made-rows.js';
import { type MadePlace, placeName } from '../../prompt/made-places.js';
import type { ItemVectors } from '../item-vectors.js';
import type { Catalogue } from '../made-rows/catalogue.js';
import { fieldsOf } from '../made-rows/catalogue.js';
import type { Explanation } from './explanation-data.js';
import { countWords, type KnownReviews, type KnownSide, type SentenceVectors } from './known-reviews.js';

/** What rows and slots of explanations are made of. */
export interface PersonalSources {
  readonly known: KnownReviews;
  /** Of a recommender; without one a vector of each user and item is learned. */
  readonly vectors: ItemVectors | undefined;
  readonly items: Catalogue;
  /** Training rows and the vectors of their sentences: what is made for one of them does not know it. */
  readonly learnedFrom?:
    | { readonly rows: readonly Explanation[]; readonly sentences: SentenceVectors | undefined }
    | undefined;
  /** What all vectors are multiplied with: maps of a method with a low rate move as fast as those of a soft prompt so. */
  readonly scale: number;
}

/** The slots that say whom and what a sentence is for; `history` is a JSON list of items, of somebody new. */
export const WHO = { user: 'user', item: 'item', history: 'history' } as const;

const STATISTICS = 3;
/** Of ten training rows one does not know its user, and another one not its item: so that nobody means something. */
const UNKNOWN = { one: 10, user: 3, item: 7 } as const;
const FEATURES_TOLD = 3;

export function inputsOf({ of, source }: MadePlace, { known, vectors }: PersonalSources): number {
  if (source === 'stats') return STATISTICS;
  if (source === 'text') return Math.max(1, known.width);
  if (vectors) return vectors.width;
  return Math.max(1, (of === 'user' ? known.users : known.items).ids.length);
}

export const mapsOf = (places: readonly MadePlace[], sources: PersonalSources): RowMap[] =>
  places.map((place, i) => ({
    name: `${i} ${placeName(place)}`,
    rows: place.rows,
    inputs: inputsOf(place, sources),
    hidden: 0,
  }));

/** A training row that stays out of its own prompt. */
interface Own {
  readonly row: Explanation;
  readonly number: number;
}

/** The id of a training row as an example. */
export const trainingId = (number: number) => `training-${number}`;

function ownOf({ learnedFrom }: PersonalSources, id: string): Own | undefined {
  const number = Number(/^training-(\d+)$/.exec(id)?.[1] ?? -1);
  const row = learnedFrom?.rows[number];
  return row && { row, number };
}

/** Makes the vectors of a template's places for one sentence. */
export function givenMaker(places: readonly MadePlace[], sources: PersonalSources) {
  const { known, vectors, learnedFrom, scale } = sources;
  const oneHot = new Map<string, Float32Array>();
  const oneOf = (of: 'user' | 'item', side: KnownSide, id: string): Float32Array => {
    const place = side.places.get(id) ?? -1;
    const key = `${of} ${place}`;
    const found = oneHot.get(key) ?? new Float32Array(Math.max(1, side.ids.length)).fill(scale, place, place + 1);
    if (place < 0) found.fill(0);
    oneHot.set(key, found);
    return found;
  };
  const text = (side: KnownSide, place: number, own: Own | undefined): Float32Array => {
    const { width } = known;
    const left = place < 0 ? 0 : side.counts[place]! - (own ? 1 : 0);
    const size = scale / ((left + 1) * Math.sqrt(Math.max(1, width)));
    return Float32Array.from({ length: Math.max(1, width) }, (_, k) => {
      if (left <= 0 || width === 0) return 0;
      const less = own ? learnedFrom!.sentences!.values[own.number * width + k]! : 0;
      return size * (side.texts[place * width + k]! - less);
    });
  };
  const statistics = (side: KnownSide, place: number, own: Own | undefined): Float32Array => {
    const of = (values: Float64Array, less: number) => (place < 0 ? 0 : values[place]! - (own ? less : 0));
    const count = of(side.counts, 1);
    const rated = of(side.rated, own?.row.rating === undefined ? 0 : 1);
    const rating = (of(side.ratings, own?.row.rating ?? 0) - rated * known.meanRating) / (rated + 1);
    const words = of(side.words, own ? countWords(own.row.text) : 0) - count * known.meanWords;
    return Float32Array.of(Math.log1p(count) / 3, rating, words / (count + 1) / 10).map((x) => x * scale);
  };
  /** Mean over items of what is made for each. */
  const meanOf = (items: readonly number[], make: (item: number) => Float32Array, inputs: number): Float32Array => {
    const mean = new Float32Array(inputs);
    for (const item of items) {
      const vector = make(item);
      for (let k = 0; k < inputs; k++) mean[k]! += vector[k]! / items.length;
    }
    return mean;
  };
  const recommended = (item: number): Float32Array => {
    const at = vectors!.places.get(known.items.ids[item] ?? '');
    return byRecommender(at);
  };
  const byRecommender = (at: number | undefined): Float32Array => {
    const { values, width } = vectors!;
    if (at === undefined) return new Float32Array(width);
    return values.subarray(at * width, (at + 1) * width).map((x) => (x * scale) / Math.sqrt(width));
  };
  const ofItem = ({ source }: MadePlace, id: string, own: Own | undefined): Float32Array => {
    const { items } = known;
    const hidden = own && own.number % UNKNOWN.one === UNKNOWN.item;
    const place = items.places.get(id) ?? -1;
    if (source === 'stats') return statistics(items, place, own);
    if (source === 'text') return text(items, place, own);
    return vectors ? byRecommender(vectors.places.get(id)) : oneOf('item', items, hidden ? '' : id);
  };
  const ofUser = (madePlace: MadePlace, id: string, history: readonly string[], own: Own | undefined) => {
    const { source } = madePlace;
    const { users, items } = known;
    const hidden = own && own.number % UNKNOWN.one === UNKNOWN.user;
    const place = users.places.get(id) ?? -1;
    const inputs = inputsOf(madePlace, sources);
    if (source === 'stats') return statistics(users, place, own);
    if (source === 'text') {
      if (place >= 0) return text(users, place, own);
      const met = history.flatMap((item) => items.places.get(item) ?? []);
      return meanOf(met, (item) => text(items, item, undefined), inputs);
    }
    if (vectors === undefined) return oneOf('user', users, hidden ? '' : id);
    if (place < 0) {
      const met = history.flatMap((item) => vectors.places.get(item) ?? []);
      return meanOf(met, byRecommender, inputs);
    }
    const mine = items.places.get(own?.row.item ?? '');
    return meanOf(
      users.items[place]!.filter((item) => item !== mine),
      recommended,
      inputs,
    );
  };
  return ({ id, fields }: Pick<Example, 'id' | 'fields'>): Float32Array[] => {
    const own = ownOf(sources, id);
    const history = JSON.parse(fields[WHO.history] ?? '[]') as readonly string[];
    return places.map((place) =>
      place.of === 'user'
        ? ofUser(place, fields[WHO.user] ?? '', history, own)
        : ofItem(place, fields[WHO.item] ?? '', own),
    );
  };
}

/** The texts of slots for a user and an item: the features that the item's sentences name most, and its columns. */
export function slotsFor(
  sources: PersonalSources,
  user: string,
  item: string,
  { id = '', history }: { readonly id?: string; readonly history?: readonly string[] | undefined } = {},
): Record<string, string> {
  const { known, items } = sources;
  const own = ownOf(sources, id);
  const counts = known.items.features[known.items.places.get(item) ?? -1] ?? new Map<string, number>();
  const told = [...counts]
    .map(([feature, count]) => [feature, count - (own?.row.features.includes(feature) ? 1 : 0)] as const)
    .filter(([, count]) => count > 0)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, FEATURES_TOLD)
    .map(([feature]) => feature);
  const none = Object.fromEntries([...items.columns.keys()].map((column) => [column, '']));
  return {
    ...(fieldsOf(items, item) ?? none),
    features: told.join(', '),
    [WHO.user]: user,
    [WHO.item]: item,
    ...(history && { [WHO.history]: JSON.stringify(history) }),
  };
}
