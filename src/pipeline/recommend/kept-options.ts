import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { SavedRecommender } from '../../artifact/recommender-folder.js';
import type { JsonValue } from '../../artifact/saved-prompt.js';
import { type DatabaseQuery, withoutPassword } from '../../data/read-database.js';
import { optionsFromJson, optionsToJson } from '../options-json.js';
import type { RecommendOptions } from './fit-options.js';

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
  return JSON.parse(optionsToJson(kept)) as JsonValue;
}

/** What `optionsToKeep` kept. */
export function keptOptions(kept: JsonValue): RecommendOptions {
  return optionsFromJson(JSON.stringify(kept)) as RecommendOptions;
}

/** The options of a recommender's fit. */
export const optionsOfFit = ({ options }: SavedRecommender): RecommendOptions => keptOptions(options);

function databaseToKeep(query: DatabaseQuery): DatabaseQuery {
  const { type, database } = query;
  return { ...query, database: type === 'postgres' ? withoutPassword(database) : resolve(database) };
}
