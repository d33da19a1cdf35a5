import type { AdamWSettings } from './adamw.js';

/**
 * `adamWStep` for large arrays: overwrites parameters and moments.
 * @param gradientScale what the gradient is multiplied by, for clipping
 * @param step updates done with this one, from 1
 */
export function adamWInPlace(
  parameters: Float32Array,
  gradient: Float32Array,
  moments: { readonly first: Float32Array; readonly second: Float32Array },
  gradientScale: number,
  step: number,
  learningRate: number,
  { beta1, beta2, epsilon, weightDecay }: AdamWSettings,
): void {
  const { first, second } = moments;
  const correction1 = 1 - beta1 ** step;
  const correction2 = 1 - beta2 ** step;
  for (let i = 0; i < parameters.length; i++) {
    const g = gradient[i]! * gradientScale;
    const m = Math.fround(beta1 * first[i]! + (1 - beta1) * g);
    const v = Math.fround(beta2 * second[i]! + (1 - beta2) * g * g);
    first[i] = m;
    second[i] = v;
    const direction = m / correction1 / (Math.sqrt(v / correction2) + epsilon);
    parameters[i]! -= learningRate * (direction + weightDecay * parameters[i]!);
  }
}
