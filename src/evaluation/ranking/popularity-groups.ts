/** Groups of users or items by their training interactions. */
export const POPULARITY_GROUPS = ['cold', 'warm', 'popular'] as const;
export type PopularityGroup = (typeof POPULARITY_GROUPS)[number];

/**
 * `cold`: without any; `popular`: the given share of the others, those with the most; `warm`: the rest. Codes with as
 * many as the last popular one are popular too. Among users, `popular` are the most active.
 * @param trainCounts [codes] @returns [codes] places in POPULARITY_GROUPS
 */
export function popularityGroups(trainCounts: Int32Array, popularShare = 0.2): Uint8Array {
  const known = trainCounts.filter((count) => count > 0).sort();
  const fewest = known[known.length - Math.max(1, Math.round(popularShare * known.length))] ?? Number.POSITIVE_INFINITY;
  return Uint8Array.from(trainCounts, (count) => (count === 0 ? 0 : count < fewest ? 1 : 2));
}
