import { z } from 'zod';
import { SoftpromptError } from '../errors.js';
import { embeddingWidth } from '../network/checkpoint/config.js';
import { readEmbeddingRows } from '../network/checkpoint/embedding-rows.js';
import type { Trainable } from '../network/trainable.js';
import { initialPrompt } from './initialise.js';
import type { Method } from './method.js';
import { only } from './method-options.js';
import { ADAPTER_TENSOR } from './prompt-files.js';

/** Under which name the learned tokens stand among the arrays. */
export const PROMPT = 'prompt';

/** A soft prompt (Lester et al. 2021): learned tokens [P, d] that stand as rows of the sequences. */
export function softPrompt(tokens: number, width: number): Trainable {
  return {
    arrays: { [PROMPT]: [tokens, width] },
    rows: tokens,
    leadingRows: 0,
    enter: (arrays) => ({ rows: arrays[PROMPT] }),
  };
}

const fields = z.object({
  num_virtual_tokens: z.int().positive(),
  token_dim: z.int().positive(),
  num_transformer_submodules: z.int().nullish(),
});

export const soft: Method = {
  name: 'soft',
  about: 'a soft prompt: learned input embeddings (Lester et al. 2021)',
  tag: 'prompt-tuning',
  tokens: 'rows',
  starts: ['vocabulary', 'labels', 'random', 'words', 'zero'],
  settle: (options) => only('soft', [], options),
  trainable: (tokens, config) => softPrompt(tokens, embeddingWidth(config)),
  learningRate: (scale) => 0.1 * scale,
  start: ({ model: { checkpoint, tokenizer }, starts, initialisation, labelWords, scale, seed }) => {
    if (initialisation.kind === 'unchanged') throw noStart('soft', initialisation.kind);
    return initialPrompt({
      ...{ initialisation, labelWords, tokenizer, scale, seed },
      fixedStarts: starts.map((start) => (start.kind === 'words' ? start.id : undefined)),
      width: embeddingWidth(checkpoint.config),
      embed: (ids) => readEmbeddingRows(checkpoint, ids),
    });
  },
  peft: {
    type: 'PROMPT_TUNING',
    config: ({ tokens, arrays }, baseModel) => ({
      num_attention_heads: baseModel.heads,
      num_layers: baseModel.layers,
      num_transformer_submodules: 1,
      num_virtual_tokens: tokens,
      prompt_tuning_init: 'RANDOM',
      prompt_tuning_init_text: null,
      token_dim: arrays[PROMPT]![1],
      tokenizer_kwargs: null,
      tokenizer_name_or_path: null,
    }),
    read: async (read, refuse) => {
      const { num_virtual_tokens: tokens, token_dim: width, num_transformer_submodules: parts } = await read(fields);
      if ((parts ?? 1) !== 1)
        throw refuse(`a prompt with rows for the decoder too (num_transformer_submodules ${parts})`);
      return { tokens, options: {}, shape: () => [tokens, width] };
    },
    tensor: () => ADAPTER_TENSOR,
    array: (tensor) => (tensor === ADAPTER_TENSOR ? PROMPT : undefined),
  },
};

/** For a start that a method does not know. */
export function noStart(method: string, kind: string): SoftpromptError {
  return new SoftpromptError('INITIALISATION', {
    found: `the initialisation '${kind}' of the method ${method}`,
    expected: 'one that the method has',
    fix: 'Leave it out (--init).',
  });
}
