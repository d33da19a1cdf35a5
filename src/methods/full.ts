import { readExactly, withOpenFile } from '../files/read-bytes.js';
import type { ModelConfig } from '../network/checkpoint/config.js';
import { familyOf } from '../network/families/registry.js';
import { learnedCount } from '../network/trainable.js';
import type { Method } from './method.js';
import { only } from './method-options.js';

/** All weights that the network reads, in the order of their names. */
function weightShapes(config: ModelConfig): Record<string, readonly number[]> {
  const weights = familyOf(config).weightGroups(config).flat();
  return Object.fromEntries(
    weights.map(({ name, shape }) => [name, shape] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Fine-tuning of all weights: what a frozen model is compared with. What is learned is as large as the model. */
export const full: Method = {
  name: 'full',
  about: 'fine-tuning: all weights of the model',
  tag: 'fine-tuning',
  tokens: 'none',
  starts: ['unchanged'],
  settle: (options) => only('full', [], options),
  trainable: (_, config) => ({
    arrays: weightShapes(config),
    rows: 0,
    leadingRows: 0,
    enter: (arrays) => ({ weight: (name) => arrays[name] }),
  }),
  learningRate: () => 5e-5,
  start: async ({ model: { checkpoint }, initialisation, options }) => {
    if (initialisation.kind === 'prompt') return initialisation.prompt.slice();
    const trainable = full.trainable(0, checkpoint.config, options);
    const values = new Float32Array(learnedCount(trainable));
    let at = 0;
    for (const name of Object.keys(trainable.arrays)) {
      const { file, offset, byteLength } = checkpoint.weights.get(name)!;
      const bytes = await withOpenFile(file, (open) => readExactly(open, offset, byteLength));
      values.set(new Float32Array(bytes.buffer, bytes.byteOffset, byteLength / 4), at);
      at += byteLength / 4;
    }
    return values;
  },
};
