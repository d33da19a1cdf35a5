import { z } from 'zod';
import { trained } from '../methods/encoded.js';
import type { Method } from '../methods/method.js';
import type { MethodOptions } from '../methods/method-options.js';
import { METHODS, type MethodName } from '../methods/registry.js';
import type { Checkpoint } from '../network/checkpoint/checkpoint.js';
import { type PromptNetwork, promptNetwork } from '../network/prompt-network.js';
import type { Trainable } from '../network/trainable.js';
import type { SessionOptions } from '../runtime/runtime.js';

const record = z.object({
  method: z.custom<MethodName>((name) => typeof name === 'string' && name in METHODS),
  /** Settled. */
  methodOptions: z.custom<MethodOptions>((given) => typeof given === 'object' && given !== null),
  /** P, learned tokens of the template. */
  tokens: z.int().nonnegative(),
  /** Whether what makes the learned numbers is trained in their place, where the method has such an encoder. */
  encoded: z.boolean(),
  loss: z.enum(['labels', 'vocabulary']),
  /** What a loss is the mean over. */
  meanOver: z.enum(['examples', 'tokens']),
  sharedRows: z.int().nonnegative(),
  maxPositions: z.int().positive(),
});

/** All that another process must know, beside the model, to build the network of a task: plain JSON. */
export type DescribedNetwork = z.infer<typeof record>;

/** @throws ZodError */
export const readDescribedNetwork = (given: unknown): DescribedNetwork => record.parse(given);

export interface BuiltNetwork {
  readonly trainable: Trainable;
  readonly network: PromptNetwork;
}

/** The network that is described, the same wherever it is built. */
export function buildNetwork(
  checkpoint: Checkpoint,
  described: DescribedNetwork,
  session: Pick<SessionOptions, 'threads' | 'thread'>,
): BuiltNetwork {
  const { tokens, methodOptions, encoded, loss, meanOver, sharedRows, maxPositions } = described;
  const method: Method = METHODS[described.method];
  const { config } = checkpoint;
  const trainable = encoded
    ? trained(method, tokens, config, methodOptions)
    : method.trainable(tokens, config, methodOptions);
  const network = promptNetwork(checkpoint, { loss, trainable, sharedRows, maxPositions, ...session });
  return { trainable, network: meanOver === 'tokens' ? withMeanOfTokens(network) : network };
}

/** The loss is the mean over all tokens of a batch, as transformers has it, and not over its texts. */
export function withMeanOfTokens(network: PromptNetwork): PromptNetwork {
  const { lossAndGradient } = network;
  return {
    ...network,
    lossAndGradient: (learned, batch, weight = 1 / batch.length, masks) => {
      const tokens = batch.reduce((sum, { candidates }) => sum + candidates[0]!.length, 0);
      return lossAndGradient(learned, batch, (weight * batch.length) / tokens, masks);
    },
  };
}
