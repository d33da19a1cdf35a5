import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { withoutPassword } from '../data/postgres/connection-string.js';
import type { DatabaseQuery } from '../data/read-database.js';
import { SoftpromptError } from '../errors.js';
import type { ReadRecord } from '../files/json-record.js';
import { optionsFromJson, optionsToJson } from '../jobs/options-json.js';
import { optionsRecord } from '../options/option-record.js';
import type { JsonValue } from '../tasks/prompt-folder/saved-prompt.js';
import { FIT, type RecommendOptions } from './fit-options.js';
import type { SavedRecommender } from './folder/recommender-folder.js';

/** The options as files keep them: paths that hold in every folder, and no password. */
export function optionsToKeep(
  options: { readonly interactions?: RecommendOptions['interactions'] | undefined } & Pick<
    RecommendOptions,
    'items' | 'users' | 'model'
  >,
): JsonValue {
  const { interactions, items, users, model } = options;
  const kept = {
    ...options,
    interactions:
      typeof interactions === 'object' ? databaseToKeep(interactions) : interactions && resolve(interactions),
    items: items && resolve(items),
    users: users && resolve(users),
    model: model && existsSync(model) ? resolve(model) : model,
  };
  return JSON.parse(optionsToJson(kept)) as JsonValue;
}

/** The options of a recommender's fit. Errors: RECOMMENDER_INVALID. */
export function optionsOfFit({ options }: SavedRecommender): RecommendOptions {
  const read = keptOptions(options);
  if (read.problem === undefined) return read.record;
  throw new SoftpromptError('RECOMMENDER_INVALID', {
    found: `The options of the fit, as the recommender's softprompt.json keeps them, cannot be used: ${read.problem}`,
    expected: 'the options as `npx softprompt recommend fit` wrote them',
    fix: 'Take an undamaged copy of the folder, or fit again.',
  });
}

/** What `optionsToKeep` kept, or what is wrong with it. */
export const keptOptions = (kept: JsonValue): ReadRecord<RecommendOptions> =>
  optionsFromJson(JSON.stringify(kept), optionsRecord(FIT));

function databaseToKeep(query: DatabaseQuery): DatabaseQuery {
  const { type, database } = query;
  return { ...query, database: type === 'postgres' ? withoutPassword(database) : resolve(database) };
}
