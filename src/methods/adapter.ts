import * as op from '../autodiff/build.js';
import { arraysOfLayers, targetModules } from './changed-layers.js';
import type { Method } from './method.js';
import { checkMethodOptions, only } from './method-options.js';
import { sameMethodStart } from './same-method-start.js';

const ROLES = ['attention output', 'feed-forward output'] as const;
const DEFAULTS = { bottleneck: 16 } as const;
const PARTS = { down: '.adapter_down', downBias: '.adapter_down_bias', up: '.adapter_up', upBias: '.adapter_up_bias' };

/**
 * Bottleneck adapters (Houlsby et al. 2019, section 2.1): behind attention and feed-forward block, before the residual is
 * added, y becomes y + U·gelu(D·y + b) + c, D [m, d] and U [d, m] learned. U starts at zero, so that nothing is changed at first.
 */
export const adapter: Method = {
  name: 'adapter',
  about: 'bottleneck adapters behind attention and feed-forward blocks (Houlsby et al. 2019)',
  tag: 'adapter',
  tokens: 'none',
  starts: ['unchanged'],
  settle: (options, config) => {
    const given = only('adapter', ['bottleneck', 'targetModules'], options);
    const settled = { ...DEFAULTS, ...given, targetModules: targetModules(given, config, ROLES) };
    const { bottleneck: m } = settled;
    checkMethodOptions([['bottleneck', m, Number.isInteger(m) && m! > 0, 'a whole number above 0']]);
    return settled;
  },
  trainable: (_, config, { bottleneck, targetModules: names }) => {
    const m = bottleneck!;
    return {
      arrays: arraysOfLayers(config, names!, ({ name, outputs }) => ({
        [name + PARTS.down]: [m, outputs],
        [name + PARTS.downBias]: [m],
        [name + PARTS.up]: [outputs, m],
        [name + PARTS.upBias]: [outputs],
      })),
      rows: 0,
      leadingRows: 0,
      enter: (arrays) => ({
        linear: (module) => {
          const part = (name: keyof typeof PARTS) => arrays[module + PARTS[name]]!;
          if (part('down') === undefined) return undefined;
          return {
            after: (_x, y) => {
              const inner = op.gelu(op.add(op.linear(y, part('down')), part('downBias')));
              return op.add(y, op.add(op.linear(inner, part('up')), part('upBias')));
            },
          };
        },
      }),
    };
  },
  learningRate: () => 1e-3,
  start: (request) =>
    sameMethodStart(request, adapter, (name, shape, random) =>
      name.endsWith(PARTS.down) ? () => (2 * random.uniform() - 1) / Math.sqrt(shape[1]!) : () => 0,
    ),
  changes: (arrays) =>
    Object.entries(arrays).flatMap(([name, up]) =>
      name.endsWith(PARTS.up)
        ? [{ layer: name.slice(0, -PARTS.up.length), norm: Math.sqrt(up.reduce((sum, x) => sum + x * x, 0)) }]
        : [],
    ),
};
