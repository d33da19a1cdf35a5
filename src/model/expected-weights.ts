import { SoftpromptError } from '../errors.js';
import type { ModelConfig } from './config.js';

/** A weight that the network reads. */
export interface ExpectedWeight {
  readonly name: string;
  readonly shape: readonly number[];
}

/**
 * The weights of a model, by Hugging Face's names, in the order in which converted files hold them: q, k, v of a layer
 * follow each other (so do their biases), and gate, up.
 */
export function expectedWeights(config: ModelConfig): readonly ExpectedWeight[] {
  return weightGroups(config).flat();
}

/** `expectedWeights`, in groups that one matrix can stand for when they lie without a gap. */
export function weightGroups(config: ModelConfig): readonly (readonly ExpectedWeight[])[] {
  const { hiddenSize: d, intermediateSize, headSize, vocabularySize } = config;
  const queryRows = config.heads * headSize;
  const keyRows = config.keyValueHeads * headSize;
  const groups: ExpectedWeight[][] = [[{ name: 'model.embed_tokens.weight', shape: [vocabularySize, d] }]];
  for (let layer = 0; layer < config.layers; layer++) {
    const weight = (name: string, ...shape: number[]) => ({ name: `model.layers.${layer}.${name}`, shape });
    groups.push(
      [weight('input_layernorm.weight', d)],
      [
        weight('self_attn.q_proj.weight', queryRows, d),
        weight('self_attn.k_proj.weight', keyRows, d),
        weight('self_attn.v_proj.weight', keyRows, d),
      ],
    );
    if (config.attentionBias) {
      groups.push([
        weight('self_attn.q_proj.bias', queryRows),
        weight('self_attn.k_proj.bias', keyRows),
        weight('self_attn.v_proj.bias', keyRows),
      ]);
    }
    groups.push(
      [weight('self_attn.o_proj.weight', d, queryRows)],
      [weight('post_attention_layernorm.weight', d)],
      [weight('mlp.gate_proj.weight', intermediateSize, d), weight('mlp.up_proj.weight', intermediateSize, d)],
      [weight('mlp.down_proj.weight', d, intermediateSize)],
    );
  }
  groups.push([{ name: 'model.norm.weight', shape: [d] }]);
  if (!config.tiedEmbeddings) groups.push([{ name: 'lm_head.weight', shape: [vocabularySize, d] }]);
  return groups;
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
  const bias = [...tensors.keys()].find((name) => name.endsWith('.bias') && !used.has(name));
  if (bias !== undefined) {
    throw new SoftpromptError('MODEL_UNSUPPORTED', {
      found: `${source} has the bias '${bias}'`,
      expected: `no other biases in the family ${config.family} than those on q, k and v of qwen2`,
      fix: 'Choose a model of a supported kind.',
    });
  }
}

function mismatch(found: string, expected: string): SoftpromptError {
  return new SoftpromptError('WEIGHTS_MISMATCH', {
    found,
    expected: `${expected}, as the model's settings (config.json or GGUF metadata) say`,
    fix: 'Use weights and settings of the same model, complete.',
  });
}
