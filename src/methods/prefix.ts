import * as op from '../autodiff/build.js';
import type { Tensor } from '../autodiff/tensor.js';
import type { ModelConfig } from '../network/checkpoint/config.js';
import type { Trainable } from '../network/trainable.js';

/** Under which name the learned keys and values stand among the arrays. */
const PREFIX = 'prefix';

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
