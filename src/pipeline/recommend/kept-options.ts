import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { SavedRecommender } from '../../artifact/recommender-folder.js';
import type { JsonValue } from '../../artifact/saved-prompt.js';
import { type DatabaseQuery, withoutPassword } from '../../data/read-database.js';
import type { RecommendOptions } from './fit-options.js';

/** Numbers that may be Infinity, for which JSON has no sign. */
const ENDLESS: readonly string[] = ['patience', 'clipNorm'];

/** The options as files keep them: paths that hold in every folder, and no password. */
export function optionsToKeep(options: RecommendOptions): JsonValue {
  const { interactions, items, users, model } = options;
  const kept = {
    ...options,
    interactions: typeof interactions === 'string' ? resolve(interactions) : databaseToKeep(interactions),
    items: items && resolve(items),
    users: users && resolve(users),
    model: model && existsSync(model) ? resolve(model) : model,
  };
  return JSON.parse(JSON.stringify(kept, (_, value) => (value === Infinity ? 'Infinity' : value))) as JsonValue;
}

/** What `optionsToKeep` kept. */
export function keptOptions(kept: JsonValue): RecommendOptions {
  const revive = (name: string, value: unknown) => (ENDLESS.includes(name) && value === 'Infinity' ? Infinity : value);
  return JSON.parse(JSON.stringify(kept), revive) as RecommendOptions;
}

/** The options of a recommender's fit. */
export const optionsOfFit = ({ options }: SavedRecommender): RecommendOptions => keptOptions(options);

function databaseToKeep(query: DatabaseQuery): DatabaseQuery {
  const { type, database } = query;
  return { ...query, database: type === 'postgres' ? withoutPassword(database) : resolve(database) };
}
