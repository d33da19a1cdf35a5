import { checkOptions, type OptionRule } from '../check-options.js';
import type { InteractionOptions } from '../data/interactions/read-interactions.js';
import type { DatabaseQuery } from '../data/read-database.js';
import type { TableOptions } from '../data/read-table.js';
import { checkCounts } from './check-counts.js';
import type { SasRecOptions } from './sequential/sasrec-options.js';

/** How a recommender's interactions are read, filtered and split; plain JSON. */
export interface RecommendDataOptions {
  /** File of interactions, or a query on a database. */
  readonly interactions: string | DatabaseQuery;
  /** Columns, layout, delimiter, encoding … of that file. */
  readonly interactionTable?: InteractionOptions | undefined;
  /** File of items with their texts and attributes. */
  readonly items?: string | undefined;
  readonly itemTable?: (TableOptions & { readonly idColumn?: string | undefined }) | undefined;
  /** Interactions rated lower are left out. */
  readonly minRating?: number | undefined;
  /** Users and items with fewer interactions are left out, again and again. Default: 1, none. */
  readonly kCore?: number | undefined;
  /** Default: `leave-one-out`. */
  readonly split?: 'leave-one-out' | 'time' | undefined;
  /** Of a split by time, the shares that validate and test. Default: 0.1 each. */
  readonly validShare?: number | undefined;
  readonly testShare?: number | undefined;
}

/** Everything a user can say about a recommender; plain JSON, so that a run can be repeated and resumed from it. */
export interface RecommendOptions extends RecommendDataOptions {
  /**
   * Folder, GGUF file or hub id of the frozen model that reads the items, and whose first layers are the frozen encoder;
   * without it ids are all that is known.
   */
  readonly model?: string | undefined;
  readonly out: string;
  readonly overwrite?: boolean | undefined;
  /** Whether the states of training stay after success, for baselines that are measured later. Default: no. */
  readonly keepTraining?: boolean | undefined;
  /** What the model reads of an item: words, learned tokens, and columns of the items. Default: see guessItemTemplate. */
  readonly itemTemplate?: string | undefined;
  /** The first layers of the model that read. Default: 8, or all where there are fewer. */
  readonly layers?: number | undefined;
  /** Longest text in tokens, the template's words included. */
  readonly maxTextLength?: number | undefined;
  /** Numbers a text's vector is reduced to. */
  readonly textWidth?: number | undefined;
  /** `auto`: with and without the texts, and what validates better is kept; `never`: none is read. Default: auto. */
  readonly text?: 'auto' | 'always' | 'never' | undefined;
  /** Whether the template's learned tokens are learned, which takes long; else they stay as they start. */
  readonly learnPrompt?: boolean | undefined;
  /** File of users with their attributes: a learned token of each user stands in front of his history. */
  readonly users?: string | undefined;
  readonly userTable?: (TableOptions & { readonly idColumn?: string | undefined }) | undefined;
  /** The columns of the users to use. Default: all of at most 100 values that are mostly shared. */
  readonly userAttributes?: readonly string[] | undefined;
  /** Whether a user has a vector of his own too, which counts the more the longer his history is. */
  readonly userVectors?: boolean | undefined;
  /** `auto`: with and without users' tokens, and what validates better is kept. Default: auto. */
  readonly userTokens?: 'auto' | 'always' | undefined;
  /** Whether an item-item model's scores are added. */
  readonly itemItem?: boolean | undefined;
  /** Whether the recommender learns once more from all interactions before it serves. Default: yes. */
  readonly refit?: boolean | undefined;
  /** Whether the baselines are tuned and measured too, see measureBaselines. */
  readonly baselines?: boolean | undefined;
  /** Users who validate and who are tested at most, drawn by the seed. Default: see `sampleHeldOut`. */
  readonly validUsers?: number | undefined;
  readonly testUsers?: number | undefined;
  /** The sequence network and its training. */
  readonly network?: Partial<Omit<SasRecOptions, 'itemFeatures' | 'users' | 'seed'>> | undefined;
  readonly seed?: number | undefined;
  readonly threads?: number | undefined;
}

export const RECOMMEND_DEFAULTS = {
  kCore: 1,
  split: 'leave-one-out',
  validShare: 0.1,
  testShare: 0.1,
  layers: 8,
  maxTextLength: 64,
  textWidth: 128,
  text: 'auto',
  learnPrompt: false,
  userVectors: false,
  /** Training interactions at which a user's own vector counts half. */
  userFade: 50,
  userTokens: 'auto',
  itemItem: true,
  refit: true,
  seed: 0,
} as const;

/** Learned tokens in front of the items' texts, where the template has none. */
export const READING_PROMPT = '[soft:"Someone who liked this will next choose:"] ';

/** Whether the items' texts are read. */
export function readsTexts({ model, items, text }: Pick<RecommendOptions, 'model' | 'items' | 'text'>): boolean {
  return model !== undefined && items !== undefined && text !== 'never';
}

/** Refuses what can be refused before anything is read. @throws RECOMMEND_OPTION */
export function checkRecommendOptions(options: RecommendOptions): void {
  const { kCore, layers, maxTextLength, textWidth, validUsers, testUsers } = options;
  checkCounts({ kCore, layers, maxTextLength, textWidth, validUsers, testUsers });
  const named = ({ userAttributes, users }: RecommendOptions) =>
    userAttributes === undefined || (userAttributes.length > 0 && users !== undefined);
  const frozen = options.network?.encoder === 'frozen';
  const rules: readonly OptionRule[] = [
    [
      'model',
      options.model,
      options.model === undefined || options.items !== undefined || frozen,
      'a file of items beside it, or a frozen encoder',
    ],
    ['model', options.model, options.model !== undefined || !frozen, 'a language model for the frozen encoder'],
    [
      'text',
      options.text,
      options.text !== 'never' || options.network?.itemVectors !== false,
      "'auto' or 'always' where items have no vectors of their own",
    ],
    ['userAttributes', options.userAttributes, named(options), "columns of the users, and the users' file beside them"],
    ['minRating', options.minRating, options.minRating === undefined || Number.isFinite(options.minRating), 'a number'],
  ];
  checkOptions(rules, 'RECOMMEND_OPTION');
}

/** The options that are set, so that defaults can be spread below them. */
export function definedOnly<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
