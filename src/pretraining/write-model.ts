import { join } from 'node:path';
import { writeFileAtomically } from '../files/atomic-file.js';
import type { ModelConfig } from '../network/checkpoint/config.js';
import { expectedWeights } from '../network/checkpoint/expected-weights.js';
import { pretrainedFamily } from '../network/families/registry.js';

import type { TokenizerJson } from '../tokenizer/tokenizer-json.js';
import { toHalfFloats } from '../weights/half-float.js';
import { safetensorsHeader } from '../weights/safetensors-header.js';
import { MASK } from './pretraining-text.js';

/** A language model of a family that softprompt pretrains, as numbers. */
export interface TrainedModel {
  readonly config: ModelConfig;
  readonly tokenizer: TokenizerJson;
  /** Id of the token that stands between documents. */
  readonly endOfText: number;
  /** By Hugging Face's names, each flat and row-major. */
  readonly weights: Readonly<Record<string, Float32Array>>;
}

/**
 * Writes a model folder that softprompt and transformers load: `model.safetensors` (F16, the embeddings once),
 * `config.json`, `generation_config.json`, `tokenizer.json`, `tokenizer_config.json`.
 */
export async function writeModel(folder: string, model: TrainedModel): Promise<void> {
  const { config, tokenizer, endOfText: id } = model;
  const endOfText = tokenizer.added_tokens.find((token) => token.id === id)?.content;
  const mask = tokenizer.added_tokens.find(({ content, special }) => special && content === MASK);
  const files = {
    'tokenizer.json': tokenizer,
    'tokenizer_config.json': {
      tokenizer_class: 'PreTrainedTokenizerFast',
      add_bos_token: false,
      bos_token: endOfText,
      eos_token: endOfText,
      pad_token: endOfText,
      ...(mask === undefined ? {} : { mask_token: mask.content }),
      model_max_length: config.maxPositions,
      clean_up_tokenization_spaces: false,
    },
    'generation_config.json': { bos_token_id: id, eos_token_id: id, pad_token_id: id },
    'config.json': {
      ...pretrainedFamily(config).configJson(config),
      bos_token_id: id,
      eos_token_id: id,
      torch_dtype: 'float16',
    },
  };
  await writeFileAtomically(join(folder, 'model.safetensors'), halfSafetensors(model));
  for (const [name, content] of Object.entries(files)) {
    await writeFileAtomically(join(folder, name), `${JSON.stringify(content, null, 1)}\n`);
  }
}

function halfSafetensors({ config, weights }: TrainedModel): Uint8Array {
  const tensors = expectedWeights(config).map(({ name, shape }) => {
    return { name, dtype: 'F16', shape, byteLength: 2 * weights[name]!.length };
  });
  const header = safetensorsHeader(tensors);
  const file = new Uint8Array(tensors.reduce((sum, { byteLength }) => sum + byteLength, header.length));
  file.set(header);
  let at = header.length;
  for (const { name, byteLength } of tensors) {
    file.set(new Uint8Array(toHalfFloats(weights[name]!).buffer), at);
    at += byteLength;
  }
  return file;
}
