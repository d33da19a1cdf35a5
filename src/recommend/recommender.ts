import type { ProgramOptions } from '../runtime/program.js';
import { type ItemItemModel, itemItemScorer } from './item-item-model.js';
import { type MixtureSettings, mixedScorer } from './mixture.js';
import type { BatchScorer } from './scorer.js';
import { sasRecScorer } from './sequential/sasrec.js';
import type { SasRec } from './sequential/sasrec-model.js';

/** A fitted recommender: a sequence network, and an item-item model that is mixed in where that helped. */
export interface Recommender {
  /** Code → id. */
  readonly items: readonly string[];
  readonly network: SasRec;
  readonly itemItem:
    | {
        readonly model: ItemItemModel;
        readonly mixture: MixtureSettings;
        /** Whether items that nobody met borrow votes by their texts. Default: yes. */
        readonly borrows?: boolean | undefined;
      }
    | undefined;
}

/** Loads the network. Errors: GRAPH_RUN. */
export async function recommenderScorer(
  { network, itemItem }: Recommender,
  options: ProgramOptions = {},
): Promise<{ readonly score: BatchScorer; release(): Promise<void> }> {
  const scorer = await sasRecScorer(network, options);
  if (itemItem === undefined) return scorer;
  return {
    score: mixedScorer(scorer.score, itemItemScorer(itemItem.model), itemItem.mixture),
    release: scorer.release,
  };
}
