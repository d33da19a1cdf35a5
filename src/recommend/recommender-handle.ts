import type { Closable } from '../runtime/closable.js';
import type { BaseModelMatch } from '../tasks/prompt-folder/base-model-match.js';
import type { SavedRecommender } from './folder/recommender-folder.js';
import type { ItemTable } from './serving/item-table.js';
import type { ServedCatalogue } from './serving/served-catalogue.js';

/** A recommender from its folder, ready to answer. */
export interface OpenRecommender extends Closable {
  readonly folder: string;
  readonly saved: SavedRecommender;
  /** See `LoadedRecommender`. */
  readonly match: BaseModelMatch | undefined;
  readonly modelNote?: string | undefined;
  /** A hash of what a table of new items added; undefined where none was given. */
  readonly grown?: string | undefined;
  readonly served: ServedCatalogue;
  /** [I] 1 for items that updates brought and of which nothing is known before the next fit; undefined where none are. */
  readonly waiting?: Uint8Array | undefined;
  /** id → code */
  readonly itemCodes: ReadonlyMap<string, number>;
  readonly userCodes: ReadonlyMap<string, number>;
  /** Keys of the events that updates brought, see `eventKey`. */
  readonly brought: ReadonlySet<string>;
  /** The items' attributes for conditions, loaded when they are first asked for. */
  itemTable(): Promise<ItemTable>;
}
