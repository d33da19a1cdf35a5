import { z } from 'zod';
import * as op from '../autodiff/build.js';
import type { ModelConfig } from '../network/checkpoint/config.js';
import type { LinearRole } from '../network/families/family.js';
import { layersNamed, namesOfRoles } from '../network/linear-layers.js';
import { arraysOfLayers, PEFT_PREFIX, targetModules } from './changed-layers.js';
import type { Method } from './method.js';
import { only } from './method-options.js';
import { sameMethodStart } from './same-method-start.js';

const SCALE = '.ia3_l';

/** Families for which PEFT scales queries where the paper scales keys. */
const QUERY_FAMILIES: readonly string[] = ['qwen2', 'qwen3', 'opt', 'gpt_neo', 'gemma', 'gemma2', 'gemma3_text'];

const rolesOf = ({ family }: ModelConfig): readonly LinearRole[] => [
  QUERY_FAMILIES.includes(family) ? 'query' : 'key',
  'value',
  'queries, keys and values',
  'feed-forward output',
];

const fields = z.object({ target_modules: z.union([z.array(z.string()), z.string()]).nullish() });

/**
 * (IA)³ (Liu et al. 2022, section 3.3): keys, values and what enters the feed-forward output are multiplied number by number
 * by learned scales, which start at 1. As PEFT lays them out: [out, 1] for scales behind a layer, [1, in] for those before it.
 */
export const ia3: Method = {
  name: 'ia3',
  about: '(IA)³: learned scales of keys, values and feed-forward activations (Liu et al. 2022)',
  tag: 'ia3',
  tokens: 'none',
  starts: ['unchanged'],
  settle: (options, config) => {
    const given = only('ia3', ['targetModules'], options);
    return { targetModules: targetModules(given, config, rolesOf(config)) };
  },
  trainable: (_, config, { targetModules: names }) => {
    const before = new Set(
      layersNamed(config, namesOfRoles(config, ['feed-forward output'])).map(({ name }) => name + SCALE),
    );
    return {
      arrays: arraysOfLayers(config, names!, ({ name, inputs, outputs }) => ({
        [name + SCALE]: before.has(name + SCALE) ? [1, inputs] : [outputs, 1],
      })),
      rows: 0,
      leadingRows: 0,
      enter: (arrays) => ({
        linear: (module) => {
          const scales = arrays[module + SCALE];
          if (scales === undefined) return undefined;
          if (before.has(module + SCALE)) return { before: (x) => op.multiply(x, scales) };
          return { after: (_x, y) => op.multiply(y, op.reshape(scales, [1, scales.shape[0]!])) };
        },
      }),
    };
  },
  learningRate: () => 2e-2,
  start: (request) => sameMethodStart(request, ia3, () => () => 1),
  changes: (arrays) =>
    Object.entries(arrays).map(([name, scales]) => ({
      layer: name.slice(0, -SCALE.length),
      norm: Math.sqrt(scales.reduce((sum, scale) => sum + (scale - 1) ** 2, 0)),
    })),
  peft: {
    type: 'IA3',
    config: ({ options, arrays }, { transposed }) => ({
      exclude_modules: null,
      fan_in_fan_out: transposed ?? false,
      feedforward_modules: options.targetModules!.filter((name) =>
        Object.entries(arrays).some(
          ([array, shape]) => shape[0] === 1 && `.${array.slice(0, -SCALE.length)}`.endsWith(`.${name}`),
        ),
      ),
      init_ia3_weights: true,
      target_modules: options.targetModules,
    }),
    read: async (read, refuse) => {
      const { target_modules: named } = await read(fields);
      if (!Array.isArray(named)) throw refuse('scales without the list of their layers (target_modules)');
      return { tokens: 0, options: { targetModules: named }, shape: () => [null, null] };
    },
    tensor: (array) => PEFT_PREFIX + array,
    array: (tensor) =>
      tensor.startsWith(PEFT_PREFIX) && tensor.endsWith(SCALE) ? tensor.slice(PEFT_PREFIX.length) : undefined,
  },
};
