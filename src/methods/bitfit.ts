import * as op from '../autodiff/build.js';
import { readExactly, withOpenFile } from '../files/read-bytes.js';
import type { ModelConfig } from '../network/checkpoint/config.js';
import { familyOf } from '../network/families/registry.js';
import { linearLayers } from '../network/linear-layers.js';
import { learnedCount } from '../network/trainable.js';
import type { Method } from './method.js';
import { only } from './method-options.js';

const BIAS = '.bias';

/** The biases of a model, and those of linear layers that have none. */
function biasShapes(config: ModelConfig): Record<string, readonly number[]> {
  const own = familyOf(config)
    .weightGroups(config)
    .flat()
    .filter(({ name }) => name.endsWith(BIAS))
    .map(({ name, shape }) => [name, shape] as const);
  const added = linearLayers(config).map(({ name, outputs }) => [name + BIAS, [outputs]] as const);
  return Object.fromEntries([...added, ...own].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * BitFit (Ben Zaken et al. 2022): the biases alone are learned. Models of the Llama kind have none, so each linear layer gets
 * one that starts at zero.
 */
export const bitfit: Method = {
  name: 'bitfit',
  about: 'BitFit: the biases of all layers (Ben Zaken et al. 2022)',
  tag: 'bitfit',
  tokens: 'none',
  starts: ['unchanged'],
  settle: (options) => only('bitfit', [], options),
  trainable: (_, config) => {
    const arrays = biasShapes(config);
    const names = new Set(
      familyOf(config)
        .weightGroups(config)
        .flat()
        .map(({ name }) => name),
    );
    return {
      arrays,
      rows: 0,
      leadingRows: 0,
      enter: (tensors) => ({
        weight: (name) => tensors[name],
        linear: (module) => {
          const bias = tensors[module + BIAS];
          return bias === undefined || names.has(module + BIAS) ? undefined : { after: (_x, y) => op.add(y, bias) };
        },
      }),
    };
  },
  learningRate: () => 2e-3,
  start: async ({ model: { checkpoint }, initialisation, options }) => {
    if (initialisation.kind === 'prompt') return initialisation.prompt.slice();
    const trainable = bitfit.trainable(0, checkpoint.config, options);
    const values = new Float32Array(learnedCount(trainable));
    let at = 0;
    for (const [name, [length]] of Object.entries(trainable.arrays)) {
      const stored = checkpoint.weights.get(name);
      if (stored !== undefined) {
        const bytes = await withOpenFile(stored.file, (open) => readExactly(open, stored.offset, stored.byteLength));
        values.set(new Float32Array(bytes.buffer, bytes.byteOffset, length!), at);
      }
      at += length!;
    }
    return values;
  },
};
