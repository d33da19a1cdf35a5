/** AdamW (Loshchilov & Hutter 2019, algorithm 2) over one flat parameter array. */
export interface AdamWSettings {
  readonly beta1: number;
  readonly beta2: number;
  /** Added to the root of the second moment. */
  readonly epsilon: number;
  /** Decoupled: each step shrinks the parameters by learning rate × this. */
  readonly weightDecay: number;
}

/** What the optimiser remembers; saved with a checkpoint so that a resumed run goes on bit for bit. */
export interface AdamWState {
  /** Updates done. */
  readonly step: number;
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
}

export function adamWStart(size: number): AdamWState {
  return { step: 0, firstMoment: new Float32Array(size), secondMoment: new Float32Array(size) };
}

/** One update: new parameters and state; the arguments stay as they are. */
export function adamWStep(
  parameters: Float32Array,
  gradient: Float32Array,
  state: AdamWState,
  learningRate: number,
  { beta1, beta2, epsilon, weightDecay }: AdamWSettings,
): { readonly parameters: Float32Array; readonly state: AdamWState } {
  const step = state.step + 1;
  const correction1 = 1 - beta1 ** step;
  const correction2 = 1 - beta2 ** step;
  const firstMoment = state.firstMoment.map((m, i) => beta1 * m + (1 - beta1) * gradient[i]!);
  const secondMoment = state.secondMoment.map((v, i) => beta2 * v + (1 - beta2) * gradient[i]! * gradient[i]!);
  const updated = parameters.map((p, i) => {
    const direction = firstMoment[i]! / correction1 / (Math.sqrt(secondMoment[i]! / correction2) + epsilon);
    return p - learningRate * (direction + weightDecay * p);
  });
  return { parameters: updated, state: { step, firstMoment, secondMoment } };
}

/** Scales a gradient down to the given Euclidean norm if it is longer; returns the norm it had. */
export function clipGradient(
  gradient: Float32Array,
  maxNorm: number,
): { readonly gradient: Float32Array; readonly norm: number } {
  let squares = 0;
  for (const g of gradient) squares += g * g;
  const norm = Math.sqrt(squares);
  return { gradient: norm > maxNorm ? gradient.map((g) => (g * maxNorm) / norm) : gradient, norm };
}
