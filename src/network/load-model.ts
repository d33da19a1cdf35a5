import { existsSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { EMBEDDED_MODEL, embeddedModelFolder } from '../hub/embedded-model.js';
import { type HubOptions, type LocatedModel, locateModel } from '../hub/hub.js';
import { originOf, pinnedId } from '../hub/hub-cache.js';
import { currentRuntime } from '../runtime/load-runtime.js';
import type { Tokenizer } from '../tokenizer/tokenizer.js';
import { checkVocabulary } from '../tokenizer/vocabulary.js';
import type { Checkpoint } from './checkpoint/checkpoint.js';
import { type CheckpointProgress, openCheckpoint } from './checkpoint/open-checkpoint.js';
import { sharedTokenizer } from './shared-tokenizer.js';

/** A frozen language model with its tokenizer. */
export interface FrozenModel {
  readonly checkpoint: Checkpoint;
  readonly tokenizer: Tokenizer;
  /** What to say where it is another commit than the one that was asked for. */
  readonly note?: string | undefined;
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
  await currentRuntime(); // rather missing now than after a download
  if (source === EMBEDDED_MODEL && !existsSync(source)) {
    return loadLocated(source, { path: embeddedModelFolder(), origin: undefined }, options);
  }
  const located = await locateModel(source, options.hub);
  // a local path must still be right when a prompt is used from another folder
  return loadLocated(existsSync(source) ? resolve(located.path) : source, located, options);
}

/** Loads a model that lies on this machine. @param source how it is named */
export async function loadLocated(
  source: string,
  { path, origin }: LocatedModel,
  options: LoadModelOptions,
): Promise<FrozenModel> {
  const opened = await openCheckpoint(path, {
    ...(options.cacheFolder === undefined ? {} : { cacheFolder: options.cacheFolder }),
    ...(options.onConversion === undefined ? {} : { onProgress: options.onConversion }),
  });
  const from = opened.gguf === undefined ? origin : originOf(opened.gguf);
  const checkpoint = { ...opened, source, ...(from && { origin: from }) };
  const tokenizer = await sharedTokenizer(checkpoint);
  checkVocabulary(tokenizer, checkpoint.config.vocabularySize);
  for (const note of tokenizer.notes) options.onNote?.(note);
  return { checkpoint, tokenizer };
}

/** A name of a model that stays the same model: of one from a hub its commit, of one on this machine its path. */
export function lastingSource({ source, origin }: Pick<Checkpoint, 'source' | 'origin'>): string {
  return origin === undefined || isAbsolute(source) ? source : pinnedId(origin);
}
