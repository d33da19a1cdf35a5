import type { MadePlace } from '../../prompt/made-places.js';
import type { ItemVectors } from '../item-vectors.js';
import { type HistoryVectors, historyVector } from '../made-rows/history-vectors.js';
import { type AttributeCode, attributeVector, attributeWidth } from './attribute-vectors.js';
import type { KnownAnswers } from './known-answers.js';
import { ITEM_STATISTICS, itemStatistics, USER_STATISTICS, userStatistics } from './statistics.js';
import type { Taste } from './taste.js';

/** Attributes of users or items, by id. */
export interface Attributes {
  readonly codes: readonly AttributeCode[];
  readonly rowOf: (id: string) => ((column: string) => string | undefined) | undefined;
}

/** What rows can be made of. What is missing gives zeros, of which the map makes the row of somebody unknown. */
export interface Sources {
  /** Of a recommender, or else of the items' texts. */
  readonly vector: ItemVectors | undefined;
  readonly text: ItemVectors | undefined;
  /** By who chose them. */
  readonly factors: HistoryVectors | undefined;
  readonly items: Attributes;
  readonly users: Attributes;
}

/** How near an item is to what is liked, and to what is not. */
const NEARNESS = 2;

/** Numbers that a place's map takes; at least one. */
export function inputsOf({ of, source }: MadePlace, sources: Sources): number {
  switch (source) {
    case 'stats':
      return of === 'user' ? USER_STATISTICS.length : ITEM_STATISTICS.length;
    case 'attributes':
      return Math.max(1, attributeWidth(of === 'user' ? sources.users.codes : sources.items.codes));
    case 'items':
      return (of === 'user' ? 2 : 1) * (sources.factors?.width ?? 1) + (of === 'user' ? 0 : NEARNESS);
    case 'vector':
    case 'text':
      return of === 'user' ? 2 * (sources[source]?.width ?? 1) : NEARNESS + (sources[source]?.width ?? 1);
  }
}

/** Latest items that a user's vector is the mean of. */
const LATEST = 20;

/**
 * Makes the vectors of a template's places. A user's are made once for each taste, however many items are asked for; maps
 * are fed numbers of about one, divided by the root of how many they are.
 */
export function givenMaker(places: readonly MadePlace[], sources: Sources) {
  const ofTaste = new WeakMap<Taste, readonly (Float32Array | undefined)[]>();
  const means = new WeakMap<Taste, Map<ItemVectors, Float32Array>>();
  const meanOf = (taste: Taste, vectors: ItemVectors): Float32Array => {
    const known = means.get(taste) ?? new Map<ItemVectors, Float32Array>();
    means.set(taste, known);
    const found = known.get(vectors);
    if (found) return found;
    const both = new Float32Array(2 * vectors.width);
    both.set(meanVector(taste.liked, vectors));
    both.set(meanVector(taste.disliked, vectors), vectors.width);
    known.set(vectors, both);
    return both;
  };
  const chosen = new WeakMap<Taste, Float32Array>();
  /** What histories of liked and of not liked items tell, one behind the other. */
  const chosenBy = (taste: Taste, factors: HistoryVectors): Float32Array => {
    const found = chosen.get(taste) ?? new Float32Array(2 * factors.width);
    if (!chosen.has(taste)) {
      found.set(historyVector(factors, taste.liked) ?? [], 0);
      found.set(historyVector(factors, taste.disliked) ?? [], factors.width);
      chosen.set(taste, found);
    }
    return found;
  };
  const userVector = (place: MadePlace, taste: Taste, known: KnownAnswers): Float32Array => {
    const inputs = inputsOf(place, sources);
    if (place.source === 'stats') return userStatistics(taste, known);
    if (place.source === 'attributes') return scaled(attributesOf(sources.users, taste.user, inputs), inputs);
    if (place.source === 'items') {
      return sources.factors === undefined ? new Float32Array(inputs) : chosenBy(taste, sources.factors);
    }
    const vectors = sources[place.source];
    return vectors === undefined ? new Float32Array(inputs) : scaled(meanOf(taste, vectors), inputs);
  };
  const itemVector = (place: MadePlace, taste: Taste, item: string, known: KnownAnswers): Float32Array => {
    const inputs = inputsOf(place, sources);
    if (place.source === 'stats') return itemStatistics(item, taste.time, known);
    if (place.source === 'attributes') return scaled(attributesOf(sources.items, item, inputs), inputs);
    if (place.source === 'items') {
      const own = sources.factors && historyVector(sources.factors, [item]);
      if (own === undefined) return new Float32Array(inputs);
      const both = chosenBy(taste, sources.factors!);
      return Float32Array.from([0, own.length].map((from) => dot(own, both, from)).concat([...own]));
    }
    const vectors = sources[place.source];
    const at = vectors?.places.get(item);
    if (vectors === undefined || at === undefined) return new Float32Array(inputs);
    const own = vectors.values.subarray(at * vectors.width, (at + 1) * vectors.width);
    const mean = meanOf(taste, vectors);
    const near = [0, vectors.width].map((from) => dot(own, mean, from));
    const root = Math.sqrt(vectors.width);
    return scaled(Float32Array.from([...near.map((x) => (2 * x) / root), ...own]), inputs);
  };
  return (taste: Taste, item: string, known: KnownAnswers): Float32Array[] => {
    const users =
      ofTaste.get(taste) ?? places.map((place) => (place.of === 'user' ? userVector(place, taste, known) : undefined));
    ofTaste.set(taste, users);
    return places.map((place, i) => users[i] ?? itemVector(place, taste, item, known));
  };
}

const dot = (own: Float32Array, both: Float32Array, from: number) =>
  own.reduce((sum, x, i) => sum + x * both[from + i]!, 0);

function meanVector(items: readonly string[], { places, values, width }: ItemVectors): Float32Array {
  const mean = new Float32Array(width);
  const found = items.slice(-LATEST).flatMap((item) => places.get(item) ?? []);
  for (const place of found) for (let i = 0; i < width; i++) mean[i]! += values[place * width + i]! / found.length;
  return mean;
}

function attributesOf({ codes, rowOf }: Attributes, id: string, inputs: number): Float32Array {
  const row = rowOf(id);
  return row === undefined || codes.length === 0 ? new Float32Array(inputs) : attributeVector(codes, row);
}

const scaled = (values: Float32Array, inputs: number) => values.map((x) => x / Math.sqrt(inputs));
