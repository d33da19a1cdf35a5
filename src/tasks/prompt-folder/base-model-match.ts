import { basename } from 'node:path';
import { SoftpromptError } from '../../errors.js';
import type { BaseModel } from '../../hub/base-model.js';
import { METHODS, type MethodName } from '../../methods/method.js';
import type { Checkpoint } from '../../network/checkpoint/checkpoint.js';
import type { EmbeddingMatrix } from '../../weights/embedding-matrix.js';

/**
 * How a frozen model relates to the one a prompt was learned for: the same weights, other weights of the same width
 * (another version or number type: it runs, but the scores need not hold), or unknown for a bare PEFT folder.
 */
export type BaseModelMatch = 'same' | 'other-weights' | 'unknown';

/** The facts of a model that are kept beside a prompt learned for it. */
export function describeBaseModel({ source, origin, gguf, hash, config }: Checkpoint): BaseModel {
  const { hiddenSize, embeddingSize, layers, heads, vocabularySize } = config;
  return {
    source,
    ...(origin && { hub: origin }),
    ...(gguf !== undefined && { gguf: origin?.file ?? basename(gguf) }),
    ...{ hash, hiddenSize, ...(embeddingSize !== undefined && { embeddingSize }), layers, heads, vocabularySize },
  };
}

/** Compares a loaded model with the prompt's. Errors: PROMPT_BASE_MODEL where the prompt does not fit into the model. */
export function matchBaseModel(
  prompt: {
    /** Default: a soft prompt. */
    readonly method?: MethodName;
    readonly embeddings: Pick<EmbeddingMatrix, 'tokens' | 'width'>;
    readonly baseModel: BaseModel | string | undefined;
  },
  checkpoint: Checkpoint,
): BaseModelMatch {
  const known = typeof prompt.baseModel === 'object' ? prompt.baseModel : undefined;
  const name = known?.source ?? prompt.baseModel ?? 'a model it does not name';
  const { width } = prompt.embeddings;
  const expected = METHODS[prompt.method ?? 'soft'].width(checkpoint.config);
  if (width !== expected) {
    const what = prompt.method === 'prefix' ? 'keys and values' : 'embeddings';
    throw new SoftpromptError('PROMPT_BASE_MODEL', {
      found: `The prompt was learned for ${name}, whose ${what} are ${width} wide`,
      expected: `${what} ${expected} wide, as ${checkpoint.source} has them`,
      fix: 'Load the model the prompt was learned for (--model).',
    });
  }
  if (known === undefined) return 'unknown';
  return known.hash === checkpoint.hash ? 'same' : 'other-weights';
}
