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

/**
 * One update that overwrites parameters and moments, rounded to float32 each. Returns whether the parameters stay finite.
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
  settings: AdamWSettings,
): boolean {
  const update = { gradientScale, step, learningRate, settings };
  return adamWRange(parameters, gradient, moments, update, { from: 0, gradientFrom: 0, length: parameters.length });
}

/** Which numbers are updated: `length` parameters from `from` on, whose gradient stands from `gradientFrom` on. */
export interface UpdatedRange {
  readonly from: number;
  readonly gradientFrom: number;
  readonly length: number;
}

/** `adamWInPlace` of a part of the parameters. */
export function adamWRange(
  parameters: Float32Array,
  gradient: Float32Array,
  { first, second }: { readonly first: Float32Array; readonly second: Float32Array },
  update: {
    readonly gradientScale: number;
    readonly step: number;
    readonly learningRate: number;
    readonly settings: AdamWSettings;
  },
  { from, gradientFrom, length }: UpdatedRange,
): boolean {
  const { gradientScale, step, learningRate } = update;
  const { beta1, beta2, epsilon, weightDecay } = update.settings;
  const correction1 = 1 - beta1 ** step;
  const correction2 = 1 - beta2 ** step;
  let zero = 0; // or not a number, from the first parameter on that is not finite
  for (let n = 0; n < length; n++) {
    const i = from + n;
    const g = gradient[gradientFrom + n]! * gradientScale;
    const m = Math.fround(beta1 * first[i]! + (1 - beta1) * g);
    const v = Math.fround(beta2 * second[i]! + (1 - beta2) * g * g);
    first[i] = m;
    second[i] = v;
    const direction = m / correction1 / (Math.sqrt(v / correction2) + epsilon);
    const next = Math.fround(parameters[i]! - learningRate * (direction + weightDecay * parameters[i]!));
    parameters[i] = next;
    zero += next * 0;
  }
  return zero === 0;
}

/** One update: new parameters and state; the arguments stay as they are. */
export function adamWStep(
  parameters: Float32Array,
  gradient: Float32Array,
  state: AdamWState,
  learningRate: number,
  settings: AdamWSettings,
): { readonly parameters: Float32Array; readonly state: AdamWState } {
  const step = state.step + 1;
  const updated = parameters.slice();
  const moments = { first: state.firstMoment.slice(), second: state.secondMoment.slice() };
  adamWInPlace(updated, gradient, moments, 1, step, learningRate, settings);
  return { parameters: updated, state: { step, firstMoment: moments.first, secondMoment: moments.second } };
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
