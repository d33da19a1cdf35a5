import type { InteractionStore } from '../interaction-store/interaction-store.js';
import type { Access } from './access.js';
import type { Erasure } from './erasure.js';
import type { HeldModels } from './held-models.js';
import type { Metrics } from './metrics.js';
import type { ServedPrompt, ServedRecommender } from './served.js';
import type { Shelf } from './shelf.js';
import type { Traces } from './traces.js';

/** What routes work with. */
export interface Service {
  readonly shelf: Shelf<ServedPrompt, ServedRecommender>;
  readonly models: HeldModels;
  /** Undefined where no interactions are kept. */
  readonly store: InteractionStore | undefined;
  /** Removes people wherever they are kept. */
  readonly erasure: Erasure;
  readonly access: Access;
  readonly metrics: Metrics;
  /** Undefined where none are made. */
  readonly traces: Traces | undefined;
  /** Seconds that a request may take. */
  readonly requestSeconds: number;
  /** Whether all that was there at the start is loaded, and nothing is being stopped. */
  ready: boolean;
  /** Whether it is being stopped. */
  stopping: boolean;
}
