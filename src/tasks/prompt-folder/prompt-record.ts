import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { SoftpromptError } from '../../errors.js';
import { readJsonFile } from '../../files/json-file.js';
import { METHOD_OPTIONS } from '../../methods/method-options.js';
import { RECORD_FILE } from '../../methods/prompt-files.js';
import { KEPT_METHODS, METHODS } from '../../methods/registry.js';
import { optionsRecord } from '../../options/option-record.js';
import { packageVersion } from '../../package-version.js';
import { softpromptCommand } from '../../shell-command.js';
import { baseModelRecord } from './base-model-record.js';
import type { JsonValue, SavedPrompt } from './saved-prompt.js';

/** Raised when a reader of the old format would misread the new one. */
const FORMAT_VERSION = 1;

const labelWord = z.object({ key: z.string(), word: z.string().min(1) });

const calibration = z.object({
  method: z.enum(['contextual', 'batch', 'median']),
  logBias: z.array(z.number()),
});

const exampleColumns = z.object({
  fields: z.record(z.string(), z.string()),
  label: z.string().exactOptional(),
});

const scoreRow = z.object({
  name: z.string(),
  scores: z.record(z.string(), z.number()),
  intervals: z.record(z.string(), z.tuple([z.number(), z.number()])).exactOptional(),
});

const jsonValue: z.ZodType<JsonValue> = z.json();

const promptRecord = z
  .object({
    writtenBy: z.string(),
    task: z.enum(['classification', 'titles', 'generation']),
    method: z.enum(KEPT_METHODS).default('soft'),
    /** Settings of a method that PEFT does not have; PEFT's own file says the others. */
    methodOptions: optionsRecord(METHOD_OPTIONS).optional(),
    template: z.string(),
    placement: z.enum(['front', 'elsewhere']),
    labels: z.array(labelWord),
    calibration: calibration.nullable(),
    columns: exampleColumns.exactOptional(),
    baseModel: baseModelRecord,
    initialTokens: z.array(z.int().nonnegative().nullable()).nullable(),
    tuning: z.record(z.string(), jsonValue),
    metrics: z.array(z.object({ split: z.string(), rows: z.array(scoreRow) })),
    /** sha256 of the two files of embeddings: a folder put together from two prompts is recognised. */
    files: z.object({
      ...{ adapter: z.string(), initial: z.string().nullable(), rows: z.string().exactOptional() },
      ...{ bagOfWords: z.string().exactOptional(), wordsBaseline: z.string().exactOptional() },
    }),
  })
  .refine(({ task, labels }) => (task === 'classification' ? labels.length >= 2 : labels.length === 0), {
    path: ['labels'],
    message: 'Expected at least two labels of a classification, and none where titles are ranked or texts generated',
  })
  .refine(({ labels }) => new Set(labels.map(({ key }) => key)).size === labels.length, {
    path: ['labels'],
    message: 'Expected each key once',
  })
  .refine(({ calibration, labels }) => calibration === null || calibration.logBias.length === labels.length, {
    path: ['calibration', 'logBias'],
    message: 'Expected one number per label',
  });

/** `softprompt.json`: what PEFT's files do not say of a prompt. */
export type PromptRecord = z.infer<typeof promptRecord>;

/** The text of `softprompt.json`. `files` are the bytes it will lie beside. */
export function formatRecord(
  prompt: SavedPrompt,
  files: {
    readonly adapter: Uint8Array;
    readonly initial: Uint8Array | undefined;
    readonly rows?: Uint8Array | undefined;
    readonly bagOfWords?: string | undefined;
    readonly wordsBaseline?: string | undefined;
  },
): string {
  const { learned, initial, initialTokens, labels, calibration, ...all } = prompt;
  const { rows: _, bagOfWords: __, wordsBaseline: ___, ...rest } = all;
  const record = {
    formatVersion: FORMAT_VERSION,
    writtenBy: `softprompt ${packageVersion()}`,
    method: learned.method,
    ...(METHODS[learned.method].peft === undefined && { methodOptions: learned.options }),
    ...rest,
    labels: [...labels].map(([key, word]) => ({ key, word })),
    calibration: calibration ?? null,
    initialTokens: initialTokens ?? null,
    files: {
      adapter: sha256(files.adapter),
      initial: files.initial ? sha256(files.initial) : null,
      ...(files.rows && { rows: sha256(files.rows) }),
      ...(files.bagOfWords !== undefined && { bagOfWords: sha256(Buffer.from(files.bagOfWords)) }),
      ...(files.wordsBaseline !== undefined && { wordsBaseline: sha256(Buffer.from(files.wordsBaseline)) }),
    },
  };
  return `${JSON.stringify(record, null, 2)}\n`;
}

/** What records of all kinds and versions begin with. */
const recordHead = z.object({ formatVersion: z.int().positive(), task: z.unknown() });

/**
 * Reads `softprompt.json` of a prompt folder.
 * Errors: PROMPT_FOLDER_INCOMPLETE, PROMPT_FILE_INVALID also for that of a recommender, PROMPT_VERSION where a newer softprompt wrote it.
 */
export async function readRecord(folder: string): Promise<PromptRecord> {
  const path = join(folder, RECORD_FILE);
  const { formatVersion, task } = await readJsonFile(path, recordHead);
  if (task === 'recommendation') {
    throw new SoftpromptError('PROMPT_FILE_INVALID', {
      found: `${path} is that of a recommender, not of a prompt`,
      expected: 'a folder that softprompt or PEFT saved a prompt to',
      fix: `Check the path, or ask the recommender: \`${softpromptCommand('recommend', 'for', folder, '--user')} ID\`.`,
    });
  }
  if (formatVersion > FORMAT_VERSION) {
    throw new SoftpromptError('PROMPT_VERSION', {
      found: `${path} has the format version ${formatVersion}`,
      expected: `at most ${FORMAT_VERSION}, the newest that softprompt ${packageVersion()} knows`,
      fix: 'Update softprompt: npm install softprompt@latest.',
    });
  }
  return readJsonFile(path, promptRecord);
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
