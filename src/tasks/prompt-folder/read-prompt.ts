import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SoftpromptError } from '../../errors.js';
import { readAdapterConfig } from '../../methods/adapter-config.js';
import { readEmbeddingFile } from '../../methods/embedding-file.js';
import type { MethodName } from '../../methods/method.js';
import { ADAPTER_FILE, ADAPTER_TENSOR, INITIAL_FILE, INITIAL_TENSOR, RECORD_FILE } from '../../methods/prompt-files.js';
import { embeddingWidth } from '../../network/checkpoint/config.js';
import type { EmbeddingMatrix } from '../../weights/embedding-matrix.js';
import { type PromptRecord, readRecord, sha256 } from './prompt-record.js';
import type { SavedPrompt } from './saved-prompt.js';

/** A prompt as PEFT alone describes it: the template and the labels must come from elsewhere. */
export interface PeftPrompt {
  readonly method: MethodName;
  /** [P, d], or as wide as the method has it */
  readonly embeddings: EmbeddingMatrix;
  /** How PEFT's user named the frozen model, if at all. */
  readonly baseModel: string | undefined;
}

/**
 * Reads a folder that `writePrompt` wrote.
 * Errors: PROMPT_FOLDER_INCOMPLETE, PROMPT_FILE_INVALID, PROMPT_VERSION, PROMPT_FILES_MIXED, and those of
 * `readPeftPrompt`.
 */
export async function readPrompt(folder: string): Promise<SavedPrompt> {
  if (!existsSync(join(folder, RECORD_FILE)) && existsSync(join(folder, ADAPTER_FILE))) {
    throw new SoftpromptError('PROMPT_FOLDER_INCOMPLETE', {
      found: `${folder} has PEFT's files but no ${RECORD_FILE}`,
      expected: 'a prompt with its template and labels',
      fix: 'If PEFT saved it, pass template and labels yourself; if saving was interrupted, tune or resume again.',
    });
  }
  const record = await readRecord(folder);
  const { embeddings, method } = await readPeftPrompt(folder);
  if (record.method !== method)
    throw mixed(folder, `a record of a ${record.method} prompt and numbers of a ${method} one`);
  await checkOwnFile(folder, ADAPTER_FILE, record.files.adapter);
  if (method === 'soft' && embeddingWidth(record.baseModel) !== embeddings.width) {
    throw mixed(folder, `a prompt ${embeddings.width} wide for a model ${embeddingWidth(record.baseModel)} wide`);
  }
  if (record.initialTokens !== null && record.initialTokens.length !== embeddings.tokens) {
    throw mixed(folder, `${embeddings.tokens} learned tokens and the start of ${record.initialTokens.length}`);
  }
  const { task, template, placement, labels, calibration, columns, baseModel, initialTokens, tuning, metrics } = record;
  return {
    method,
    embeddings,
    initialEmbeddings: await readInitial(folder, record, embeddings),
    initialTokens: initialTokens ?? undefined,
    task,
    template,
    placement,
    labels: new Map(labels.map(({ key, word }) => [key, word])),
    calibration: calibration ?? undefined,
    ...(columns && { columns }),
    baseModel,
    tuning,
    metrics,
  };
}

/**
 * Reads the two files that PEFT saves for a soft prompt or a prefix, in F32, F16 or BF16.
 * Errors: PROMPT_FOLDER_INCOMPLETE, PROMPT_FILE_INVALID, PEFT_UNSUPPORTED for other adapters, PROMPT_TENSOR_INVALID for
 * a wrong shape, number type or value, SAFETENSORS_INVALID.
 */
export async function readPeftPrompt(folder: string): Promise<PeftPrompt> {
  const config = await readAdapterConfig(folder);
  const path = join(folder, ADAPTER_FILE);
  if (!existsSync(path)) {
    const pickled = existsSync(join(folder, 'adapter_model.bin'));
    throw new SoftpromptError('PROMPT_FOLDER_INCOMPLETE', {
      found: `${folder} has no ${ADAPTER_FILE}${pickled ? ', only adapter_model.bin' : ''}`,
      expected: 'the learned numbers as safetensors',
      fix: pickled
        ? 'Load it in PEFT and save it again with save_pretrained(…, safe_serialization=True).'
        : 'Take a complete copy of the folder.',
    });
  }
  const embeddings = await readEmbeddingFile(path, ADAPTER_TENSOR);
  if (embeddings.tokens !== config.tokens || embeddings.width !== config.width) {
    throw new SoftpromptError('PROMPT_TENSOR_INVALID', {
      found: `${path} holds [${embeddings.tokens}, ${embeddings.width}] numbers`,
      expected: `[${config.tokens}, ${config.width}], as adapter_config.json says`,
      fix: 'Take both files from the same prompt.',
    });
  }
  return { method: config.method, embeddings, baseModel: config.baseModel };
}

async function readInitial(
  folder: string,
  record: PromptRecord,
  embeddings: EmbeddingMatrix,
): Promise<EmbeddingMatrix | undefined> {
  if (record.files.initial === null) return undefined;
  await checkOwnFile(folder, INITIAL_FILE, record.files.initial);
  const initial = await readEmbeddingFile(join(folder, INITIAL_FILE), INITIAL_TENSOR);
  if (initial.tokens !== embeddings.tokens || initial.width !== embeddings.width) {
    throw mixed(folder, `start values of another shape, [${initial.tokens}, ${initial.width}]`);
  }
  return initial;
}

/** Checks that a file is the one its `softprompt.json` was written with. */
async function checkOwnFile(folder: string, name: string, hash: string): Promise<void> {
  const bytes = await readFile(join(folder, name)).catch(() => undefined);
  if (bytes === undefined) throw mixed(folder, `no readable ${name}`);
  if (sha256(bytes) !== hash) throw mixed(folder, `another ${name} than the one ${RECORD_FILE} was written with`);
}

function mixed(folder: string, found: string): SoftpromptError {
  return new SoftpromptError('PROMPT_FILES_MIXED', {
    found: `${folder} has ${found}`,
    expected: 'the files of one prompt, as they were saved together',
    fix: 'Take a complete copy; if saving was interrupted, tune or resume again.',
  });
}
