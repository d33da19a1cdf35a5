import { z } from 'zod';
import * as op from '../autodiff/build.js';
import type { Tensor } from '../autodiff/tensor.js';
import type { ModelConfig } from '../network/checkpoint/config.js';
import { keyValues } from '../network/key-values.js';
import type { Trainable } from '../network/trainable.js';
import { Random } from '../random.js';
import { layer, layerShapes, sorted } from './encoded.js';
import { initialPrompt, startIds } from './initialise.js';
import type { Method } from './method.js';
import { only } from './method-options.js';
import { ADAPTER_TENSOR } from './prompt-files.js';
import { noStart } from './soft-prompt.js';

/** Under which name the learned keys and values stand among the arrays. */
const PREFIX = 'prefix';

/**
 * Keys and values have the size that a layer gives them, whatever that of the embeddings is (`bench/method-rates`): at a tenth of the
 * embeddings' size the prefix of a model with small ones learned nothing in 100 updates.
 */
const RATE = 0.02;

/** Numbers of a prefix token: keys and values of every layer. */
export function prefixWidth({ layers, keyValueHeads, headSize }: ModelConfig): number {
  return layers * 2 * keyValueHeads * headSize;
}

/**
 * Prefix tuning (Li & Liang 2021, section 4; P-tuning v2, Liu et al. 2022): P learned keys and values in front of the rows
 * of every layer, which take positions but no rows. [P, layers·2·KV·s] as PEFT lays them out: the keys of layer i at 2i, the
 * values at 2i + 1.
 */
export function prefix(tokens: number, config: ModelConfig): Trainable {
  const { layers, keyValueHeads: KV, headSize: s } = config;
  return {
    arrays: { [PREFIX]: [tokens, prefixWidth(config)] },
    rows: 0,
    leadingRows: tokens,
    enter: (arrays) => {
      const parts = op.split(
        arrays[PREFIX]!,
        1,
        Array.from({ length: 2 * layers }, () => KV * s),
      );
      const byHead = (part: Tensor) => op.transpose(op.reshape(part, [tokens, KV, s]), [1, 0, 2]);
      return {
        leading: (layer) => ({ keys: byHead(parts[2 * layer]!), values: byHead(parts[2 * layer + 1]!) }),
      };
    },
  };
}

const fields = z.object({
  num_virtual_tokens: z.int().positive(),
  token_dim: z.int().positive(),
  num_layers: z.int().positive().nullish(),
  prefix_projection: z.boolean().nullish(),
  encoder_hidden_size: z.int().positive().nullish(),
});

export const prefixTuning: Method = {
  name: 'prefix',
  about: 'a prefix: learned keys and values in every layer (Li & Liang 2021; P-tuning v2)',
  tag: 'prefix-tuning',
  tokens: 'front',
  starts: ['vocabulary', 'labels', 'random', 'words', 'zero'],
  settle: (options, config) => {
    const given = only('prefix', ['projection', 'encoderSize'], options);
    return given.projection ? { encoderSize: config.hiddenSize, ...given } : {};
  },
  trainable: (tokens, config) => prefix(tokens, config),
  // a perceptron whose output the prefix is (Li & Liang 2021, section 4.3)
  encoder: (tokens, config, { projection, encoderSize }) => {
    if (!projection) return undefined;
    const width = prefixWidth(config);
    const inner = config.keyValueHeads * config.headSize;
    const arrays = sorted([
      ['embedding.weight', [tokens, inner]],
      ...layerShapes('transform', [
        [0, encoderSize!, inner],
        [2, width, encoderSize!],
      ]),
    ]);
    return {
      arrays,
      make: (named) => {
        const hidden = op.tanh(layer(named['embedding.weight']!, 'transform.0', named));
        return { [PREFIX]: layer(hidden, 'transform.2', named) };
      },
      // its output begins at the mean of the keys and values that a plain prefix would start as
      start: async (request) => {
        const plain = await prefixTuning.start({ ...request, options: {} });
        const random = new Random(request.seed);
        const numbers = Object.entries(arrays).flatMap(([name, [rows, columns]]) => {
          if (name === 'embedding.weight') return Array.from({ length: rows! * columns! }, () => random.normal());
          if (name === 'transform.2.bias')
            return Array.from({ length: width }, (_, i) => {
              let sum = 0;
              for (let t = 0; t < tokens; t++) sum += plain[t * width + i]! / tokens;
              return sum;
            });
          const bound = 1 / Math.sqrt(columns ?? inner);
          const size = name === 'transform.2.weight' ? 0.1 : 1;
          return Array.from({ length: rows! * (columns ?? 1) }, () => size * bound * (2 * random.uniform() - 1));
        });
        return Float32Array.from(numbers);
      },
    };
  },
  learningRate: () => RATE,
  start: ({ model: { checkpoint, tokenizer }, starts, initialisation, labelWords, scale, seed }) => {
    switch (initialisation.kind) {
      // keys and values that the model computes for the words as a text
      case 'vocabulary':
      case 'words':
      case 'labels': {
        const free = starts.filter(({ kind }) => kind === 'free').length;
        const drawn = startIds(free, initialisation, { tokenizer, labelWords }, new Random(seed));
        return keyValues(
          checkpoint,
          starts.map((start) => (start.kind === 'words' ? start.id : drawn.shift()!)),
        );
      }
      case 'unchanged':
        throw noStart('prefix', initialisation.kind);
      default:
        return initialPrompt({
          ...{ initialisation, labelWords, tokenizer, scale, seed },
          fixedStarts: starts.map((start) => (start.kind === 'words' ? start.id : undefined)),
          width: prefixWidth(checkpoint.config),
          embed: async (ids) => (ids.length === 0 ? new Float32Array(0) : keyValues(checkpoint, ids)),
        });
    }
  },
  peft: {
    type: 'PREFIX_TUNING',
    // PEFT counts key-value heads here, and a token's numbers in one layer's keys
    config: ({ tokens, arrays, options }, { layers, heads, hiddenSize }) => {
      const width = arrays[PREFIX]![1]! / (2 * layers);
      return {
        encoder_hidden_size: options.encoderSize ?? width,
        init_weights: null,
        num_attention_heads: (width * heads) / hiddenSize,
        num_layers: layers,
        num_transformer_submodules: 1,
        num_virtual_tokens: tokens,
        prefix_projection: options.projection ?? false,
        token_dim: width,
      };
    },
    read: async (read, refuse) => {
      const {
        num_virtual_tokens: tokens,
        token_dim,
        num_layers,
        prefix_projection,
        encoder_hidden_size,
      } = await read(fields);
      if (!num_layers) throw refuse('a prefix without num_layers');
      // PEFT keeps what a projection made
      const encoderSize = encoder_hidden_size ?? token_dim;
      return {
        tokens,
        options: prefix_projection ? { projection: true, encoderSize } : {},
        shape: () => [tokens, token_dim * 2 * num_layers],
      };
    },
    tensor: () => ADAPTER_TENSOR,
    array: (tensor) => (tensor === ADAPTER_TENSOR ? PREFIX : undefined),
  },
};
