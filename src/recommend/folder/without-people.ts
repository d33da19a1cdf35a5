import type { SavedRecommender } from './recommender-folder.js';

/** A recommender that keeps nobody: it answers histories that a request gives. */
export function withoutPeople(saved: SavedRecommender): SavedRecommender {
  const { recommender } = saved;
  const { users } = recommender.network;
  return {
    ...saved,
    users: [],
    histories: { offsets: Int32Array.of(0), items: new Int32Array(0) },
    recommender: {
      ...recommender,
      network: {
        ...recommender.network,
        ...(users && { users: { ...users, groups: new Int32Array(0) } }),
      },
    },
  };
}
