/** How the learning rate moves after the warm-up. */
export const DECAYS = ['linear', 'cosine', 'constant'] as const;
export type Decay = (typeof DECAYS)[number];

export interface ScheduleSettings {
  /** The highest rate. */
  readonly learningRate: number;
  /** Share of all steps during which the rate rises linearly from 0. */
  readonly warmUp: number;
  /** From the highest rate down to 0 at the last step, or not at all. */
  readonly decay: Decay;
}

/** The rate of update `step` (0 is the first) of `totalSteps`. */
export function learningRateAt(
  step: number,
  totalSteps: number,
  { learningRate, warmUp, decay }: ScheduleSettings,
): number {
  const warmUpSteps = warmUp * totalSteps;
  if (step + 1 < warmUpSteps) return (learningRate * (step + 1)) / warmUpSteps;
  const progress = Math.max(0, step - warmUpSteps) / Math.max(1, totalSteps - warmUpSteps);
  if (decay === 'constant') return learningRate;
  return learningRate * (decay === 'linear' ? 1 - progress : (1 + Math.cos(Math.PI * progress)) / 2);
}
