import type { FrozenModel } from '../../network/load-model.js';
import { madePlaces, placeName } from '../../prompt/made-places.js';
import type { Template } from '../../prompt/template.js';
import { templateMistake } from '../../prompt/template-mistake.js';
import { vectorField } from '../../tasks/made-rows/text-rows.js';
import type { ItemVectors } from '../item-vectors.js';
import type { Catalogue } from '../made-rows/catalogue.js';
import {
  fitHistoryVectors,
  type HistoryVectors,
  historyVector,
  type UnscaledVectors,
} from '../made-rows/history-vectors.js';
import type { NamedHistoryVectors } from '../made-rows/history-vectors-record.js';
import { itemFactorsOf } from '../made-rows/item-factors.js';
import { readItemTexts } from '../made-rows/read-item-texts.js';
import { readRecommenderVectors } from '../made-rows/recommender-vectors.js';

/** What a profile's rows can be made of: a history alone. */
const PROFILE_SOURCES = ['items', 'vector', 'text'] as const;
type ProfileSource = (typeof PROFILE_SOURCES)[number];

/** Field of the examples, as `user:items` → how it is made of a history. */
export type UserRows = NamedHistoryVectors;

/** @throws TEMPLATE_INVALID where a template's rows are of an item, or of what is not known of a user */
export function checkUserRows({ source, parts }: Template): void {
  for (const part of parts) {
    if (part.kind !== 'made') continue;
    const isKnown = PROFILE_SOURCES.some((known) => known === part.source);
    if (part.of === 'user' && isKnown) continue;
    const applicable = PROFILE_SOURCES.map((known) => `[user:${known}]`).join(', ');
    throw templateMistake(source, part.at, {
      found: `rows made of [${part.of}:${part.source}]`,
      expected: `${applicable}: a profile knows of a user which items were chosen, and is about no item`,
      fix: 'Write [user:items] for what a whole history tells. Whether somebody likes an item is learned with `npx softprompt recommend preference fit`.',
    });
  }
}

export interface UserRowsRequest {
  readonly template: Template;
  /** The items that each training user chose. */
  readonly histories: readonly (readonly string[])[];
  readonly items: Catalogue;
  readonly recommender: string | undefined;
  readonly titleColumn: string;
  readonly itemFactors: number;
  readonly layers: number;
  readonly textWidth: number;
  readonly seed: number;
  readonly threads: number | undefined;
  /** Loads the model that reads texts. */
  readonly model: () => Promise<FrozenModel>;
  readonly onProgress?: ((done: number, all: number) => void) | undefined;
}

/**
 * Learns from the training users how rows are made of a history.
 * @throws RECOMMEND_DATA where the recommender was fitted on other items, RECOMMENDER_INVALID
 */
export async function fitUserRows(request: UserRowsRequest): Promise<UserRows> {
  const { template, histories } = request;
  const made = new Map<string, HistoryVectors>();
  for (const place of madePlaces(template)) {
    const name = placeName(place);
    if (made.has(name)) continue;
    made.set(name, fitHistoryVectors(await vectorsOf(place.source as ProfileSource, request), histories));
  }
  return made;
}

async function vectorsOf(source: ProfileSource, request: UserRowsRequest): Promise<UnscaledVectors> {
  const { histories, items, recommender, seed, model, onProgress } = request;
  if (source === 'items') return itemFactorsOf(histories, request.itemFactors, seed);
  const met = new Set(histories.flat());
  if (source === 'vector' && recommender !== undefined) return plain(await readRecommenderVectors(recommender, met));
  const read = await readItemTexts(await model(), items, met, request, onProgress);
  return plain(read ?? { places: new Map(), values: new Float32Array(0), width: 1 });
}

const plain = (vectors: ItemVectors): UnscaledVectors => ({
  ...vectors,
  weights: new Float32Array(vectors.places.size).fill(1),
  norm: 'sum',
});

/** The fields of an example that rows are made of; empty where none of the items is known. */
export function rowFieldsOf(rows: UserRows, history: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    Array.from(rows, ([name, vectors]) => {
      const vector = historyVector(vectors, history);
      return [name, vector === undefined ? '' : vectorField(vector)];
    }),
  );
}
