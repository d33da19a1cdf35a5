import { z } from 'zod';
import { embeddingWidth } from '../network/checkpoint/config.js';
import type { Method } from './method.js';
import { checkMethodOptions, only } from './method-options.js';
import { ADAPTER_TENSOR } from './prompt-files.js';
import { PROMPT, soft, softPrompt } from './soft-prompt.js';

const fields = z.object({
  num_virtual_tokens: z.int().positive().nullish(),
  cpt_token_ids: z.array(z.int()),
  opt_projection_epsilon: z.number().nullish(),
});

/** PEFT's unit of the radius: that of a token 2,048 wide. */
const UNIT_WIDTH = 2048;

/**
 * Context-aware prompt tuning (Tsachor et al. 2025, CPT): learned tokens that start as labelled examples and may leave each word only
 * by a little, so that they stay what they mean. In a template without learned tokens, an example of each label is put in front.
 */
export const contextPrompt: Method = {
  name: 'cpt',
  about: 'context prompts: learned tokens that start as labelled examples and stay near them (Tsachor et al. 2025)',
  tag: 'cpt',
  tokens: 'rows',
  starts: ['vocabulary', 'labels', 'words'],
  startsFromExamples: true,
  settle: (options) => {
    const { radius = 1 } = only('cpt', ['radius'], options);
    checkMethodOptions([['radius', radius, radius > 0, 'a number above 0']]);
    return { radius };
  },
  trainable: (tokens, config) => softPrompt(tokens, embeddingWidth(config)),
  learningRate: (scale) => 0.03 * scale,
  start: (request) => soft.start({ ...request, options: {} }),
  keepNear: (values, start, tokens, { radius }) => {
    const width = values.length / tokens;
    const most = radius! * Math.sqrt(width / UNIT_WIDTH);
    for (let from = 0; from < values.length; from += width) {
      let squares = 0;
      for (let i = from; i < from + width; i++) squares += (values[i]! - start[i]!) ** 2;
      const length = Math.sqrt(squares);
      if (length <= most) continue;
      for (let i = from; i < from + width; i++) values[i] = start[i]! + ((values[i]! - start[i]!) * most) / length;
    }
  },
  peft: {
    type: 'CPT',
    config: ({ tokens, arrays, options }, baseModel) => ({
      cpt_mask: Array(tokens).fill(1),
      cpt_token_ids: Array(tokens).fill(0),
      // all are inputs
      cpt_tokens_type_mask: Array(tokens).fill(2),
      num_attention_heads: baseModel.heads,
      num_layers: baseModel.layers,
      num_transformer_submodules: 1,
      num_virtual_tokens: tokens,
      opt_loss_decay_factor: 1,
      opt_projection_epsilon: options.radius,
      opt_projection_format_epsilon: options.radius,
      opt_weighted_loss_type: 'none',
      token_dim: arrays[PROMPT]![1],
      tokenizer_name_or_path: null,
    }),
    read: async (read) => {
      const { cpt_token_ids: ids, opt_projection_epsilon: radius } = await read(fields);
      return { tokens: ids.length, options: { radius: radius ?? 0.1 }, shape: () => [ids.length, null] };
    },
    tensor: () => ADAPTER_TENSOR,
    array: (tensor) => (tensor === ADAPTER_TENSOR ? PROMPT : undefined),
  },
};
