import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../atomic-file.js';
import { SoftpromptError } from '../errors.js';
import { type NamedArrays, readTensorFile, writeTensorFile } from '../model/tensor-file.js';
import type { Recommender } from '../recommend/recommender.js';
import type { SasRecShape } from '../recommend/sequential/sasrec-network.js';
import { writeToFolder } from './folder-writing.js';
import { readJsonLines, writeJsonLines } from './json-lines-file.js';
import { formatRecommenderRecord, parseRecommenderRecord, type RecommenderRecord } from './recommender-record.js';
import type { BaseModel, JsonValue } from './saved-prompt.js';
import { removeWords } from './words-file.js';

/** What lies in a recommender's folder. */
export interface SavedRecommender {
  readonly recommender: Recommender;
  /** What is known of each item, by column; a row an item code. */
  readonly itemColumns: ReadonlyMap<string, readonly string[]>;
  /** Code → id. */
  readonly users: readonly string[];
  /** Items of each user, the oldest first, in compressed form. */
  readonly histories: { readonly offsets: Int32Array; readonly items: Int32Array };
  /** How the items' texts were read; undefined where they were not. */
  readonly reading:
    | {
        readonly template: string;
        readonly layers: number;
        readonly baseModel: BaseModel;
        /** [P, d] */
        readonly prompt: Float32Array;
      }
    | undefined;
  /** The language model whose first layers encode; undefined where the encoder is a learned one. */
  readonly encoderModel?: BaseModel | undefined;
  readonly options: JsonValue;
  /** How data was split and judged, in words. */
  readonly protocol: string;
  readonly metrics: JsonValue;
}

const RECORD = 'softprompt.json';
const NETWORK = 'network.safetensors';
const HISTORIES = 'histories.safetensors';
/** The columns' names in the first line, then a line an item: its id and its values. */
const ITEMS = 'items.jsonl';
const USERS = 'users.jsonl';
/** @throws PROMPT_FOLDER_EXISTS */
export function checkRecommenderFolder(folder: string, overwrite: boolean): void {
  if (overwrite || !existsSync(join(folder, RECORD))) return;
  throw new SoftpromptError('PROMPT_FOLDER_EXISTS', {
    found: `${folder} already holds ${RECORD}`,
    expected: 'a new folder',
    fix: 'Choose another folder, or allow overwriting.',
  });
}

/**
 * Saves a recommender. The record vouches for the other files: an old one goes before any of them is replaced, the new
 * one comes last, and a folder whose writing was cut short does not read as a recommender.
 * Errors: PROMPT_FOLDER_UNWRITABLE.
 */
export async function writeRecommender(folder: string, saved: SavedRecommender): Promise<void> {
  const { network, itemItem, items } = saved.recommender;
  const record: RecommenderRecord = {
    task: 'recommendation',
    shape: plainShape(network.shape),
    featureWidth: network.inputs.features?.width ?? 0,
    ...(network.users && { userAttributes: network.users.attributes }),
    mixture: itemItem ? { ...itemItem.mixture, recency: itemItem.model.recency } : null,
    reading: saved.reading
      ? { template: saved.reading.template, layers: saved.reading.layers, baseModel: saved.reading.baseModel }
      : null,
    ...(saved.encoderModel && { encoderModel: saved.encoderModel }),
    options: saved.options,
    protocol: saved.protocol,
    metrics: saved.metrics,
  };
  const write = async () => {
    await rm(join(folder, RECORD), { force: true });
    await removeWords(folder);
    await writeTensorFile(join(folder, NETWORK), networkArrays(saved));
    await writeTensorFile(join(folder, HISTORIES), { ...saved.histories });
    await writeJsonLines(join(folder, USERS), saved.users);
    await writeJsonLines(join(folder, ITEMS), itemLines(items, saved.itemColumns));
    await writeFileAtomically(join(folder, RECORD), formatRecommenderRecord(record));
  };
  const fix = 'Free some space or choose another folder, then go on with `softprompt recommend resume`.';
  await writeToFolder(`The recommender in ${folder}`, write, fix);
}

function* itemLines(ids: readonly string[], columns: SavedRecommender['itemColumns']): Generator<readonly string[]> {
  yield [...columns.keys()];
  const values = [...columns.values()];
  for (const [row, id] of ids.entries()) yield [id, ...values.map((column) => column[row]!)];
}

/** sha256 (hex) of the files that lists depend on. Errors: RECOMMENDER_INVALID. */
export async function recommenderFingerprint(folder: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of [RECORD, NETWORK, HISTORIES, ITEMS, USERS]) {
    try {
      for await (const chunk of createReadStream(join(folder, name))) hash.update(chunk as Buffer);
    } catch (cause) {
      throw invalid(folder, `${name} cannot be read`, cause);
    }
  }
  return hash.digest('hex');
}

/** Reads what `writeRecommender` wrote. Errors: RECOMMENDER_INVALID, and those of safetensors files. */
export async function readRecommender(folder: string): Promise<SavedRecommender> {
  const record = await readRecord(folder);
  const { ids, columns } = await readItems(folder);
  const arrays = await readTensorFile(join(folder, NETWORK));
  const histories = await readTensorFile(join(folder, HISTORIES));
  const float = (name: string) => {
    const array = arrays[name];
    if (array instanceof Float32Array) return array;
    throw invalid(folder, `${NETWORK} has no float32 tensor '${name}'`);
  };
  const int = (from: NamedArrays, name: string) => {
    const array = from[name];
    if (array instanceof Int32Array) return array;
    throw invalid(folder, `a file has no int32 tensor '${name}'`);
  };
  const weights = Object.keys(arrays).filter((name) => name.startsWith(WEIGHT));
  const { mixture, featureWidth } = record;
  return {
    recommender: {
      items: ids,
      network: {
        shape: record.shape,
        weights: Object.fromEntries(weights.map((name) => [name.slice(WEIGHT.length), float(name)])),
        inputs: {
          features: featureWidth > 0 ? { vectors: float('features'), width: featureWidth } : undefined,
          shares: record.shape.itemShares ? float('shares') : undefined,
        },
        popularity: float('popularity'),
        ...(record.userAttributes && {
          users: {
            attributes: record.userAttributes,
            groups: int(arrays, 'users.groups'),
            shares: (record.shape.users?.ids ?? 0) > 0 ? float('users.shares') : undefined,
          },
        }),
      },
      itemItem: mixture
        ? {
            model: {
              offsets: int(arrays, 'itemItem.offsets'),
              targets: int(arrays, 'itemItem.targets'),
              weights: float('itemItem.weights'),
              recency: mixture.recency,
            },
            mixture: { weight: mixture.weight, floor: mixture.floor },
          }
        : undefined,
    },
    itemColumns: columns,
    users: (await readLines(folder, USERS)) as string[],
    histories: { offsets: int(histories, 'offsets'), items: int(histories, 'items') },
    reading: record.reading ? { ...record.reading, prompt: float('prompt') } : undefined,
    ...(record.encoderModel && { encoderModel: record.encoderModel }),
    options: record.options,
    protocol: record.protocol,
    metrics: record.metrics,
  };
}

const WEIGHT = 'weight ';

function networkArrays({ recommender: { network, itemItem }, reading }: SavedRecommender): NamedArrays {
  const { features, shares } = network.inputs;
  return {
    ...Object.fromEntries(Object.entries(network.weights).map(([name, weight]) => [WEIGHT + name, weight])),
    popularity: network.popularity,
    ...(features && { features: features.vectors }),
    ...(shares && { shares }),
    ...(network.users && { 'users.groups': network.users.groups }),
    ...(network.users?.shares && { 'users.shares': network.users.shares }),
    ...(reading && { prompt: reading.prompt }),
    ...(itemItem && {
      'itemItem.offsets': itemItem.model.offsets,
      'itemItem.targets': itemItem.model.targets,
      'itemItem.weights': itemItem.model.weights,
    }),
  };
}

function plainShape(shape: SasRecShape): SasRecShape {
  const { items, width, layers, heads, maxLength, itemVectors, features, itemShares, users, frozen } = shape;
  const plain = { items, width, layers, heads, maxLength, itemVectors, features, itemShares };
  return { ...plain, ...(users && { users }), ...(frozen && { frozen }) };
}

async function readItems(folder: string) {
  const [names, ...rows] = (await readLines(folder, ITEMS)) as string[][];
  if (names === undefined) throw invalid(folder, `${ITEMS} is empty`);
  const columns = new Map(names.map((name, column) => [name, rows.map((row) => row[column + 1]!)]));
  return { ids: rows.map(([id]) => id!), columns };
}

async function readLines(folder: string, name: string): Promise<unknown[]> {
  const values: unknown[] = [];
  try {
    for await (const value of readJsonLines(join(folder, name))) values.push(value);
  } catch (cause) {
    throw invalid(folder, `${name} is missing or damaged`, cause);
  }
  return values;
}

async function readRecord(folder: string): Promise<RecommenderRecord> {
  const text = await readFile(join(folder, RECORD), 'utf8').catch((cause) => {
    throw invalid(folder, `${RECORD} is missing or cannot be read`, cause);
  });
  const read = parseRecommenderRecord(text);
  if (read.problem === undefined) return read.record;
  throw invalid(folder, `${RECORD} cannot be used: ${read.problem}`);
}

function invalid(folder: string, found: string, cause?: unknown): SoftpromptError {
  return new SoftpromptError(
    'RECOMMENDER_INVALID',
    {
      found: `${folder}: ${found}`,
      expected: 'a folder that `softprompt recommend fit` wrote',
      fix: 'Check the path, take an undamaged copy, or fit again.',
    },
    { cause },
  );
}
