import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type ErrorCode, SoftpromptError } from '../errors.js';
import { readText } from '../files/read-bytes.js';
import { readPytorch } from './pytorch.js';
import { readSafetensorsHeader } from './safetensors.js';
import type { StoredTensor } from './stored-tensor.js';

/** How a folder holds a model's weights, whole or in shards that an index names. */
export interface ShardFormat {
  readonly single: string;
  readonly index: string;
  /** How the names of shards end. */
  readonly ending: string;
  readonly indexError: ErrorCode;
  read(path: string): Promise<ReadonlyMap<string, StoredTensor>>;
}

export const SAFETENSORS: ShardFormat = {
  single: 'model.safetensors',
  index: 'model.safetensors.index.json',
  ending: '.safetensors',
  indexError: 'SAFETENSORS_INDEX_INVALID',
  read: async (path) => (await readSafetensorsHeader(path)).tensors,
};

export const PYTORCH: ShardFormat = {
  single: 'pytorch_model.bin',
  index: 'pytorch_model.bin.index.json',
  ending: '.bin',
  indexError: 'PYTORCH_INVALID',
  read: readPytorch,
};

/** How a folder holds its weights; safetensors go before PyTorch's. Undefined where it has neither. */
export function shardFormat(folder: string): ShardFormat | undefined {
  const has = (name: string) => existsSync(join(folder, name));
  return [SAFETENSORS, PYTORCH].find(({ single, index }) => has(single) || has(index));
}

/** The weights of a model folder. */
export interface FolderWeights {
  /** In the order of their names. */
  readonly files: readonly string[];
  /** All tensors of the files. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** What the index promises and no file has, tensor → shard: harmless where no network needs it. */
  readonly absent: ReadonlyMap<string, string>;
}

/**
 * The weights of a model folder. A whole file goes before shards, as in transformers.
 * Errors: SAFETENSORS_INDEX_INVALID, SAFETENSORS_INVALID, PYTORCH_INVALID, PYTORCH_REFUSED, MODEL_FILE_UNREADABLE.
 */
export async function readShards(folder: string, format: ShardFormat = SAFETENSORS): Promise<FolderWeights> {
  const single = join(folder, format.single);
  if (existsSync(single)) return { files: [single], tensors: await format.read(single), absent: new Map() };
  const index = join(folder, format.index);
  const placement = parseIndex(index, await readText(index), format);
  const shards = new Map<string, ReadonlyMap<string, StoredTensor>>();
  for (const shard of [...new Set(placement.values())].sort()) {
    if (existsSync(join(folder, shard))) shards.set(shard, await format.read(join(folder, shard)));
  }
  if (shards.size === 0) {
    throw invalid(
      index,
      `none of the shards that it names is there (${[...new Set(placement.values())].slice(0, 3).join(', ')})`,
      format,
    );
  }
  const tensors = new Map([...shards.values()].flatMap((shard) => [...shard]));
  const absent = new Map<string, string>();
  for (const [name, shard] of placement) {
    const tensor = shards.get(shard)?.get(name);
    if (tensor !== undefined) tensors.set(name, tensor);
    else if (!tensors.has(name)) absent.set(name, shard);
  }
  return { files: [...shards.keys()].map((shard) => join(folder, shard)), tensors, absent };
}

/** The error for a tensor that the network needs and that its shard lacks. */
export function absentTensor(folder: string, name: string, shard: string, format = SAFETENSORS): SoftpromptError {
  const missing = existsSync(join(folder, shard)) ? 'where it is not' : 'which is not there';
  return invalid(join(folder, format.index), `it places tensor '${name}' in ${shard}, ${missing}`, format);
}

/** The shards that an index names, sorted. Errors: SAFETENSORS_INDEX_INVALID, MODEL_FILE_UNREADABLE. */
export async function readShardNames(index: string, format = SAFETENSORS): Promise<readonly string[]> {
  return [...new Set(parseIndex(index, await readText(index), format).values())].sort();
}

/** Tensor → shard. */
function parseIndex(path: string, text: string, format: ShardFormat): ReadonlyMap<string, string> {
  let index: unknown;
  try {
    index = JSON.parse(text);
  } catch (cause) {
    throw invalid(path, `it is not JSON (${cause instanceof Error ? cause.message : cause})`, format);
  }
  const map = typeof index === 'object' && index !== null && 'weight_map' in index ? index.weight_map : undefined;
  if (typeof map !== 'object' || map === null) throw invalid(path, "it has no 'weight_map'", format);
  const entries = Object.entries(map as Record<string, unknown>).map(([name, file]): [string, string] => {
    if (typeof file !== 'string' || basename(file) !== file || !file.endsWith(format.ending)) {
      throw invalid(path, `it places tensor '${name}' in ${JSON.stringify(file)}`, format);
    }
    return [name, file];
  });
  if (entries.length === 0) throw invalid(path, 'it names no tensor', format);
  return new Map(entries);
}

function invalid(path: string, found: string, { indexError, ending }: ShardFormat): SoftpromptError {
  return new SoftpromptError(indexError, {
    found: `The shard index ${path} does not fit its folder: ${found}`,
    expected: `an object 'weight_map' that gives for each tensor a ${ending} file of the same folder that holds it`,
    fix: 'Download the folder again, with all its shards.',
  });
}
