import { type FileHandle, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { SoftpromptError } from '../../errors.js';
import { writeFileAtomically } from '../../files/atomic-file.js';
import { parseRecord } from '../../files/json-record.js';
import { writeFailure } from '../../files/write-failure.js';
import { countValues, type StoredTensor } from '../../weights/stored-tensor.js';
import {
  readByHeadAsFloat32,
  readHeadsAsFloat32,
  readRowsAsFloat32,
  readTransposedAsFloat32,
} from '../../weights/tensor-rows.js';
import type { GgufFamily } from '../families/family.js';
import type { WeightLocation } from './checkpoint.js';
import type { ModelConfig } from './config.js';
import { configRecord } from './config-record.js';
import { weightGroups } from './expected-weights.js';

/** What a conversion starts from. */
export interface ConversionSource {
  readonly config: ModelConfig;
  /** All of `expectedWeights(config)`, by name. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** How a tensor lies otherwise than the network wants it. */
  readonly arrangement: GgufFamily['arrangement'];
}

/** A model converted earlier. */
export interface ConvertedWeights {
  readonly config: ModelConfig;
  readonly weights: ReadonlyMap<string, WeightLocation>;
}

/** To be raised when the layout or the index changes, so that older conversions are not taken up. */
const VERSION = 1;
const indexRecord = z.object({ config: configRecord });
const WEIGHTS_FILE = 'weights.f32';
const INDEX_FILE = 'index.json';
/** Each group of weights begins at a memory page. */
const GROUP_ALIGNMENT = 4096;

/** The weights converted from files with this content hash, or undefined where there are none, or not whole. */
export async function findConverted(cacheFolder: string, hash: string): Promise<ConvertedWeights | undefined> {
  const folder = conversionFolder(cacheFolder, hash);
  try {
    const read = parseRecord(await readFile(join(folder, INDEX_FILE), 'utf8'), indexRecord);
    if (read.problem !== undefined) return undefined;
    const { config } = read.record;
    const layout = planLayout(config, join(folder, WEIGHTS_FILE));
    const { size } = await stat(join(folder, WEIGHTS_FILE));
    return size === layout.byteLength ? { config, weights: layout.weights } : undefined;
  } catch {
    // Missing or damaged: it is to be converted anew.
    return undefined;
  }
}

/**
 * Converts weights to one file of float32 in the cache, a piece at a time, and returns where they lie. Processes that
 * convert the same model at once write the same bytes, each to its own temporary file. One that is killed leaves only
 * such a file, which the next conversion removes. `onBytes` hears how many bytes are written.
 * Errors: CACHE_UNWRITABLE, MODEL_FILE_UNREADABLE, TENSOR_TYPE_UNSUPPORTED.
 */
export async function convertWeights(
  cacheFolder: string,
  hash: string,
  source: ConversionSource,
  onBytes?: (done: number, total: number) => void,
): Promise<ConvertedWeights> {
  const folder = conversionFolder(cacheFolder, hash);
  const layout = planLayout(source.config, join(folder, WEIGHTS_FILE));
  try {
    await writeFileAtomically(join(folder, WEIGHTS_FILE), async (file) => {
      for (const { name, offset } of layout.weights.values()) {
        let at = offset;
        for await (const values of readRows(source, name)) {
          await writeFully(file, values, at);
          at += values.byteLength;
          onBytes?.(at, layout.byteLength);
        }
      }
    });
    // The index comes last: where it stands, the weights are whole.
    await writeFileAtomically(join(folder, INDEX_FILE), JSON.stringify({ config: source.config }));
  } catch (error) {
    // Where another process has finished first, its files may be in use and not replaceable (Windows).
    const finished = error instanceof SoftpromptError ? undefined : await findConverted(cacheFolder, hash);
    if (finished !== undefined) return finished;
    throw asCacheError(folder, layout.byteLength, error);
  }
  return { config: source.config, weights: layout.weights };
}

function conversionFolder(cacheFolder: string, hash: string): string {
  return join(cacheFolder, 'weights', `${hash}-v${VERSION}`);
}

/** Where each weight of a model lies in the converted file; the shape of the model is all it depends on. */
function planLayout(
  config: ModelConfig,
  file: string,
): { readonly weights: ReadonlyMap<string, WeightLocation>; readonly byteLength: number } {
  const weights = new Map<string, WeightLocation>();
  let end = 0;
  for (const group of weightGroups(config)) {
    end = Math.ceil(end / GROUP_ALIGNMENT) * GROUP_ALIGNMENT;
    for (const { name, shape } of group) {
      const byteLength = 4 * countValues(shape);
      weights.set(name, { name, shape, file, offset: end, byteLength });
      end += byteLength;
    }
  }
  return { weights, byteLength: end };
}

function readRows(source: ConversionSource, name: string): AsyncGenerator<Float32Array> {
  const tensor = source.tensors.get(name)!;
  const { heads, headSize } = source.config;
  switch (source.arrangement?.(name)) {
    case 'interleaved heads':
      return readHeadsAsFloat32(tensor, headSize);
    case 'transposed':
      return readTransposedAsFloat32(tensor);
    case 'parts apart':
      return readByHeadAsFloat32(tensor, { heads, headSize, parts: 3 });
    default:
      return readRowsAsFloat32(tensor);
  }
}

async function writeFully(file: FileHandle, values: Float32Array, position: number): Promise<void> {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
}

function asCacheError(folder: string, bytes: number, error: unknown): unknown {
  const failure =
    error instanceof Error &&
    'syscall' in error &&
    writeFailure(error, 'a folder on another disk with SOFTPROMPT_CACHE');
  if (!failure) return error;
  return new SoftpromptError(
    'CACHE_UNWRITABLE',
    {
      found: `The converted weights cannot be written to ${folder}: ${error.message}`,
      expected: `${failure.expected} (the weights take ${Math.ceil(bytes / 2 ** 20)} MiB)`,
      fix: failure.fix,
    },
    { cause: error },
  );
}
