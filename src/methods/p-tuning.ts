import { z } from 'zod';
import { embeddingWidth, type ModelConfig } from '../network/checkpoint/config.js';
import type { Method } from './method.js';
import { only } from './method-options.js';
import { promptEncoder } from './prompt-encoder.js';
import { ADAPTER_TENSOR } from './prompt-files.js';
import { PROMPT, soft, softPrompt } from './soft-prompt.js';

const fields = z.object({
  num_virtual_tokens: z.int().positive(),
  token_dim: z.int().positive(),
  encoder_reparameterization_type: z.enum(['MLP', 'LSTM']).nullish(),
  encoder_hidden_size: z.int().positive().nullish(),
  encoder_num_layers: z.int().positive().nullish(),
});

/**
 * P-tuning (Liu et al. 2021): learned tokens that an encoder makes while they are trained, so that they are learned together. Only
 * what it makes is kept: a soft prompt.
 */
export const pTuning: Method = {
  name: 'p-tuning',
  about: 'P-tuning: learned tokens made by an encoder, MLP or LSTM (Liu et al. 2021)',
  tag: 'p-tuning',
  classifiesOnly: true,
  tokens: 'rows',
  starts: ['vocabulary', 'labels', 'random', 'words'],
  settle: (options, config: ModelConfig) => ({
    ...{ encoder: 'mlp', encoderSize: embeddingWidth(config), encoderLayers: 2 },
    ...only('p-tuning', ['encoder', 'encoderSize', 'encoderLayers'], options),
  }),
  trainable: (tokens, config) => softPrompt(tokens, embeddingWidth(config)),
  encoder: (tokens, config, { encoder, encoderSize, encoderLayers }) =>
    promptEncoder(
      {
        ...{ tokens, width: embeddingWidth(config), hidden: encoderSize!, kind: encoder! },
        ...{ layers: encoderLayers!, output: PROMPT },
      },
      (request) => soft.start({ ...request, options: {} }),
    ),
  learningRate: () => 1e-3,
  start: (request) => soft.start({ ...request, options: {} }),
  peft: {
    type: 'P_TUNING',
    config: ({ tokens, arrays, options }, baseModel) => ({
      encoder_dropout: 0,
      encoder_hidden_size: options.encoderSize,
      encoder_num_layers: options.encoderLayers,
      encoder_reparameterization_type: options.encoder === 'lstm' ? 'LSTM' : 'MLP',
      num_attention_heads: baseModel.heads,
      num_layers: baseModel.layers,
      num_transformer_submodules: 1,
      num_virtual_tokens: tokens,
      token_dim: arrays[PROMPT]![1],
    }),
    read: async (read) => {
      const config = await read(fields);
      const [tokens, width] = [config.num_virtual_tokens, config.token_dim];
      const options = {
        encoder: config.encoder_reparameterization_type === 'LSTM' ? 'lstm' : 'mlp',
        encoderSize: config.encoder_hidden_size ?? width,
        encoderLayers: config.encoder_num_layers ?? 2,
      } as const;
      return { tokens, options, shape: () => [tokens, width] };
    },
    tensor: () => ADAPTER_TENSOR,
    array: (tensor) => (tensor === ADAPTER_TENSOR ? PROMPT : undefined),
  },
};
