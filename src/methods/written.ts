import { NOTHING } from '../network/trainable.js';
import type { Method } from './method.js';
import { only } from './method-options.js';

/** Words alone: a template that was written or found by a search, of which nothing is learned by gradients. */
export const written: Method = {
  name: 'written',
  about: 'words alone: nothing is learned but the template',
  tag: 'prompt',
  tokens: 'none',
  starts: ['unchanged'],
  settle: (options) => only('written', [], options),
  trainable: () => NOTHING,
  learningRate: () => 1,
  start: async () => new Float32Array(0),
};
