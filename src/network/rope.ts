import * as op from '../autodiff/build.js';
import type { Tensor } from '../autodiff/tensor.js';

/** Rotary position embedding (Su et al. 2021), with Llama 3's and linear frequency scaling. */
export interface RopeConfig {
  readonly theta: number;
  readonly scaling:
    | { readonly type: 'none' }
    | { readonly type: 'linear'; readonly factor: number }
    | {
        readonly type: 'llama3';
        readonly factor: number;
        readonly lowFrequencyFactor: number;
        readonly highFrequencyFactor: number;
        readonly originalMaxPositions: number;
      };
}

/** The tables of a model as constants of its network, for positions below `positions`. */
export function rotaryConstants(
  { rope, headSize }: { readonly rope: RopeConfig; readonly headSize: number },
  positions: number,
): { readonly cosine: Tensor; readonly sine: Tensor } {
  const { cosine, sine } = rotaryTables(rope, headSize, positions);
  const shape = [positions, headSize / 2];
  return { cosine: op.constant(cosine, shape), sine: op.constant(sine, shape) };
}

/**
 * Cosine and sine of the rotary position embedding, [positions, headSize/2] each (Su et al. 2021, section 3.4), with
 * linear scaling (positions divided by a factor) or Llama 3.1's (long wavelengths divided, short ones kept, those between
 * blended).
 */
function rotaryTables(
  rope: RopeConfig,
  headSize: number,
  positions: number,
): { readonly cosine: Float32Array; readonly sine: Float32Array } {
  const half = headSize / 2;
  const cosine = new Float32Array(positions * half);
  const sine = new Float32Array(positions * half);
  for (let i = 0; i < half; i++) {
    const frequency = scaled(rope.theta ** (-i / half), rope.scaling);
    for (let position = 0; position < positions; position++) {
      cosine[position * half + i] = Math.cos(position * frequency);
      sine[position * half + i] = Math.sin(position * frequency);
    }
  }
  return { cosine, sine };
}

/** Radians a position. */
function scaled(frequency: number, scaling: RopeConfig['scaling']): number {
  if (scaling.type === 'none') return frequency;
  if (scaling.type === 'linear') return frequency / scaling.factor;
  const { factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalMaxPositions } = scaling;
  const wavelength = (2 * Math.PI) / frequency;
  if (wavelength < originalMaxPositions / high) return frequency;
  if (wavelength > originalMaxPositions / low) return frequency / factor;
  const smooth = (originalMaxPositions / wavelength - low) / (high - low);
  return (1 - smooth) * (frequency / factor) + smooth * frequency;
}
