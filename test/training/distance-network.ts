import type { TuningRun } from '../../src/training/tune.js';

/**
 * A network whose loss is the mean squared distance of the prompt from (context[0], context[1]), both divided by `unit`: 7 makes numbers of
 * which sums in another order round otherwise.
 */
export const distanceNetwork = (unit = 1): TuningRun['network'] => ({
  prepareTraining: async () => {},
  lossAndGradient: async (prompt, batch, weight = 1 / batch.length) => {
    const gradient = new Float32Array(2);
    let loss = 0;
    for (const { context } of batch) {
      for (let i = 0; i < 2; i++) {
        const distance = prompt[i]! - context[i]! / unit;
        loss += weight * distance ** 2;
        gradient[i]! += weight * 2 * distance;
      }
    }
    return { loss, gradient };
  },
});
