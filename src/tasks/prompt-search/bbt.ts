import type { Random } from '../../random.js';
import { CmaEs } from '../../training/cma-es.js';
import type { Ask } from './paid-calls.js';

export interface BbtOptions {
  /** Numbers of learned tokens, flat. */
  readonly start: Float32Array;
  /** Places of the numbers that change together: all of a soft prompt, or those of a layer. */
  readonly blocks: readonly (readonly number[])[];
  readonly subspace: number;
  /** Standard deviation of the first moves, in units of the numbers' size at the start. */
  readonly reach: number;
  readonly population: number | undefined;
  readonly random: Random;
}

/**
 * BBT (Sun et al. 2022, "Black-Box Tuning for Language-Model-as-a-Service"): a soft prompt is its start plus a random projection of
 * a point that CMA-ES moves. With several blocks each layer has a projection and a search of its own, which take turns
 * (BBTv2, Sun et al. 2022, algorithm 1). Projections are normal, such that a point of unit variance moves the numbers by as much
 * as they vary at the start (BBTv2, section 4.1). Runs until the calls are spent.
 */
export async function bbt(
  ask: Ask,
  { start, blocks, subspace, reach, population, random }: BbtOptions,
): Promise<never> {
  const best = start.slice();
  let [least] = await ask([{ numbers: start }]);
  const searches = blocks.map((places) => {
    const spread = Math.sqrt(places.reduce((sum, i) => sum + start[i]! ** 2, 0) / places.length) || 1;
    const dimensions = Math.min(subspace, places.length);
    const size = (reach * spread) / Math.sqrt(dimensions);
    const projection = Float32Array.from({ length: places.length * dimensions }, () => size * random.normal());
    const cma = new CmaEs({ mean: new Float64Array(dimensions), sigma: 1, population, random });
    return { places, dimensions, projection, cma };
  });
  for (;;) {
    for (const { places, dimensions, projection, cma } of searches) {
      const points = cma.ask();
      const candidates = points.map((point) => {
        const numbers = best.slice();
        for (const [row, place] of places.entries()) {
          let moved = start[place]!;
          for (let j = 0; j < dimensions; j++) moved += projection[row * dimensions + j]! * point[j]!;
          numbers[place] = moved;
        }
        return { numbers };
      });
      const scored = await ask(candidates);
      cma.tell(
        points,
        scored.map(({ loss }) => loss),
      );
      for (const [i, one] of scored.entries()) {
        if (one.loss >= least!.loss) continue;
        least = one;
        best.set(candidates[i]!.numbers);
      }
    }
  }
}
