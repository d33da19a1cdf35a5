import { basename } from 'node:path';
import { SoftpromptError } from '../../errors.js';
import type { BaseModel } from '../../hub/base-model.js';
import type { Method } from '../../methods/method.js';
import { type Learned, METHODS } from '../../methods/registry.js';
import type { Checkpoint } from '../../network/checkpoint/checkpoint.js';
import { familyOf } from '../../network/families/registry.js';

/**
 * How a frozen model relates to the one a prompt was learned for: the same weights, other weights of the same width
 * (another version or number type: it runs, but the scores need not hold), or unknown for a bare PEFT folder.
 */
export type BaseModelMatch = 'same' | 'other-weights' | 'unknown';

/** The facts of a model that are kept beside a prompt learned for it. */
export function describeBaseModel({ source, origin, gguf, hash, config }: Checkpoint): BaseModel {
  const { hiddenSize, embeddingSize, layers, heads, vocabularySize } = config;
  const { sees, transposed } = familyOf(config);
  return {
    source,
    ...(origin && { hub: origin }),
    ...(gguf !== undefined && { gguf: origin?.file ?? basename(gguf) }),
    ...{ hash, hiddenSize, ...(embeddingSize !== undefined && { embeddingSize }), layers, heads, vocabularySize },
    ...(sees === 'all' && { masked: true }),
    ...(sees === 'source' && { encoderDecoder: true }),
    ...(transposed && { transposed }),
  };
}

/** Compares a loaded model with the prompt's. Errors: PROMPT_BASE_MODEL where the prompt does not fit into the model. */
export function matchBaseModel(
  prompt: {
    readonly learned: Omit<Learned, 'values'>;
    readonly baseModel: BaseModel | string | undefined;
  },
  checkpoint: Checkpoint,
): BaseModelMatch {
  const known = typeof prompt.baseModel === 'object' ? prompt.baseModel : undefined;
  const name = known?.source ?? prompt.baseModel ?? 'a model it does not name';
  const { method, tokens, options, arrays } = prompt.learned;
  const expected = arraysFor(METHODS[method], tokens, options, checkpoint);
  const wrong = [...new Set([...Object.keys(arrays), ...Object.keys(expected)])].find(
    (array) => `${arrays[array]}` !== `${expected[array]}`,
  );
  if (wrong !== undefined) {
    const shown = (shape: readonly number[] | undefined) => (shape ? `has the shape [${shape.join(', ')}]` : 'is none');
    throw new SoftpromptError('PROMPT_BASE_MODEL', {
      found: `The prompt was learned for ${name}, where ${wrong} ${shown(arrays[wrong])}`,
      expected: `what fits ${checkpoint.source}, where ${wrong} ${shown(expected[wrong])}`,
      fix: 'Load the model the prompt was learned for (--model).',
    });
  }
  if (known === undefined) return 'unknown';
  return known.hash === checkpoint.hash ? 'same' : 'other-weights';
}

/** What a method would learn on this model; nothing where the model has none of the layers. */
function arraysFor(method: Method, tokens: number, options: Learned['options'], { config }: Checkpoint) {
  try {
    return method.trainable(tokens, config, method.settle(options, config)).arrays;
  } catch (error) {
    if (error instanceof SoftpromptError) return {};
    throw error;
  }
}
