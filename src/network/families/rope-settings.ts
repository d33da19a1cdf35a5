import { z } from 'zod';
import type { Settings } from '../checkpoint/settings.js';
import type { RopeConfig, RopeScaling } from '../rope.js';

const positive = z.number().positive();
const size = z.int().positive();

/** Rotary positions as a model's kept settings hold them. */
export const ropeRecord = z.object({
  theta: positive,
  size: size.optional(),
  scaling: z.discriminatedUnion('type', [
    z.object({ type: z.literal('none') }),
    z.object({ type: z.literal('linear'), factor: positive }),
    z.object({
      type: z.literal('llama3'),
      factor: positive,
      lowFrequencyFactor: positive,
      highFrequencyFactor: positive,
      originalMaxPositions: size,
    }),
    z.object({
      type: z.literal('yarn'),
      factor: positive,
      originalMaxPositions: size,
      fastTurns: positive,
      slowTurns: positive,
      truncate: z.boolean(),
      attentionFactor: positive,
    }),
    z.object({
      type: z.literal('longrope'),
      short: z.array(positive),
      long: z.array(positive),
      originalMaxPositions: size,
      attentionFactor: positive,
    }),
  ]),
});

/** What a family's rotary settings are called and default to, where they differ from Llama's. */
export interface RopeDefaults {
  readonly theta?: number;
  readonly thetaKey?: string;
  /** Share of each head that turns. */
  readonly share?: number;
  readonly shareKey?: string;
}

/**
 * How positions turn heads of the size s. transformers 4 writes `rope_theta` and `rope_scaling`, transformers 5
 * `rope_parameters` with everything in it. Errors: MODEL_CONFIG_INVALID, MODEL_UNSUPPORTED.
 */
export function readRope(settings: Settings, headSize: number, defaults: RopeDefaults = {}): RopeConfig {
  const parameters = settings.group('rope_parameters');
  const { thetaKey = 'rope_theta', shareKey = 'partial_rotary_factor' } = defaults;
  const theta = settings.positive(thetaKey, defaults.theta ?? 10000);
  return readRopeGroup(settings, parameters ?? settings.group('rope_scaling'), headSize, {
    theta: parameters?.positive('rope_theta', theta) ?? theta,
    share: settings.positive(shareKey, defaults.share ?? 1),
  });
}

/** @param group what one object says of the scaling; undefined: none */
export function readRopeGroup(
  settings: Settings,
  group: Settings | undefined,
  headSize: number,
  { theta: defaultTheta, share: defaultShare = 1 }: { readonly theta: number; readonly share?: number },
): RopeConfig {
  const theta = group?.positive('rope_theta', defaultTheta) ?? defaultTheta;
  const place = group ?? settings;
  const share = group?.positive('partial_rotary_factor', defaultShare) ?? defaultShare;
  const turning = Math.trunc(headSize * share);
  if (share > 1 || turning % 2 !== 0 || turning === 0) {
    throw place.invalid('partial_rotary_factor', `a share of ${headSize} that is an even number`);
  }
  const scaling = group === undefined ? ({ type: 'none' } as const) : readScaling(group, settings, turning / 2);
  return { theta, ...(turning !== headSize && { size: turning }), scaling };
}

function readScaling(scaling: Settings, settings: Settings, frequencies: number): RopeScaling {
  const type = scaling.text('rope_type') ?? scaling.text('type') ?? 'default';
  const maxPositions = settings.size('max_position_embeddings');
  const originalMaxPositions = settings.size(
    'original_max_position_embeddings',
    scaling.size('original_max_position_embeddings', maxPositions),
  );
  switch (type) {
    case 'default':
      return { type: 'none' };
    case 'linear':
      return { type: 'linear', factor: scaling.positive('factor') };
    case 'llama3': {
      const lowFrequencyFactor = scaling.positive('low_freq_factor');
      const highFrequencyFactor = scaling.positive('high_freq_factor');
      if (highFrequencyFactor <= lowFrequencyFactor) {
        throw scaling.invalid('high_freq_factor', 'more than low_freq_factor');
      }
      const factor = scaling.positive('factor');
      return { type, factor, lowFrequencyFactor, highFrequencyFactor, originalMaxPositions };
    }
    case 'yarn': {
      const factor = scaling.positive('factor', maxPositions / originalMaxPositions);
      return {
        ...{ type, factor, originalMaxPositions },
        fastTurns: scaling.positive('beta_fast', 32),
        slowTurns: scaling.positive('beta_slow', 1),
        truncate: scaling.flag('truncate', true),
        attentionFactor: scaling.positive('attention_factor', yarnAttention(scaling, factor)),
      };
    }
    case 'longrope':
    case 'su': {
      const factor = scaling.positive('factor', maxPositions / originalMaxPositions);
      const usual = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(originalMaxPositions));
      return {
        type: 'longrope',
        short: divisors(scaling, 'short_factor', frequencies),
        long: divisors(scaling, 'long_factor', frequencies),
        originalMaxPositions,
        attentionFactor: scaling.positive('attention_factor', usual),
      };
    }
    default:
      throw scaling.unsupported(
        `the rope type '${type}'`,
        "the rope type 'default', 'linear', 'llama3', 'yarn' or 'longrope'",
      );
  }
}

/** Peng et al. 2023, equation 22, with DeepSeek's two scales where both are given. */
function yarnAttention(scaling: Settings, factor: number): number {
  const of = (scale: number) => (factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1);
  const [own, all] = [scaling.get('mscale'), scaling.get('mscale_all_dim')];
  return own && all ? of(scaling.positive('mscale')) / of(scaling.positive('mscale_all_dim')) : of(1);
}

function divisors(scaling: Settings, key: string, frequencies: number): readonly number[] {
  const list = scaling.get(key);
  const fits = Array.isArray(list) && list.length === frequencies && list.every((x) => typeof x === 'number' && x > 0);
  if (!fits) throw scaling.invalid(key, `${frequencies} numbers above 0`);
  return list as number[];
}
