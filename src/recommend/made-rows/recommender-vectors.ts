import { SoftpromptError } from '../../errors.js';
import { readRecommender } from '../folder/recommender-folder.js';
import type { ItemVectors } from '../item-vectors.js';
import { fuseItems, itemVectors } from '../sequential/fuse-items.js';

/** A recommender that knows fewer of the training rows' items than this was fitted on other data. */
const LEAST_KNOWN = 0.5;

/**
 * The vectors of a recommender's items, brought to numbers of about one.
 * @param met the items of the training rows and their histories
 * @throws RECOMMEND_DATA where it was fitted on other items, RECOMMENDER_INVALID
 */
export async function readRecommenderVectors(folder: string, met: ReadonlySet<string>): Promise<ItemVectors> {
  const { recommender } = await readRecommender(folder);
  const places = new Map(recommender.items.map((id, place) => [id, place]));
  const known = [...met].filter((id) => places.has(id)).length;
  if (known < LEAST_KNOWN * met.size) {
    throw new SoftpromptError('RECOMMEND_DATA', {
      found: `the recommender in ${folder} knows ${known} of the ${met.size} items of the training rows`,
      expected: 'one that was fitted on interactions with the same items',
      fix: 'Give the recommender of these data (--recommender), or leave it out.',
    });
  }
  const fused = await fuseItems(recommender.network);
  const values = itemVectors(fused).slice();
  const width = values.length / recommender.items.length;
  let squares = 0;
  for (const x of values) squares += x * x;
  const scale = 1 / (Math.sqrt(squares / values.length) || 1);
  return { places, values: values.map((x) => x * scale), width };
}
