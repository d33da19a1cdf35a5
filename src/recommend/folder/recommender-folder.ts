import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SoftpromptError } from '../../errors.js';
import { writeFileAtomically } from '../../files/atomic-file.js';
import { writeToFolder } from '../../files/folder-writing.js';
import { nearestPath } from '../../files/nearest-path.js';
import type { BaseModel } from '../../hub/base-model.js';
import type { MethodName } from '../../methods/registry.js';
import type { Pooling } from '../../network/checkpoint/checkpoint.js';
import { softpromptCommand } from '../../shell-command.js';
import type { JsonValue } from '../../tasks/prompt-folder/saved-prompt.js';
import { readTensorFile, readTensorFileExcept, writeTensorFile } from '../../weights/tensor-file.js';
import type { Whitening } from '../reading/whitening.js';
import type { Recommender } from '../recommender.js';
import { readJsonLines, writeJsonLines } from './json-lines-file.js';
import { recommenderCard } from './recommender-card.js';
import { mismatch } from './recommender-consistency.js';
import { contentHash, HISTORIES, hashFiles, ITEMS, NETWORK, RECORD, SERVING, USERS } from './recommender-files.js';
import { isOfVotes, networkArrays, networkFrom, networkRecordOf } from './recommender-network.js';
import {
  formatRecommenderRecord,
  parseRecommenderRecord,
  type RecommenderLife,
  type RecommenderRecord,
} from './recommender-record.js';
import { keepWords } from './words-file.js';

/** What a recommender can be asked with: the network that is for serving, or the one that held-out rows can judge. */
export type NetworkRole = 'serving' | 'held-out';

/** What lies in a recommender's folder, with one of its networks. */
export interface SavedRecommender {
  readonly recommender: Recommender;
  /** What it has learned from: of `everything`, what validates and tests included, nothing is left to judge it by. */
  readonly learnedFrom: 'training' | 'everything';
  /** How the network that serves learned from everything; undefined where the one that was measured serves. */
  readonly refit?: RefitRecord | undefined;
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
        /** Longest text in tokens; undefined in folders of older versions, as is the whitening. */
        readonly maxLength?: number | undefined;
        readonly baseModel: BaseModel;
        /** How learned tokens enter the model; undefined: as rows. */
        readonly method?: MethodName | undefined;
        readonly pooling?: Pooling | undefined;
        /** The numbers of what is learned, flat: [P, d] of learned tokens. */
        readonly prompt: Float32Array;
        readonly whitening?: Whitening | undefined;
      }
    | undefined;
  /** The language model whose first layers encode; undefined where the encoder is a learned one. */
  readonly encoderModel?: BaseModel | undefined;
  /** What has become of it since its fit. */
  readonly life?: RecommenderLife | undefined;
  readonly options: JsonValue;
  /** How data was split and judged, in words. */
  readonly protocol: string;
  readonly metrics: JsonValue;
}

/** @throws PROMPT_FOLDER_EXISTS */
export function checkRecommenderFolder(folder: string, overwrite: boolean): void {
  if (overwrite || !existsSync(join(folder, RECORD))) return;
  throw new SoftpromptError('PROMPT_FOLDER_EXISTS', {
    found: `${folder} already holds ${RECORD}`,
    expected: 'a new folder',
    fix: 'Choose another folder (--out), or allow overwriting (--overwrite).',
  });
}

export interface RefitRecord {
  readonly epochs: number;
  readonly interactions: number;
}

/** A recommender that has learned from everything, beside the one that was measured. */
export interface RefittedNetwork extends RefitRecord {
  readonly recommender: Recommender;
}

/**
 * Saves a recommender. The record vouches for the other files: an old one goes before any of them is replaced, the new
 * one comes last, and a folder whose writing was cut short does not read as a recommender.
 * @param saved with the network that was measured @param refitted what serves, if that is another one
 * Errors: PROMPT_FOLDER_UNWRITABLE.
 */
export async function writeRecommender(
  folder: string,
  saved: SavedRecommender,
  refitted?: RefittedNetwork,
): Promise<void> {
  const { recommender, reading } = saved;
  const measured = { ...recommender, prompt: reading?.prompt, whitening: reading?.whitening };
  const serving = refitted && { ...measured, ...refitted.recommender };
  const record: RecommenderRecord = {
    task: 'recommendation',
    ...networkRecordOf(measured),
    ...(serving && {
      refitted: { ...networkRecordOf(serving), epochs: refitted.epochs, interactions: refitted.interactions },
    }),
    reading: reading
      ? {
          template: reading.template,
          layers: reading.layers,
          ...(reading.maxLength !== undefined && { maxLength: reading.maxLength }),
          ...(reading.method !== undefined && reading.method !== 'soft' && { method: reading.method }),
          ...(reading.pooling !== undefined && { pooling: reading.pooling }),
          baseModel: reading.baseModel,
        }
      : null,
    ...(saved.encoderModel && { encoderModel: saved.encoderModel }),
    ...(saved.life && { life: saved.life }),
    options: saved.options,
    protocol: saved.protocol,
    metrics: saved.metrics,
  };
  const write = async () => {
    await rm(join(folder, RECORD), { force: true });
    await writeTensorFile(join(folder, NETWORK), networkArrays(measured));
    if (serving) await writeTensorFile(join(folder, SERVING), networkArrays(serving));
    else await rm(join(folder, SERVING), { force: true });
    await writeTensorFile(join(folder, HISTORIES), { ...saved.histories });
    await writeJsonLines(join(folder, USERS), saved.users);
    await writeJsonLines(join(folder, ITEMS), itemLines(recommender.items, saved.itemColumns));
    const files = await hashFiles(folder, [NETWORK, ...(serving ? [SERVING] : []), HISTORIES, USERS, ITEMS]);
    await keepWords(folder, contentHash(files));
    await writeFileAtomically(
      join(folder, 'README.md'),
      recommenderCard({ ...saved, life: saved.life ?? {}, refitted: refitted !== undefined }),
    );
    await writeFileAtomically(join(folder, RECORD), formatRecommenderRecord({ ...record, files }));
  };
  const fix = `Then go on with \`${softpromptCommand('resume', folder)}\`.`;
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
  const serving = existsSync(join(folder, SERVING)) ? [SERVING] : [];
  for (const name of [RECORD, NETWORK, ...serving, HISTORIES, ITEMS, USERS]) {
    try {
      for await (const chunk of createReadStream(join(folder, name))) hash.update(chunk as Buffer);
    } catch (cause) {
      throw invalid(folder, `${name} cannot be read`, cause);
    }
  }
  return hash.digest('hex');
}

/**
 * Reads what `writeRecommender` wrote.
 * @param role `serving`: the network that has learned from everything, where there is one
 * Errors: RECOMMENDER_INVALID, and those of safetensors files.
 */
export async function readRecommender(folder: string, role: NetworkRole = 'serving'): Promise<SavedRecommender> {
  return (await readNetworks(folder))(role);
}

/** What reads one network of a folder. @param votes `left`: the item-item model stays in its file; see StoredVotes */
export type NetworkReader = (role: NetworkRole, votes?: 'read' | 'left') => Promise<SavedRecommender>;

/**
 * Reads what a recommender's networks share, once; then each on demand.
 * Errors: RECOMMENDER_INVALID, and those of safetensors files.
 */
export async function readNetworks(folder: string): Promise<NetworkReader> {
  const record = await readRecord(folder);
  await checkFiles(folder, record);
  const pathOf = (name: string) => {
    if (existsSync(join(folder, name))) return join(folder, name);
    throw invalid(folder, `${name} is missing`);
  };
  const { ids, columns } = await readItems(folder);
  const { offsets, items } = await readTensorFile(pathOf(HISTORIES));
  if (!(offsets instanceof Int32Array && items instanceof Int32Array)) {
    throw invalid(folder, `${HISTORIES} has no int32 tensors 'offsets' and 'items'`);
  }
  const users = (await readLines(folder, USERS)) as string[];
  const histories = { offsets, items };
  const { refitted } = record;
  return async (role, votes = 'read') => {
    const [file, ofNetwork] = role === 'serving' && refitted ? [SERVING, refitted] : [NETWORK, record];
    const damaged = (found: string) => invalid(folder, `${file} has ${found}`);
    const leave = votes === 'left' && record.files !== undefined; // what no hash vouches for is read and checked
    const { arrays, left } = await readTensorFileExcept(pathOf(file), (name) => leave && isOfVotes(name));
    const saved = networkFrom(ofNetwork, arrays, damaged, left);
    const { prompt, whitening, ...network } = saved;
    if (record.reading && !prompt) throw damaged("no float32 tensor 'prompt'");
    const apart = mismatch({ items: ids, itemColumns: columns, users, histories, network: saved });
    if (apart !== undefined) throw invalid(folder, `its files do not belong together: ${apart}`);
    return {
      recommender: { items: ids, ...network },
      learnedFrom: ofNetwork === refitted ? 'everything' : 'training',
      ...(refitted && { refit: { epochs: refitted.epochs, interactions: refitted.interactions } }),
      itemColumns: columns,
      users,
      histories,
      reading: record.reading ? { ...record.reading, prompt: prompt!, whitening } : undefined,
      ...(record.encoderModel && { encoderModel: record.encoderModel }),
      ...(record.life && { life: record.life }),
      options: record.options,
      protocol: record.protocol,
      metrics: record.metrics,
    };
  };
}

/** That each file is the one the record was written with; records of older versions do not say. */
async function checkFiles(folder: string, { files }: RecommenderRecord): Promise<void> {
  if (files === undefined) return;
  const found = await hashFiles(folder, Object.keys(files)).catch((cause) => {
    throw invalid(
      folder,
      `a file is missing or cannot be read: ${cause instanceof Error ? cause.message : cause}`,
      cause,
    );
  });
  const changed = Object.keys(files).filter((name) => found[name] !== files[name]);
  if (changed.length === 0) return;
  throw invalid(
    folder,
    `${changed.join(', ')} ${changed.length === 1 ? 'is' : 'are'} not what ${RECORD} was written with`,
  );
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
    const near = existsSync(folder) ? undefined : nearestPath(folder);
    const unfinished = existsSync(join(folder, 'training'));
    throw invalid(
      folder,
      unfinished
        ? 'its fit has not ended'
        : `${RECORD} is missing or cannot be read${near ? ` (did you mean ${near}?)` : ''}`,
      cause,
      unfinished ? `Go on with it: \`${softpromptCommand('resume', folder)}\`.` : undefined,
    );
  });
  const read = parseRecommenderRecord(text);
  if (read.problem === undefined) return read.record;
  throw invalid(folder, `${RECORD} cannot be used: ${read.problem}`);
}

function invalid(
  folder: string,
  found: string,
  cause?: unknown,
  fix = 'Check the path, take an undamaged copy, or fit again.',
): SoftpromptError {
  return new SoftpromptError(
    'RECOMMENDER_INVALID',
    {
      found: `${folder}: ${found}`,
      expected: 'a folder that `npx softprompt recommend fit` wrote',
      fix,
    },
    { cause },
  );
}
