import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { bestItems } from '../../evaluation/ranking/top-items.js';
import { readRecommender, type SavedRecommender } from '../folder/recommender-folder.js';
import { itemTitles } from '../item-titles.js';
import { keptOptions } from '../kept-options.js';
import { type Drift, driftOf } from './measure-drift.js';

/** What a recommender's folder holds. */
export interface RecommenderFacts {
  readonly folder: string;
  readonly users: number;
  readonly items: number;
  readonly interactions: number;
  readonly columns: readonly string[];
  /** What it recommends by. */
  readonly parts: {
    readonly network: { readonly width: number; readonly layers: number; readonly encoder: string };
    readonly texts: { readonly template: string; readonly model: string } | null;
    readonly itemItem: { readonly weight: number } | null;
    readonly likeness: { readonly weight: number; readonly latest: number } | null;
    /** What is popular lately; `items`, those that gain most. */
    readonly trend: {
      readonly weight: number;
      readonly halfLifeDays: number;
      readonly items: readonly string[];
    } | null;
    readonly userAttributes: readonly string[];
    readonly userVectors: boolean;
  };
  readonly learnedFrom: 'training' | 'everything';
  readonly protocol: string;
  readonly test: Readonly<Record<string, number>>;
  readonly holdsPeople: boolean;
  readonly withdrawn: number;
  readonly forgotten: number;
  readonly sinceFit: NonNullable<SavedRecommender['life']>['sinceFit'] | null;
  readonly drift: Drift;
  readonly popular: readonly { readonly item: string; readonly title?: string; readonly interactions: number }[];
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
  readonly source: string | null;
}

const POPULAR = 5;

/** Errors: RECOMMENDER_INVALID. */
export async function inspectRecommender(folder: string): Promise<RecommenderFacts> {
  const saved = await readRecommender(folder);
  return { ...factsOf(folder, saved), files: await filesOf(folder) };
}

export function factsOf(folder: string, saved: SavedRecommender): Omit<RecommenderFacts, 'files'> {
  const { recommender, users, histories, itemColumns, reading, life, protocol, learnedFrom } = saved;
  const { network, itemItem, likeness, trend, items } = recommender;
  const { shape } = network;
  const counts = network.counts ?? network.popularity;
  const order = [...counts.keys()].sort((a, b) => counts[b]! - counts[a]! || a - b);
  const titles = itemTitles(saved);
  const source = keptOptions(saved.options).record?.interactions;
  const { test = {} } = (saved.metrics ?? {}) as { readonly test?: Record<string, number> };
  return {
    ...{ folder, users: users.length, items: items.length },
    interactions: histories.items.length,
    columns: [...itemColumns.keys()],
    parts: {
      network: { width: shape.width, layers: shape.layers, encoder: encoderOf(shape) },
      texts: reading ? { template: reading.template, model: reading.baseModel.source } : null,
      itemItem: itemItem ? { weight: itemItem.mixture.weight } : null,
      likeness: likeness ? { weight: likeness.weight, latest: likeness.latest } : null,
      trend: trend
        ? {
            weight: trend.weight,
            halfLifeDays: trend.halfLife / 86_400,
            items: Array.from(bestItems(trend.counts, POPULAR), (item) => titles(item) ?? items[item]!),
          }
        : null,
      userAttributes: network.users?.attributes.map(({ attribute }) => attribute) ?? [],
      userVectors: network.users?.shares !== undefined,
    },
    ...{ learnedFrom, protocol, test },
    holdsPeople: users.length > 0,
    withdrawn: life?.withdrawn?.length ?? 0,
    forgotten: life?.forgotten ?? 0,
    sinceFit: life?.sinceFit ?? null,
    drift: driftOf(saved),
    popular: order.slice(0, POPULAR).map((item) => {
      const title = titles(item);
      return { item: items[item]!, ...(title !== undefined && { title }), interactions: counts[item]! };
    }),
    source: typeof source === 'string' ? source : (source?.type ?? null),
  };
}

function encoderOf({ frozen, recurrent, masked }: SavedRecommender['recommender']['network']['shape']): string {
  if (frozen) return 'layers of the frozen model';
  return recurrent ? 'GRU' : masked ? 'BERT4Rec' : 'self-attention';
}

async function filesOf(folder: string) {
  const names = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isFile());
  return Promise.all(names.map(async ({ name }) => ({ name, bytes: (await stat(join(folder, name))).size })));
}
