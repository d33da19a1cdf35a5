import { SoftpromptError } from '../errors.js';
import type { BaseModel } from '../hub/base-model.js';
import type { Checkpoint } from '../network/checkpoint/checkpoint.js';

/** @param what with its verb: 'The preference in likes was learned'. @throws PROMPT_BASE_MODEL where its numbers do not fit into the model */
export function checkModelShape(what: string, base: BaseModel, { config, source }: Checkpoint): void {
  const { hiddenSize, layers } = config;
  if (hiddenSize === base.hiddenSize && layers === base.layers) return;
  throw new SoftpromptError('PROMPT_BASE_MODEL', {
    found: `${what} for a model of ${base.layers} layers ${base.hiddenSize} wide`,
    expected: `what fits ${source}, ${layers} layers ${hiddenSize} wide`,
    fix: 'Load the model it was learned for (--model).',
  });
}
