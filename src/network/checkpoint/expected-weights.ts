import { SoftpromptError } from '../../errors.js';
import type { ExpectedWeight } from '../families/family.js';
import { familyOf } from '../families/registry.js';
import type { ModelConfig } from './config.js';

/** The weights of a model, by Hugging Face's names, in the order in which converted files hold them. */
export function expectedWeights(config: ModelConfig): readonly ExpectedWeight[] {
  return weightGroups(config).flat();
}

/** `expectedWeights`, in groups that one matrix can stand for when they lie without a gap. */
export function weightGroups(config: ModelConfig): readonly (readonly ExpectedWeight[])[] {
  return familyOf(config).weightGroups(config);
}

/**
 * Checks that tensors are those of a model. Tensors beyond them are allowed (old files hold rotary frequencies), biases
 * excepted: leaving one out would change the result.
 * `source` serves error messages. Errors: WEIGHTS_MISMATCH, MODEL_UNSUPPORTED.
 */
export function checkWeights(
  source: string,
  config: ModelConfig,
  tensors: ReadonlyMap<string, { readonly shape: readonly number[] }>,
): void {
  const expected = expectedWeights(config);
  const missing = expected.filter(({ name }) => !tensors.has(name)).map(({ name }) => name);
  if (missing.length > 0) {
    const head = missing.every((name) => name.startsWith('lm_head.'));
    if (head)
      throw mismatch(
        `${source} lacks ${missing.join(', ')}, the head that predicts words`,
        `${expected.length} weights`,
        SAVE_HEAD,
      );
    const rest = missing.length > 5 ? ` and ${missing.length - 5} more` : '';
    throw mismatch(`${source} lacks ${missing.slice(0, 5).join(', ')}${rest}`, `${expected.length} weights`);
  }
  for (const { name, shape } of expected) {
    const found = tensors.get(name)!.shape;
    if (found.join() !== shape.join()) {
      throw mismatch(`'${name}' of ${source} has the shape [${found.join(', ')}]`, `[${shape.join(', ')}]`);
    }
  }
  const used = new Set(expected.map(({ name }) => name));
  const { ignored } = familyOf(config);
  const bias = [...tensors.keys()].find((name) => name.endsWith('.bias') && !used.has(name) && !ignored?.test(name));
  if (bias !== undefined) {
    throw new SoftpromptError('MODEL_UNSUPPORTED', {
      found: `${source} has the bias '${bias}'`,
      expected: `no other biases than those that models of the family ${config.family} have`,
      fix: 'Choose a model of a supported kind.',
    });
  }
}

const SAVE_HEAD =
  'It was saved without its head (as AutoModel does): save it from AutoModelForCausalLM. Or, if the head is the embedding table, write "tie_word_embeddings": true into config.json.';

function mismatch(
  found: string,
  expected: string,
  fix = 'Use weights and settings of the same model, complete.',
): SoftpromptError {
  return new SoftpromptError('WEIGHTS_MISMATCH', {
    found,
    expected: `${expected}, as the model's settings (config.json or GGUF metadata) say`,
    fix,
  });
}
