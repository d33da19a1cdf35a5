import { join } from 'node:path';
import { z } from 'zod';
import { SoftpromptError } from '../errors.js';
import { readJsonFile } from '../files/json-file.js';
import type { BaseModel } from '../hub/base-model.js';
import { loadableModel } from '../hub/loadable-model.js';
import type { PeftDescription } from './method.js';
import { ADAPTER_CONFIG_FILE } from './prompt-files.js';
import { type Learned, METHOD_NAMES, METHODS, type MethodName } from './registry.js';

/** What `adapter_config.json` says of what was learned. */
export interface AdapterConfig extends PeftDescription {
  readonly method: MethodName;
  readonly baseModel: string | undefined;
}

/**
 * The content of `adapter_config.json`: every field of PEFT's own configuration but `peft_version`; undefined where PEFT does
 * not have the method. The base model is named so that PEFT can load it; how the user named it stands in `softprompt.json`.
 */
export function adapterConfig(
  learned: Omit<Learned, 'values'>,
  baseModel: BaseModel,
): Readonly<Record<string, unknown>> | undefined {
  const { name, revision } = loadableModel(baseModel);
  const { peft, tokens } = METHODS[learned.method];
  if (peft === undefined) return undefined;
  const fields = {
    auto_mapping: null,
    base_model_name_or_path: name,
    inference_mode: true,
    modules_to_save: null,
    peft_type: peft.type,
    revision: revision ?? null,
    // PEFT has no word for masked models, and takes any where the model itself is changed
    task_type: baseModel.encoderDecoder ? 'SEQ_2_SEQ_LM' : tokens === 'none' && baseModel.masked ? null : 'CAUSAL_LM',
    ...peft.config(learned, baseModel),
  };
  return Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const adapterKind = z.object({
  peft_type: z.string(),
  task_type: z.string().nullish(),
  modules_to_save: z.array(z.string()).nullish(),
  base_model_name_or_path: z.string().nullish(),
});

/**
 * Reads `adapter_config.json` of a prompt folder.
 * Errors: PROMPT_FOLDER_INCOMPLETE, PROMPT_FILE_INVALID, PEFT_UNSUPPORTED for adapters of other kinds or for other tasks.
 */
export async function readAdapterConfig(folder: string): Promise<AdapterConfig> {
  const path = join(folder, ADAPTER_CONFIG_FILE);
  const kind = await readJsonFile(path, adapterKind);
  const refuse = (found: string) => unsupported(path, found);
  const method = METHOD_NAMES.find((name) => METHODS[name].peft?.type === kind.peft_type);
  if (method === undefined) throw refuse(`a ${kind.peft_type} adapter`);
  const { peft, tokens } = METHODS[method];
  const taskIsKnown =
    ['CAUSAL_LM', 'SEQ_2_SEQ_LM'].includes(kind.task_type ?? '') || (tokens === 'none' && !kind.task_type);
  if (!taskIsKnown) throw refuse(`an adapter for the task type ${kind.task_type}`);
  if (kind.modules_to_save?.length) throw refuse(`own weights for ${kind.modules_to_save.join(', ')}`);
  const description = await peft!.read((schema) => readJsonFile(path, schema), refuse);
  return { ...description, method, baseModel: kind.base_model_name_or_path ?? undefined };
}

function unsupported(path: string, found: string): SoftpromptError {
  return new SoftpromptError('PEFT_UNSUPPORTED', {
    found: `${path} describes ${found}`,
    expected: `an adapter that softprompt knows (${METHOD_NAMES.flatMap((name) => METHODS[name].peft?.type ?? []).join(', ')}), for CAUSAL_LM or SEQ_2_SEQ_LM`,
    fix: 'Save it in PEFT as one of these, without what is said above.',
  });
}
