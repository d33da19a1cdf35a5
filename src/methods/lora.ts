import { z } from 'zod';
import * as op from '../autodiff/build.js';
import type { Trainable } from '../network/trainable.js';
import { arraysOfLayers, PEFT_PREFIX, targetModules } from './changed-layers.js';
import type { Method } from './method.js';
import { checkMethodOptions, type MethodOptions, only } from './method-options.js';
import { sameMethodStart } from './same-method-start.js';

/** Queries and values, as the paper found best for its budget (section 7.1) and PEFT has it. */
const ROLES = ['query', 'value', 'queries, keys and values'] as const;
const DEFAULTS = { rank: 8, alpha: 8, rslora: false } as const;

const A = '.lora_A';
const B = '.lora_B';

/** What PEFT's LoraConfig has beyond rank, α and layers: what else it may say would change the result. */
const fields = z.object({
  r: z.int().positive(),
  lora_alpha: z.number(),
  use_rslora: z.boolean().nullish(),
  lora_dropout: z.number().nullish(),
  target_modules: z.union([z.array(z.string()), z.string()]).nullish(),
});
const foreignFields = z.object({
  bias: z.string().nullish(),
  use_dora: z.boolean().nullish(),
  use_qalora: z.boolean().nullish(),
  use_bdlora: z.unknown(),
  lora_bias: z.boolean().nullish(),
  rank_pattern: z.record(z.string(), z.number()).nullish(),
  alpha_pattern: z.record(z.string(), z.number()).nullish(),
  layer_replication: z.array(z.unknown()).nullish(),
  target_parameters: z.array(z.string()).nullish(),
  trainable_token_indices: z.unknown(),
  alora_invocation_tokens: z.array(z.number()).nullish(),
  layers_to_transform: z.unknown(),
});

/**
 * LoRA (Hu et al. 2022, section 4.1): a linear layer W·x becomes W·x + α/r·B·A·x, A [r, in] and B [out, r] learned. A starts
 * at random and B at zero, so that nothing is changed at first. With dropout, training leaves numbers of x out of the change alone.
 */
export const lora: Method = {
  name: 'lora',
  about: 'LoRA: low-rank updates of linear layers (Hu et al. 2022)',
  tag: 'lora',
  tokens: 'none',
  starts: ['unchanged'],
  settle: (options, config) => {
    const given = only('lora', ['rank', 'alpha', 'rslora', 'dropout', 'targetModules'], options);
    const settled = { ...DEFAULTS, ...given, targetModules: targetModules(given, config, ROLES) };
    const { rank, alpha, dropout = 0 } = settled;
    checkMethodOptions([
      ['rank', rank, Number.isInteger(rank) && rank! > 0, 'a whole number above 0'],
      ['alpha', alpha, Number.isFinite(alpha) && alpha! > 0, 'a number above 0'],
      ['dropout', dropout, dropout >= 0 && dropout < 1, 'a share from 0 to below 1'],
    ]);
    return settled;
  },
  trainable: (_, config, options): Trainable => {
    const r = options.rank!;
    const scale = scaleOf(options);
    return {
      arrays: arraysOfLayers(config, options.targetModules!, ({ name, inputs, outputs }) => ({
        [name + A]: [r, inputs],
        [name + B]: [outputs, r],
      })),
      rows: 0,
      leadingRows: 0,
      dropout: options.dropout,
      enter: (arrays, _config, _given, drop = (x) => x) => ({
        linear: (module) => {
          const [a, b] = [arrays[module + A], arrays[module + B]];
          if (a === undefined || b === undefined) return undefined;
          return { after: (x, y) => op.add(y, op.matmul(op.linear(drop(x), a), b, { transposeB: true, scale })) };
        },
      }),
    };
  },
  learningRate: () => 2e-3,
  start: (request) =>
    sameMethodStart(request, lora, (name, [, inputs], random) =>
      name.endsWith(A) ? () => (2 * random.uniform() - 1) / Math.sqrt(inputs!) : () => 0,
    ),
  changes: (arrays, { options }) =>
    Object.entries(arrays).flatMap(([name, b]) => {
      if (!name.endsWith(B)) return [];
      const layer = name.slice(0, -B.length);
      return [{ layer, norm: scaleOf(options) * productNorm(b, arrays[layer + A]!, options.rank!) }];
    }),
  peft: {
    type: 'LORA',
    config: ({ options }, { transposed }) => ({
      alora_invocation_tokens: null,
      alpha_pattern: {},
      arrow_config: null,
      bias: 'none',
      corda_config: null,
      ensure_weight_tying: false,
      eva_config: null,
      exclude_modules: null,
      fan_in_fan_out: transposed ?? false,
      init_lora_weights: true,
      kasa_config: null,
      layer_replication: null,
      layers_pattern: null,
      layers_to_transform: null,
      loftq_config: {},
      lora_alpha: options.alpha,
      lora_bias: false,
      lora_dropout: options.dropout ?? 0,
      lora_ga_config: null,
      megatron_config: null,
      megatron_core: 'megatron.core',
      monteclora_config: null,
      qalora_group_size: 16,
      r: options.rank,
      rank_pattern: {},
      target_modules: options.targetModules,
      target_parameters: null,
      trainable_token_indices: null,
      use_bdlora: null,
      use_dora: false,
      use_qalora: false,
      use_rslora: options.rslora,
      velora_config: null,
    }),
    read: async (read, refuse) => {
      const foreign = Object.entries(await read(foreignFields)).find(([, value]) => changes(value));
      if (foreign !== undefined) throw refuse(`a LoRA with ${foreign[0]}: ${JSON.stringify(foreign[1])}`);
      const { r, lora_alpha: alpha, lora_dropout: dropout, ...said } = await read(fields);
      const { use_rslora, target_modules: named } = said;
      if (!Array.isArray(named)) throw refuse('a LoRA that does not list its layers (target_modules)');
      const options = {
        rank: r,
        alpha,
        rslora: use_rslora ?? false,
        ...(dropout && { dropout }),
        targetModules: named,
      };
      return { tokens: 0, options, shape: (array) => (array.endsWith(A) ? [r, null] : [null, r]) };
    },
    tensor: (array) => `${PEFT_PREFIX}${array}.weight`,
    array: (tensor) =>
      tensor.startsWith(PEFT_PREFIX) && /\.lora_[AB]\.weight$/.test(tensor)
        ? tensor.slice(PEFT_PREFIX.length, -'.weight'.length)
        : undefined,
  },
};

const scaleOf = ({ rank, alpha, rslora }: MethodOptions) => alpha! / (rslora ? Math.sqrt(rank!) : rank!);

/** Whether a field of LoraConfig says something other than that nothing is done. */
function changes(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === 'none') return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

/** ‖B·A‖ for B [out, r] and A [r, in]: √tr(BᵀB·AAᵀ). */
function productNorm(b: Float32Array, a: Float32Array, r: number): number {
  const [outputs, inputs] = [b.length / r, a.length / r];
  let squares = 0;
  for (let i = 0; i < r; i++) {
    for (let k = 0; k < r; k++) {
      let [ofB, ofA] = [0, 0];
      for (let o = 0; o < outputs; o++) ofB += b[o * r + i]! * b[o * r + k]!;
      for (let n = 0; n < inputs; n++) ofA += a[i * inputs + n]! * a[k * inputs + n]!;
      squares += ofB * ofA;
    }
  }
  return Math.sqrt(Math.max(0, squares));
}
