import { join } from 'node:path';
import { z } from 'zod';
import { SoftpromptError } from '../errors.js';
import { readJsonFile } from './json-file.js';
import { loadableModel } from './loadable-model.js';
import { ADAPTER_CONFIG_FILE } from './prompt-files.js';
import type { SavedPrompt } from './saved-prompt.js';

/** What `adapter_config.json` says of a prompt. */
export interface AdapterConfig {
  /** P */
  readonly tokens: number;
  /** d */
  readonly width: number;
  readonly baseModel: string | undefined;
}

/**
 * The content of `adapter_config.json`: every field of PEFT's PromptTuningConfig but `peft_version`. The base model is named
 * so that PEFT can load it; how the user named it stands in `softprompt.json`.
 */
export function adapterConfig({ embeddings, baseModel }: SavedPrompt): Readonly<Record<string, unknown>> {
  const { name, revision } = loadableModel(baseModel);
  return {
    auto_mapping: null,
    base_model_name_or_path: name,
    inference_mode: true,
    modules_to_save: null,
    num_attention_heads: baseModel.heads,
    num_layers: baseModel.layers,
    num_transformer_submodules: 1,
    num_virtual_tokens: embeddings.tokens,
    peft_type: 'PROMPT_TUNING',
    prompt_tuning_init: 'RANDOM',
    prompt_tuning_init_text: null,
    revision: revision ?? null,
    task_type: 'CAUSAL_LM',
    token_dim: embeddings.width,
    tokenizer_kwargs: null,
    tokenizer_name_or_path: null,
  };
}

const adapterKind = z.object({
  peft_type: z.string(),
  task_type: z.string().nullish(),
  modules_to_save: z.array(z.string()).nullish(),
});

const promptTuningConfig = z.object({
  num_virtual_tokens: z.int().positive(),
  token_dim: z.int().positive(),
  base_model_name_or_path: z.string().nullish(),
});

/**
 * Reads `adapter_config.json` of a prompt folder.
 * Errors: PROMPT_FOLDER_INCOMPLETE, PROMPT_FILE_INVALID, PEFT_UNSUPPORTED for adapters that are no soft prompts of a
 * causal model.
 */
export async function readAdapterConfig(folder: string): Promise<AdapterConfig> {
  const path = join(folder, ADAPTER_CONFIG_FILE);
  const kind = await readJsonFile(path, adapterKind);
  if (kind.peft_type !== 'PROMPT_TUNING') throw unsupported(path, `a ${kind.peft_type} adapter`);
  if (kind.task_type !== 'CAUSAL_LM') throw unsupported(path, `an adapter for the task type ${kind.task_type}`);
  if (kind.modules_to_save?.length) throw unsupported(path, `own weights for ${kind.modules_to_save.join(', ')}`);
  const config = await readJsonFile(path, promptTuningConfig);
  return {
    tokens: config.num_virtual_tokens,
    width: config.token_dim,
    baseModel: config.base_model_name_or_path ?? undefined,
  };
}

function unsupported(path: string, found: string): SoftpromptError {
  return new SoftpromptError('PEFT_UNSUPPORTED', {
    found: `${path} describes ${found}`,
    expected: 'a PROMPT_TUNING adapter of a causal language model (CAUSAL_LM)',
    fix: 'Only soft prompts can be loaded: other adapters change the frozen model.',
  });
}
