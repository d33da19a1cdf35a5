import { z } from 'zod';
import * as op from '../autodiff/build.js';
import { embeddingWidth } from '../network/checkpoint/config.js';
import { Random } from '../random.js';
import type { Method } from './method.js';
import { checkMethodOptions, only } from './method-options.js';
import { ADAPTER_TENSOR } from './prompt-files.js';
import { soft } from './soft-prompt.js';

const SHARED = 'embedding.weight';
const COLUMNS = 'prefix_task_cols';
const ROWS = 'prefix_task_rows';

const fields = z.object({
  num_virtual_tokens: z.int().positive(),
  token_dim: z.int().positive(),
  num_ranks: z.int().positive().nullish(),
  num_tasks: z.int().positive().nullish(),
});

/**
 * Multitask prompt tuning (Wang et al. 2023, MPT, equation 1): a prompt that tasks share, times the task's own matrix of low rank,
 * number by number. That starts at 1, so that the shared prompt is what it was: words, or another task's (`--init prompt:FOLDER`).
 */
export const multitask: Method = {
  name: 'multitask',
  about: "multitask prompt tuning: a shared prompt times the task's own low-rank part (Wang et al. 2023)",
  tag: 'multitask-prompt-tuning',
  tokens: 'rows',
  starts: ['vocabulary', 'labels', 'random', 'words'],
  settle: (options) => {
    const { rank = 1 } = only('multitask', ['rank'], options);
    checkMethodOptions([['rank', rank, Number.isInteger(rank) && rank > 0, 'a whole number above 0']]);
    return { rank };
  },
  trainable: (tokens, config, { rank }) => {
    const width = embeddingWidth(config);
    return {
      arrays: { [SHARED]: [tokens, width], [COLUMNS]: [1, tokens, rank!], [ROWS]: [1, rank!, width] },
      rows: tokens,
      leadingRows: 0,
      enter: (arrays) => {
        const columns = op.reshape(arrays[COLUMNS]!, [tokens, rank!]);
        const rows = op.reshape(arrays[ROWS]!, [rank!, width]);
        return { rows: op.multiply(arrays[SHARED]!, op.matmul(columns, rows)) };
      },
    };
  },
  learningRate: (scale) => 0.1 * scale,
  start: async (request) => {
    const { starts, options, seed, initialisation } = request;
    if (initialisation.kind === 'prompt') return initialisation.prompt.slice();
    const [tokens, rank] = [starts.length, options.rank!];
    const words = await soft.start({ ...request, options: {} });
    const random = new Random(seed);
    // rank 1 is all ones; further ranks add nothing at first
    const columns = Array.from({ length: tokens * rank }, (_, i) => (i % rank === 0 ? 1 : 0.02 * random.normal()));
    const width = words.length / tokens;
    const rows = Array.from({ length: rank * width }, (_, i) => (i < width ? 1 : 0));
    return Float32Array.from([...words, ...columns, ...rows]);
  },
  tokenRows: (arrays, { tokens, options: { rank } }) => {
    const [shared, columns, rows] = [arrays[SHARED]!, arrays[COLUMNS]!, arrays[ROWS]!];
    const width = shared.length / tokens;
    return shared.map((value, i) => {
      let factor = 0;
      for (let r = 0; r < rank!; r++)
        factor += columns[Math.floor(i / width) * rank! + r]! * rows[r * width + (i % width)]!;
      return value * factor;
    });
  },
  peft: {
    type: 'MULTITASK_PROMPT_TUNING',
    config: ({ tokens, arrays, options }, baseModel) => ({
      num_attention_heads: baseModel.heads,
      num_layers: baseModel.layers,
      num_ranks: options.rank,
      num_tasks: 1,
      num_transformer_submodules: 1,
      num_virtual_tokens: tokens,
      prompt_tuning_init: 'RANDOM',
      prompt_tuning_init_state_dict_path: null,
      prompt_tuning_init_task: 0,
      prompt_tuning_init_text: null,
      token_dim: arrays[SHARED]![1],
      tokenizer_kwargs: null,
      tokenizer_name_or_path: null,
    }),
    read: async (read, refuse) => {
      const { num_virtual_tokens: tokens, token_dim: width, num_ranks, num_tasks } = await read(fields);
      if ((num_tasks ?? 1) !== 1) throw refuse(`a prompt of ${num_tasks} tasks, of which one must be taken`);
      const rank = num_ranks ?? 1;
      const shapes: Record<string, number[]> = {
        ...{ [SHARED]: [tokens, width], [COLUMNS]: [1, tokens, rank], [ROWS]: [1, rank, width] },
      };
      return { tokens, options: { rank }, shape: (array) => shapes[array]! };
    },
    tensor: (array) => (array === SHARED ? ADAPTER_TENSOR : array),
    array: (tensor) =>
      tensor === ADAPTER_TENSOR ? SHARED : tensor === COLUMNS || tensor === ROWS ? tensor : undefined,
  },
};
