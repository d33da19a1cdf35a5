import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { defaultCacheFolder } from '../../files/cache-folder.js';
import { hashFiles } from '../../files/content-hash.js';
import { readText } from '../../files/read-bytes.js';
import { incomplete, lacksFile, onlyGguf, refuseOtherFile, refuseUnfetched } from '../../hub/no-model.js';
import { absentTensor, readShards, type ShardFormat, shardFormat } from '../../weights/safetensors-shards.js';
import type { StoredTensor } from '../../weights/stored-tensor.js';
import { familyOf } from '../families/registry.js';
import type { Checkpoint, Pooling, WeightLocation } from './checkpoint.js';
import type { ModelConfig } from './config.js';
import { checkWeights, expectedWeights } from './expected-weights.js';
import { readGgufModel } from './gguf-model.js';
import { parseModelConfig } from './model-config.js';
import { Settings } from './settings.js';
import { nameTensors } from './tensor-names.js';
import { type ConversionSource, type ConvertedWeights, convertWeights, findConverted } from './weight-cache.js';

export interface OpenCheckpointOptions {
  /** Where converted weights and hashes are kept. Default: `defaultCacheFolder()`. */
  readonly cacheFolder?: string;
  /** Hears of work that takes seconds, the first time a model is opened. */
  readonly onProgress?: (progress: CheckpointProgress) => void;
}

export interface CheckpointProgress {
  readonly step: 'hashing' | 'converting';
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/**
 * Opens a frozen model that lies on this machine: a folder with `config.json` and safetensors or PyTorch's weights (whole or
 * in shards), a folder with one `.gguf` file, or a `.gguf` file. Float32 safetensors are mapped where they lie; anything else is
 * converted once into the cache. The settings of a GGUF model come from the file itself.
 * Errors: MODEL_FOLDER_INCOMPLETE, MODEL_FILE_UNREADABLE, MODEL_CONFIG_INVALID, MODEL_UNSUPPORTED, WEIGHTS_MISMATCH, CACHE_UNWRITABLE and those
 * of the file formats.
 */
export async function openCheckpoint(source: string, options: OpenCheckpointOptions = {}): Promise<Checkpoint> {
  const facts = await stat(source).catch(() => undefined);
  if (facts === undefined) throw incomplete(`There is no file or folder ${source}`);
  if (!facts.isDirectory()) {
    await refuseOtherFile(source);
    return openGguf(source, source, options);
  }
  const format = shardFormat(source);
  if (format !== undefined) return openFolder(source, format, options);
  return openGguf(source, await onlyGguf(source), options);
}

async function openFolder(source: string, format: ShardFormat, options: OpenCheckpointOptions): Promise<Checkpoint> {
  const folder = resolve(source);
  const [configPath, tokenizerPath] = [join(folder, 'config.json'), join(folder, 'tokenizer.json')];
  for (const path of [configPath, tokenizerPath]) {
    if (!existsSync(path)) throw lacksFile(path);
  }
  const settings = parseModelConfig(configPath, await readText(configPath));
  const {
    files,
    tensors: written,
    absent,
  } = await readShards(folder, format).catch(async (error) => {
    await refuseUnfetched(folder);
    throw error;
  });
  const tensors = nameTensors(settings, written);
  const config = familyOf(settings).fitToTensors?.(settings, new Set(tensors.keys())) ?? settings;
  const promised = nameTensors(config, absent);
  for (const { name } of expectedWeights(config)) {
    const shard = promised.get(name);
    if (shard !== undefined && !tensors.has(name)) throw absentTensor(folder, name, shard, format);
  }
  checkWeights(folder, config, tensors);
  const hash = await hashWeights(files, options);
  const weights = mapFloat32(config, tensors) ?? (await convertFolder(hash, config, tensors, options));
  const pooling = await readPooling(folder);
  return { config, weights, tokenizer: { kind: 'tokenizer.json', path: tokenizerPath }, pooling, source, hash };
}

/** The pooling that sentence-transformers keeps beside a model. Errors: MODEL_UNSUPPORTED, MODEL_CONFIG_INVALID. */
async function readPooling(folder: string): Promise<Pooling | undefined> {
  const path = join(folder, '1_Pooling', 'config.json');
  if (!existsSync(path)) return undefined;
  const settings = Settings.fromJson(path, await readText(path));
  if (settings.flag('pooling_mode_mean_tokens', false)) return 'mean';
  if (settings.flag('pooling_mode_cls_token', false)) return 'first';
  if (settings.flag('pooling_mode_lasttoken', false)) return 'last';
  throw settings.unsupported(
    'another pooling',
    'pooling_mode_mean_tokens, pooling_mode_cls_token or pooling_mode_lasttoken',
  );
}

/** Where the weights lie, if all of them lie as the network can map them. */
function mapFloat32(
  config: ModelConfig,
  tensors: ReadonlyMap<string, StoredTensor>,
): ReadonlyMap<string, WeightLocation> | undefined {
  const weights = new Map<string, WeightLocation>();
  for (const { name, shape } of expectedWeights(config)) {
    const { dtype, file, offset, byteLength } = tensors.get(name)!;
    if (dtype !== 'F32' || offset % 4 !== 0) return undefined;
    weights.set(name, { name, shape, file, offset, byteLength });
  }
  return weights;
}

async function convertFolder(
  hash: string,
  config: ModelConfig,
  tensors: ReadonlyMap<string, StoredTensor>,
  options: OpenCheckpointOptions,
): Promise<ReadonlyMap<string, WeightLocation>> {
  const found = (await findConverted(cacheOf(options), hash))?.weights;
  // The hash is that of the weights alone: config.json may have changed since they were converted.
  const fits = expectedWeights(config).every(({ name, shape }) => found?.get(name)?.shape.join() === shape.join());
  if (found !== undefined && fits) return found;
  return (await convert(hash, { config, tensors, arrangement: undefined }, options)).weights;
}

async function openGguf(source: string, file: string, options: OpenCheckpointOptions): Promise<Checkpoint> {
  const path = resolve(file);
  const hash = await hashWeights([path], options);
  const { config, weights } = (await findConverted(cacheOf(options), hash)) ?? (await convertGguf(hash, path, options));
  const tokenizerPath = join(dirname(path), 'tokenizer.json');
  const tokenizer = existsSync(tokenizerPath)
    ? ({ kind: 'tokenizer.json', path: tokenizerPath } as const)
    : ({ kind: 'gguf', path } as const);
  return { config, weights, tokenizer, source, gguf: path, hash };
}

async function convertGguf(hash: string, path: string, options: OpenCheckpointOptions): Promise<ConvertedWeights> {
  const model = await readGgufModel(path);
  const asWanted = Array.from(model.tensors, ([name, { shape }]) => {
    const turned = model.arrangement?.(name) === 'transposed';
    return [name, { shape: turned ? shape.toReversed() : shape }] as const;
  });
  checkWeights(path, model.config, new Map(asWanted));
  return convert(hash, model, options);
}

function hashWeights(files: readonly string[], options: OpenCheckpointOptions): Promise<string> {
  return hashFiles(files, cacheOf(options), (doneBytes, totalBytes) =>
    options.onProgress?.({ step: 'hashing', doneBytes, totalBytes }),
  );
}

function convert(hash: string, source: ConversionSource, options: OpenCheckpointOptions): Promise<ConvertedWeights> {
  return convertWeights(cacheOf(options), hash, source, (doneBytes, totalBytes) =>
    options.onProgress?.({ step: 'converting', doneBytes, totalBytes }),
  );
}

function cacheOf(options: OpenCheckpointOptions): string {
  return resolve(options.cacheFolder ?? defaultCacheFolder());
}
