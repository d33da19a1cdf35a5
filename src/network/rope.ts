import * as op from '../autodiff/build.js';
import { multiplySizes, type Size } from '../autodiff/size.js';
import type { Tensor } from '../autodiff/tensor.js';

/** How rotary position embedding is stretched over longer texts than a model was first trained on. */
export type RopeScaling =
  | { readonly type: 'none' }
  | { readonly type: 'linear'; readonly factor: number }
  | {
      readonly type: 'llama3';
      readonly factor: number;
      readonly lowFrequencyFactor: number;
      readonly highFrequencyFactor: number;
      readonly originalMaxPositions: number;
    }
  | {
      /** YaRN (Peng et al. 2023). */
      readonly type: 'yarn';
      readonly factor: number;
      readonly originalMaxPositions: number;
      readonly fastTurns: number;
      readonly slowTurns: number;
      /** Whether the range that is blended ends at whole frequencies. */
      readonly truncate: boolean;
      readonly attentionFactor: number;
    }
  | {
      /** LongRoPE (Ding et al. 2024): a divisor for each frequency. */
      readonly type: 'longrope';
      readonly short: readonly number[];
      readonly long: readonly number[];
      readonly originalMaxPositions: number;
      readonly attentionFactor: number;
    };

/** Rotary position embedding (Su et al. 2021). */
export interface RopeConfig {
  readonly theta: number;
  /** How many numbers of each head turn, its first ones; default: all. */
  readonly size?: number | undefined;
  readonly scaling: RopeScaling;
}

export interface RotaryTables {
  readonly cosine: Tensor;
  readonly sine: Tensor;
}

/** Heads x [rows, heads·s] turned by the rows' positions [rows]: the first `tables` columns · 2 numbers of each head. */
export function rotateHeads(
  x: Tensor,
  tables: RotaryTables,
  positions: Tensor,
  { heads, headSize: s }: { readonly heads: number; readonly headSize: number },
): Tensor {
  const turning = 2 * (tables.cosine.shape[1] as number);
  if (turning === s) return op.rotary(x, tables, positions, heads);
  const rows = x.shape[0] as Size;
  const [first, rest] = op.split(op.reshape(x, [multiplySizes(rows, heads), s]), 1, [turning, s - turning]);
  const turned = op.rotary(op.reshape(first!, [rows, heads * turning]), tables, positions, heads);
  const whole = op.concat([op.reshape(turned, [multiplySizes(rows, heads), turning]), rest!], 1);
  return op.reshape(whole, [rows, heads * s]);
}

/** The tables of a model as constants of its network, for positions below `positions`. */
export function rotaryConstants(rope: RopeConfig, headSize: number, positions: number): RotaryTables {
  const { cosine, sine } = rotaryTables(rope, rope.size ?? headSize, positions);
  const shape = [positions, (rope.size ?? headSize) / 2];
  return { cosine: op.constant(cosine, shape), sine: op.constant(sine, shape) };
}

/** Cosine and sine of the rotary position embedding, [positions, size/2] each (Su et al. 2021, section 3.4). */
function rotaryTables(
  { theta, scaling }: RopeConfig,
  size: number,
  positions: number,
): { readonly cosine: Float32Array; readonly sine: Float32Array } {
  const half = size / 2;
  const cosine = new Float32Array(positions * half);
  const sine = new Float32Array(positions * half);
  const length = scaling.type === 'yarn' || scaling.type === 'longrope' ? scaling.attentionFactor : 1;
  for (let i = 0; i < half; i++) {
    const frequency = scaled(theta ** (-i / half), scaling, { i, half, theta, positions });
    for (let position = 0; position < positions; position++) {
      cosine[position * half + i] = length * Math.cos(position * frequency);
      sine[position * half + i] = length * Math.sin(position * frequency);
    }
  }
  return { cosine, sine };
}

/** Radians a position, of the i-th of `half` frequencies. */
function scaled(
  frequency: number,
  scaling: RopeScaling,
  { i, half, theta, positions }: Readonly<Record<'i' | 'half' | 'theta' | 'positions', number>>,
): number {
  switch (scaling.type) {
    case 'none':
      return frequency;
    case 'linear':
      return frequency / scaling.factor;
    case 'llama3': {
      const { factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalMaxPositions } = scaling;
      const wavelength = (2 * Math.PI) / frequency;
      if (wavelength < originalMaxPositions / high) return frequency;
      if (wavelength > originalMaxPositions / low) return frequency / factor;
      const smooth = (originalMaxPositions / wavelength - low) / (high - low);
      return (1 - smooth) * (frequency / factor) + smooth * frequency;
    }
    case 'yarn': {
      // the frequency (its number) that turns so often within the original positions
      const place = (turns: number) =>
        (half * Math.log(scaling.originalMaxPositions / (turns * 2 * Math.PI))) / Math.log(theta);
      const [first, last] = [place(scaling.fastTurns), place(scaling.slowTurns)];
      const low = Math.max(scaling.truncate ? Math.floor(first) : first, 0);
      const high = Math.min(scaling.truncate ? Math.ceil(last) : last, 2 * half - 1);
      const ramp = Math.min(Math.max((i - low) / (low === high ? 0.001 : high - low), 0), 1);
      return (frequency / scaling.factor) * ramp + frequency * (1 - ramp);
    }
    case 'longrope': {
      // one choice for all texts that the network takes: those that need long ones are read with long ones throughout
      const divisors = positions > scaling.originalMaxPositions ? scaling.long : scaling.short;
      return frequency / divisors[i]!;
    }
  }
}
