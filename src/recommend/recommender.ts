import type { ProgramOptions } from '../runtime/program.js';
import { type ItemItemModel, itemItemScorer } from './item-item-model.js';
import { type Likeness, withLikeness } from './likeness.js';
import { type MixtureSettings, mixedScorer } from './mixture.js';
import type { BatchScorer } from './scorer.js';
import { sasRecScorer } from './sequential/sasrec.js';
import type { SasRec } from './sequential/sasrec-model.js';
import { type Trend, withTrend } from './trend.js';

/**
 * A fitted recommender: a sequence network, and an item-item model, likeness of texts and what is popular lately, each where
 * that helped.
 */
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
        /** Whether the model speaks for items of the fit that nobody met: EASE with texts does, by their words. Default: no. */
        readonly wordVotes?: boolean | undefined;
      }
    | undefined;
  /** What items gain by being like the latest ones of a history, where that helped. */
  readonly likeness?: Likeness | undefined;
  /** What items gain by being popular lately, where that helped. */
  readonly trend?: Trend | undefined;
}

/** Loads the network. Errors: GRAPH_RUN. */
export async function recommenderScorer(
  { network, itemItem, likeness, trend }: Recommender,
  options: ProgramOptions = {},
): Promise<{ readonly score: BatchScorer; release(): Promise<void> }> {
  const scorer = await sasRecScorer(network, options);
  const voted = itemItem ? mixedScorer(scorer.score, itemItemScorer(itemItem.model), itemItem.mixture) : scorer.score;
  const mixed = trend ? withTrend(voted, trend) : voted;
  if (likeness === undefined) return { score: mixed, release: scorer.release };
  const liked = await withLikeness(mixed, likeness, options);
  const release = async () => {
    await liked.release();
    await scorer.release();
  };
  return { score: liked.score, release };
}
