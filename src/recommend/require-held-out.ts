import { SoftpromptError } from '../errors.js';
import type { SavedRecommender } from './folder/recommender-folder.js';

/**
 * Held-out interactions judge only what has not learned from them.
 * @param judged what is measured or learned, in words @throws RECOMMENDER_REFITTED
 */
export function requireHeldOut(
  { learnedFrom }: Pick<SavedRecommender, 'learnedFrom'>,
  folder: string,
  judged: string,
): void {
  if (learnedFrom === 'training') return;
  throw new SoftpromptError('RECOMMENDER_REFITTED', {
    found: `${judged} by a network of ${folder} that has learned from all interactions, those that validate and test among them`,
    expected: 'the network of that folder that has not learned from them',
    fix: "Open the folder with { network: 'held-out' }; the commands do so by themselves.",
  });
}
