import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SoftpromptError } from '../../errors.js';
import { removeAbandoned, temporaryPath, writeFileAtomically } from '../../files/atomic-file.js';
import { writeToFolder } from '../../files/folder-writing.js';
import { adapterConfig } from '../../methods/adapter-config.js';
import { checkFinite } from '../../methods/array-file.js';
import {
  ADAPTER_CONFIG_FILE,
  ADAPTER_FILE,
  BAG_OF_WORDS_FILE,
  CARD_FILE,
  INITIAL_FILE,
  INITIAL_TENSOR,
  RECORD_FILE,
  ROWS_FILE,
  WORDS_BASELINE_FILE,
} from '../../methods/prompt-files.js';
import { METHODS } from '../../methods/registry.js';
import { embeddingWidth } from '../../network/checkpoint/config.js';
import { namedArrays } from '../../network/trainable.js';
import { encodeSafetensors } from '../../weights/safetensors-writer.js';
import { encodeRows } from './made-rows-file.js';
import { modelCard } from './model-card.js';
import { formatRecord } from './prompt-record.js';
import type { SavedPrompt } from './saved-prompt.js';

/** Every file of a prompt; the record comes last, since it vouches for the others. */
const FILES = [
  ...[CARD_FILE, ADAPTER_CONFIG_FILE, INITIAL_FILE, ROWS_FILE, BAG_OF_WORDS_FILE, WORDS_BASELINE_FILE],
  ...[ADAPTER_FILE, RECORD_FILE],
];

export interface WriteOptions {
  /** Replace a prompt that is already there; default false. Other files of the folder are kept in any case. */
  readonly overwrite?: boolean;
}

/**
 * Checks that `folder` can take a prompt, so that a mistake shows before tuning and not after it.
 * Errors: PROMPT_FOLDER_EXISTS where one of a prompt's files is there already.
 */
export function checkPromptFolder(folder: string, { overwrite = false }: WriteOptions = {}): void {
  const taken = FILES.filter((name) => existsSync(join(folder, name)));
  if (overwrite || taken.length === 0) return;
  throw new SoftpromptError('PROMPT_FOLDER_EXISTS', {
    found: `${folder} already holds ${taken.join(', ')}`,
    expected: 'a new folder, or one without a prompt',
    fix: 'Choose another folder (--out), or allow overwriting (--overwrite).',
  });
}

/**
 * Saves a prompt as a folder: PEFT's two files, `softprompt.json`, the start values and a card. Everything is first
 * written beside the folder and then moved into it, `softprompt.json` last: until then the folder does not read as a
 * prompt, and a full disk leaves an older prompt as it was.
 * Errors: PROMPT_FOLDER_EXISTS, PROMPT_FOLDER_UNWRITABLE, PROMPT_TENSOR_INVALID for values that are not finite.
 */
export async function writePrompt(folder: string, prompt: SavedPrompt, options: WriteOptions = {}): Promise<void> {
  checkPromptFolder(folder, options);
  const contents = promptFiles(prompt);
  const target = resolve(folder);
  const staging = temporaryPath(target);
  await writeToFolder(`The prompt in ${folder}`, async () => {
    await removeAbandoned(target);
    try {
      for (const [name, content] of contents) await writeFileAtomically(join(staging, name), content);
      await mkdir(target, { recursive: true });
      for (const name of FILES) {
        if (contents.has(name)) await rename(join(staging, name), join(target, name));
        else await rm(join(target, name), { force: true });
      }
    } finally {
      // A failed clean-up must not hide why writing failed.
      await rm(staging, { recursive: true, force: true }).catch(() => {});
    }
  });
}

/** File name → content. */
function promptFiles(prompt: SavedPrompt): Map<string, string | Uint8Array> {
  const { learned } = prompt;
  checkFinite(learned, 'What is to be saved');
  const { peft } = METHODS[learned.method];
  const config = adapterConfig(learned, prompt.baseModel);
  const adapter = encodeSafetensors(
    Object.entries(namedArrays(learned.arrays, learned.values)).map(([array, values]) => ({
      ...{ name: peft?.tensor(array) ?? array, shape: learned.arrays[array]!, values },
    })),
  );
  const shape = Object.values(learned.arrays)[0]!;
  const initial = prompt.initial && encodeSafetensors([{ name: INITIAL_TENSOR, shape, values: prompt.initial }]);
  const rows = prompt.rows && encodeRows(prompt.rows, embeddingWidth(prompt.baseModel));
  const bagOfWords = prompt.bagOfWords && JSON.stringify(prompt.bagOfWords);
  const wordsBaseline = prompt.wordsBaseline && JSON.stringify(prompt.wordsBaseline);
  const files = new Map<string, string | Uint8Array>([
    [CARD_FILE, modelCard(prompt)],
    [ADAPTER_FILE, adapter],
    [RECORD_FILE, formatRecord(prompt, { adapter, initial, rows, bagOfWords, wordsBaseline })],
  ]);
  if (config) files.set(ADAPTER_CONFIG_FILE, `${JSON.stringify(config, null, 2)}\n`);
  if (initial) files.set(INITIAL_FILE, initial);
  if (rows) files.set(ROWS_FILE, rows);
  if (bagOfWords !== undefined) files.set(BAG_OF_WORDS_FILE, bagOfWords);
  if (wordsBaseline !== undefined) files.set(WORDS_BASELINE_FILE, wordsBaseline);
  return files;
}
