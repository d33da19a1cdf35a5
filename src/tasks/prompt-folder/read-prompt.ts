import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SoftpromptError } from '../../errors.js';
import type { BagOfWordsModel } from '../../evaluation/bag-of-words.js';
import { readAdapterConfig } from '../../methods/adapter-config.js';
import { readArrayFile } from '../../methods/array-file.js';
import {
  ADAPTER_FILE,
  BAG_OF_WORDS_FILE,
  INITIAL_FILE,
  INITIAL_TENSOR,
  RECORD_FILE,
  ROWS_FILE,
  WORDS_BASELINE_FILE,
} from '../../methods/prompt-files.js';
import { type Learned, METHODS } from '../../methods/registry.js';
import { embeddingWidth } from '../../network/checkpoint/config.js';
import { parseTemplate } from '../../prompt/parse-template.js';
import { readRows } from './made-rows-file.js';
import { type PromptRecord, readRecord, sha256 } from './prompt-record.js';
import type { SavedPrompt } from './saved-prompt.js';

/** Learned tokens, row-major; none for a method that changes the model's layers. */
export interface LearnedTokens {
  readonly values: Float32Array;
  readonly tokens: number;
  /** Numbers of a token. */
  readonly width: number;
}

/** A prompt as PEFT alone describes it: the template and the labels must come from elsewhere. */
export interface PeftPrompt {
  readonly learned: Learned;
  /** The learned tokens [tokens, width], for methods that have any. */
  readonly embeddings: LearnedTokens;
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
  const learned = await readOwn(folder, record);
  const { method, tokens, arrays } = learned;
  if (record.method !== method)
    throw mixed(folder, `a record of a ${record.method} prompt and numbers of a ${method} one`);
  await checkOwnFile(folder, ADAPTER_FILE, record.files.adapter);
  const width = Object.values(arrays)[0]?.[1];
  if (method === 'soft' && embeddingWidth(record.baseModel) !== width) {
    throw mixed(folder, `a prompt ${width} wide for a model ${embeddingWidth(record.baseModel)} wide`);
  }
  if (record.initialTokens !== null && record.initialTokens.length !== tokens) {
    throw mixed(folder, `${tokens} learned tokens and the start of ${record.initialTokens.length}`);
  }
  const { task, template, placement, labels, calibration, columns, baseModel, initialTokens, tuning, metrics } = record;
  return {
    learned,
    ...(record.files.rows !== undefined && { rows: await readOwnRows(folder, record, record.files.rows) }),
    initial: await readInitial(folder, record, learned),
    initialTokens: initialTokens ?? undefined,
    task,
    template,
    placement,
    labels: new Map(labels.map(({ key, word }) => [key, word])),
    calibration: calibration ?? undefined,
    ...(record.files.bagOfWords !== undefined && { bagOfWords: await readBagOfWords(folder, record, 'bagOfWords') }),
    ...(record.files.wordsBaseline !== undefined && {
      wordsBaseline: await readBagOfWords(folder, record, 'wordsBaseline'),
    }),
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
  const path = adapterFile(folder);
  const { peft, about } = METHODS[config.method];
  const { arrays, values } = await readArrayFile(path, peft!.array, `the tensors of ${about}`);
  for (const [array, shape] of Object.entries(arrays)) {
    const expected = config.shape(array);
    if (shape.length === expected.length && expected.every((size, i) => size === null || size === shape[i])) continue;
    throw new SoftpromptError('PROMPT_TENSOR_INVALID', {
      found: `${path} holds ${array} with the shape [${shape.join(', ')}]`,
      expected: `[${expected.map((size) => size ?? 'any').join(', ')}], as adapter_config.json says`,
      fix: 'Take both files from the same prompt.',
    });
  }
  const { method, tokens, options, baseModel } = config;
  const embeddings =
    tokens === 0
      ? { values: new Float32Array(0), tokens, width: 0 }
      : { values, tokens, width: values.length / tokens };
  return { learned: { method, tokens, options, arrays, values }, embeddings, baseModel };
}

/** What the record of a prompt says it is, by PEFT's own settings where PEFT has the method. */
async function readOwn(folder: string, { method, methodOptions = {} }: PromptRecord): Promise<Learned> {
  if (METHODS[method].peft !== undefined) return (await readPeftPrompt(folder)).learned;
  if (method === 'written') return { method, tokens: 0, options: {}, arrays: {}, values: new Float32Array(0) };
  const { arrays, values } = await readArrayFile(adapterFile(folder), (name) => name, METHODS[method].about);
  return { method, tokens: 0, options: methodOptions, arrays, values };
}

/** The path of the learned numbers. @throws PROMPT_FOLDER_INCOMPLETE */
function adapterFile(folder: string): string {
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
  return path;
}

async function readInitial(
  folder: string,
  record: PromptRecord,
  { arrays }: Learned,
): Promise<Float32Array | undefined> {
  if (record.files.initial === null) return undefined;
  await checkOwnFile(folder, INITIAL_FILE, record.files.initial);
  const nameOf = (tensor: string) => (tensor === INITIAL_TENSOR ? tensor : undefined);
  const initial = await readArrayFile(join(folder, INITIAL_FILE), nameOf, INITIAL_TENSOR);
  const shape = initial.arrays[INITIAL_TENSOR]!;
  if (`${shape}` !== `${Object.values(arrays)[0]}`) {
    throw mixed(folder, `start values of another shape, [${shape.join(', ')}]`);
  }
  return initial.values;
}

async function readOwnRows(
  folder: string,
  { template, baseModel }: PromptRecord,
  hash: string,
): Promise<NonNullable<SavedPrompt['rows']>> {
  await checkOwnFile(folder, ROWS_FILE, hash);
  const rows = await readRows(join(folder, ROWS_FILE), parseTemplate(template), embeddingWidth(baseModel));
  if (rows) return rows;
  throw mixed(folder, `other maps in ${ROWS_FILE} than the template ${JSON.stringify(template)} has rows`);
}

async function readBagOfWords(
  folder: string,
  { files, labels }: PromptRecord,
  which: 'bagOfWords' | 'wordsBaseline',
): Promise<BagOfWordsModel> {
  const file = { bagOfWords: BAG_OF_WORDS_FILE, wordsBaseline: WORDS_BASELINE_FILE }[which];
  await checkOwnFile(folder, file, files[which]!);
  const model = JSON.parse(await readFile(join(folder, file), 'utf8')) as BagOfWordsModel;
  if (model.classes === labels.length) return model;
  throw mixed(folder, `a bag of words of ${model.classes} labels for ${labels.length}`);
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
