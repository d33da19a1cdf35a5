import { join } from 'node:path';
import { z } from 'zod';
import { SoftpromptError } from '../errors.js';
import { readJsonFile } from '../files/json-file.js';
import type { BaseModel } from '../hub/base-model.js';
import { loadableModel } from '../hub/loadable-model.js';
import type { EmbeddingMatrix } from '../weights/embedding-matrix.js';

import { METHOD_NAMES, METHODS, type MethodName } from './method.js';
import { ADAPTER_CONFIG_FILE } from './prompt-files.js';

/** What PEFT's files say of a learned prompt. */
export interface LearnedNumbers {
  readonly method: MethodName;
  readonly embeddings: Pick<EmbeddingMatrix, 'tokens' | 'width'>;
  readonly baseModel: BaseModel;
}

/** What `adapter_config.json` says of a prompt. */
export interface AdapterConfig {
  readonly method: MethodName;
  /** P */
  readonly tokens: number;
  /** Numbers of a learned token. */
  readonly width: number;
  readonly baseModel: string | undefined;
}

/**
 * The content of `adapter_config.json`: every field of PEFT's PromptTuningConfig or PrefixTuningConfig but `peft_version`.
 * The base model is named so that PEFT can load it; how the user named it stands in `softprompt.json`.
 */
export function adapterConfig(prompt: LearnedNumbers): Readonly<Record<string, unknown>> {
  const { method, embeddings, baseModel } = prompt;
  const { name, revision } = loadableModel(baseModel);
  return {
    auto_mapping: null,
    base_model_name_or_path: name,
    inference_mode: true,
    modules_to_save: null,
    num_layers: baseModel.layers,
    num_transformer_submodules: 1,
    num_virtual_tokens: embeddings.tokens,
    peft_type: METHODS[method].peftType,
    revision: revision ?? null,
    task_type: 'CAUSAL_LM',
    ...OWN_FIELDS[method](prompt),
  };
}

const softPromptFields = ({ baseModel, embeddings }: LearnedNumbers) => ({
  num_attention_heads: baseModel.heads,
  prompt_tuning_init: 'RANDOM',
  prompt_tuning_init_text: null,
  token_dim: embeddings.width,
  tokenizer_kwargs: null,
  tokenizer_name_or_path: null,
});

/** PEFT counts key-value heads here, and a token's numbers in one layer's keys. */
function prefixFields({ baseModel, embeddings }: LearnedNumbers) {
  const width = embeddings.width / (2 * baseModel.layers);
  return {
    encoder_hidden_size: width,
    init_weights: null,
    num_attention_heads: (width * baseModel.heads) / baseModel.hiddenSize,
    prefix_projection: false,
    token_dim: width,
  };
}

/** What a method's config has beyond the fields of all. */
const OWN_FIELDS: Readonly<Record<MethodName, (prompt: LearnedNumbers) => Readonly<Record<string, unknown>>>> = {
  soft: softPromptFields,
  prefix: prefixFields,
};

const adapterKind = z.object({
  peft_type: z.string(),
  task_type: z.string().nullish(),
  modules_to_save: z.array(z.string()).nullish(),
});

const promptTuningConfig = z.object({
  num_virtual_tokens: z.int().positive(),
  token_dim: z.int().positive(),
  num_layers: z.int().positive().nullish(),
  prefix_projection: z.boolean().nullish(),
  base_model_name_or_path: z.string().nullish(),
});

/**
 * Reads `adapter_config.json` of a prompt folder.
 * Errors: PROMPT_FOLDER_INCOMPLETE, PROMPT_FILE_INVALID, PEFT_UNSUPPORTED for adapters that are no soft prompts or
 * prefixes of a causal model.
 */
export async function readAdapterConfig(folder: string): Promise<AdapterConfig> {
  const path = join(folder, ADAPTER_CONFIG_FILE);
  const kind = await readJsonFile(path, adapterKind);
  const method = METHOD_NAMES.find((name) => METHODS[name].peftType === kind.peft_type);
  if (method === undefined) throw unsupported(path, `a ${kind.peft_type} adapter`);
  if (kind.task_type !== 'CAUSAL_LM') throw unsupported(path, `an adapter for the task type ${kind.task_type}`);
  if (kind.modules_to_save?.length) throw unsupported(path, `own weights for ${kind.modules_to_save.join(', ')}`);
  const config = await readJsonFile(path, promptTuningConfig);
  if (config.prefix_projection) throw unsupported(path, 'a prefix behind a projection (prefix_projection)');
  if (method === 'prefix' && !config.num_layers) throw unsupported(path, 'a prefix without num_layers');
  return {
    method,
    tokens: config.num_virtual_tokens,
    width: method === 'prefix' ? config.token_dim * 2 * config.num_layers! : config.token_dim,
    baseModel: config.base_model_name_or_path ?? undefined,
  };
}

function unsupported(path: string, found: string): SoftpromptError {
  return new SoftpromptError('PEFT_UNSUPPORTED', {
    found: `${path} describes ${found}`,
    expected: 'a PROMPT_TUNING or PREFIX_TUNING adapter of a causal language model (CAUSAL_LM)',
    fix: 'Only soft prompts and plain prefixes can be loaded: other adapters change the frozen model.',
  });
}
