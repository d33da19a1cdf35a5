import type { ItemFeatures } from './sasrec-options.js';

/** What the network is told of the items. */
export interface ItemInputs {
  readonly features: ItemFeatures | undefined;
  /** [I] how much of each item's own vector counts. */
  readonly shares: Float32Array | undefined;
}

export function itemFeeds({ features, shares }: ItemInputs): Record<string, Float32Array> {
  return { ...(features && { features: features.vectors }), ...(shares && { itemShares: shares }) };
}
