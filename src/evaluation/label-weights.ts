import { smallest } from '../extremes.js';

/** Which weight rows of a label have in learning. */
export type Weighing = 'none' | 'balanced';

/** Whether the rarest of the labels that occur has less than half of an even share. */
export function hasRareLabel(targets: ArrayLike<number>, classes: number): boolean {
  const present = countLabels(targets, classes).filter((count) => count > 0);
  return smallest(present) < targets.length / present.length / 2;
}

/** [N] weights with the mean 1: all alike, or so that each label that occurs weighs the same (N / (C·n_c)). */
export function rowWeights(targets: ArrayLike<number>, classes: number, weighing: Weighing): Float64Array {
  const counts = countLabels(targets, classes);
  const present = counts.filter((count) => count > 0).length;
  return Float64Array.from(targets, (target) =>
    weighing === 'none' ? 1 : targets.length / (present * counts[target]!),
  );
}

/** [C] */
export function countLabels(targets: ArrayLike<number>, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (let i = 0; i < targets.length; i++) counts[targets[i]!]! += 1;
  return counts;
}

/** What is tried: even weights too, where a label is rare. */
export function weighings(
  targets: ArrayLike<number>,
  classes: number,
  asked: 'auto' | Weighing = 'auto',
): readonly Weighing[] {
  if (asked !== 'auto') return [asked];
  return hasRareLabel(targets, classes) ? ['none', 'balanced'] : ['none'];
}
