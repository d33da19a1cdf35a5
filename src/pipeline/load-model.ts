import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { onnxRuntime } from '../autodiff/onnx-runtime.js';
import type { Checkpoint } from '../model/checkpoint.js';
import { EMBEDDED_MODEL, embeddedModelFolder } from '../model/embedded-model.js';
import { readGguf } from '../model/gguf.js';
import { type HubOptions, resolveModel } from '../model/hub.js';
import { type CheckpointProgress, openCheckpoint } from '../model/open-checkpoint.js';
import { tokenizerFromGguf } from '../tokenizer/gguf-tokenizer.js';
import { loadTokenizer } from '../tokenizer/load-tokenizer.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { checkVocabulary } from '../tokenizer/vocabulary.js';

/** A frozen language model with its tokenizer. */
export interface FrozenModel {
  readonly checkpoint: Checkpoint;
  readonly tokenizer: Tokenizer;
}

export interface LoadModelOptions {
  /** Where converted weights are kept; default: softprompt's cache folder. */
  readonly cacheFolder?: string | undefined;
  /** Where and how models named by a hub id are found. */
  readonly hub?: HubOptions | undefined;
  /** Hears what may differ from the model's own tokenizer, a line each. */
  readonly onNote?: ((text: string) => void) | undefined;
  readonly onConversion?: ((progress: CheckpointProgress) => void) | undefined;
}

/** Loads a model from a folder, a GGUF file, or the hub; or the one that comes with this package, called `embedded`. */
export async function loadModel(source: string, options: LoadModelOptions = {}): Promise<FrozenModel> {
  await onnxRuntime(); // rather missing now than after a download
  const embedded = source === EMBEDDED_MODEL && !existsSync(source);
  const path = embedded ? embeddedModelFolder() : await resolveModel(source, options.hub);
  const opened = await openCheckpoint(path, {
    ...(options.cacheFolder === undefined ? {} : { cacheFolder: options.cacheFolder }),
    ...(options.onConversion === undefined ? {} : { onProgress: options.onConversion }),
  });
  // a local path must still be right when a prompt is used from another folder
  const checkpoint = { ...opened, source: existsSync(source) ? resolve(source) : source };
  const tokenizer =
    checkpoint.tokenizer.kind === 'gguf'
      ? tokenizerFromGguf((await readGguf(checkpoint.tokenizer.path)).metadata, checkpoint.tokenizer.path)
      : await loadTokenizer(checkpoint.tokenizer.path, { rows: checkpoint.config.vocabularySize });
  checkVocabulary(tokenizer, checkpoint.config.vocabularySize);
  for (const note of tokenizer.notes) options.onNote?.(note);
  return { checkpoint, tokenizer };
}
