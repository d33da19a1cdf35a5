import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { SoftpromptError } from '../errors.js';
import { readText } from '../files/read-bytes.js';
import { readSafetensorsHeader } from './safetensors.js';
import type { StoredTensor } from './stored-tensor.js';

const SINGLE = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';

/** Whether a folder holds a model's weights as safetensors, whole or in shards. */
export function hasSafetensors(folder: string): boolean {
  return existsSync(join(folder, SINGLE)) || existsSync(join(folder, INDEX));
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
 * The weights of a model folder. A whole `model.safetensors` goes before shards, as in transformers.
 * Errors: SAFETENSORS_INDEX_INVALID, SAFETENSORS_INVALID, MODEL_FILE_UNREADABLE.
 */
export async function readShards(folder: string): Promise<FolderWeights> {
  const single = join(folder, SINGLE);
  if (existsSync(single)) {
    return { files: [single], tensors: (await readSafetensorsHeader(single)).tensors, absent: new Map() };
  }
  const index = join(folder, INDEX);
  const placement = parseIndex(index, await readText(index));
  const shards = new Map<string, ReadonlyMap<string, StoredTensor>>();
  for (const shard of [...new Set(placement.values())].sort()) {
    if (existsSync(join(folder, shard))) shards.set(shard, (await readSafetensorsHeader(join(folder, shard))).tensors);
  }
  if (shards.size === 0) {
    throw invalid(
      index,
      `none of the shards that it names is there (${[...new Set(placement.values())].slice(0, 3).join(', ')})`,
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
export function absentTensor(folder: string, name: string, shard: string): SoftpromptError {
  const missing = existsSync(join(folder, shard)) ? 'where it is not' : 'which is not there';
  return invalid(join(folder, INDEX), `it places tensor '${name}' in ${shard}, ${missing}`);
}

/** The shards that an index names, sorted. Errors: SAFETENSORS_INDEX_INVALID, MODEL_FILE_UNREADABLE. */
export async function readShardNames(index: string): Promise<readonly string[]> {
  return [...new Set(parseIndex(index, await readText(index)).values())].sort();
}

/** Tensor → shard. */
function parseIndex(path: string, text: string): ReadonlyMap<string, string> {
  let index: unknown;
  try {
    index = JSON.parse(text);
  } catch (cause) {
    throw invalid(path, `it is not JSON (${cause instanceof Error ? cause.message : cause})`);
  }
  const map = typeof index === 'object' && index !== null && 'weight_map' in index ? index.weight_map : undefined;
  if (typeof map !== 'object' || map === null) throw invalid(path, "it has no 'weight_map'");
  const entries = Object.entries(map as Record<string, unknown>).map(([name, file]): [string, string] => {
    if (typeof file !== 'string' || basename(file) !== file || !file.endsWith('.safetensors')) {
      throw invalid(path, `it places tensor '${name}' in ${JSON.stringify(file)}`);
    }
    return [name, file];
  });
  if (entries.length === 0) throw invalid(path, 'it names no tensor');
  return new Map(entries);
}

function invalid(path: string, found: string): SoftpromptError {
  return new SoftpromptError('SAFETENSORS_INDEX_INVALID', {
    found: `The shard index ${path} does not fit its folder: ${found}`,
    expected: "an object 'weight_map' that gives for each tensor a .safetensors file of the same folder that holds it",
    fix: 'Download the folder again, with all its shards.',
  });
}
