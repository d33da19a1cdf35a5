import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { SoftpromptError } from '../../errors.js';
import type { BinaryRegression } from '../../evaluation/binary-regression.js';
import { writeFileAtomically } from '../../files/atomic-file.js';
import { writeToFolder } from '../../files/folder-writing.js';
import { parseRecord } from '../../files/json-record.js';
import type { BaseModel } from '../../hub/base-model.js';
import { METHOD_NAMES } from '../../methods/registry.js';
import { baseModelRecord } from '../../tasks/prompt-folder/base-model-record.js';
import type { JsonValue } from '../../tasks/prompt-folder/saved-prompt.js';
import { readTensorFile, writeTensorFile } from '../../weights/tensor-file.js';
import { readJsonLines, writeJsonLines } from '../folder/json-lines-file.js';
import { hashFiles } from '../folder/recommender-files.js';
import type { ItemVectors } from '../item-vectors.js';
import { type Catalogue, catalogue } from '../made-rows/catalogue.js';
import type { HistoryVectors } from '../made-rows/history-vectors.js';
import {
  arraysOfVectors,
  historyVectorsRecord,
  type NamedHistoryVectors,
  recordOfVectors,
  vectorsOf,
} from '../made-rows/history-vectors-record.js';
import type { AttributeCode } from './attribute-vectors.js';
import { STATISTICS } from './preference-options.js';
import type { PreferenceRow } from './preference-rows.js';
import type { TaskPlan } from './preference-setup.js';
import type { RatesOffset } from './rates-offset.js';

/** A learned preference with all that is needed to ask it. */
export interface SavedPreference {
  readonly plan: TaskPlan & { readonly statistics: (typeof STATISTICS)[number] };
  readonly baseModel: BaseModel;
  /** Of the maps and the prompt, flat. */
  readonly learned: Float32Array;
  readonly initial: Float32Array;
  readonly teacher: BinaryRegression;
  readonly offset: RatesOffset;
  readonly items: Catalogue;
  readonly users: Catalogue;
  readonly title: string | undefined;
  readonly itemCodes: readonly AttributeCode[];
  readonly userCodes: readonly AttributeCode[];
  readonly text: ItemVectors | undefined;
  readonly vector: ItemVectors | undefined;
  readonly factors: HistoryVectors | undefined;
  /** Answers that are known, training and validation rows; how many of them were learned from. */
  readonly answers: readonly PreferenceRow[];
  readonly learnedFrom: number;
  /** What a like is, as it was given to the fit. */
  readonly like?: string | undefined;
  /** People who were removed since the fit. */
  readonly forgotten?: number | undefined;
  readonly metrics: { readonly [name: string]: JsonValue };
}

export const PREFERENCE_RECORD = 'preference.json';
const NUMBERS = 'preference.safetensors';
const ITEMS = 'items.jsonl';
const USERS = 'users.jsonl';
const ANSWERS = 'answers.jsonl';
export const CARD = 'README.md';
const FILES = [PREFERENCE_RECORD, NUMBERS, ITEMS, USERS, ANSWERS, CARD];
/** What the record vouches for. */
const VOUCHED = [NUMBERS, ITEMS, USERS, ANSWERS];
const FACTORS = 'items';
const FORMAT = 'softprompt preference 1';

const code: z.ZodType<AttributeCode> = z.union([
  z.object({ kind: z.enum(['number', 'year']), column: z.string(), mean: z.number(), deviation: z.number() }),
  z.object({ kind: z.literal('values'), column: z.string(), values: z.array(z.string()) }),
]);
const record = z.object({
  plan: z.object({
    template: z.string(),
    labels: z.record(z.string(), z.string()),
    method: z.enum(METHOD_NAMES as [string, ...string[]]),
    hidden: z.int().nonnegative(),
    maxLength: z.int().positive(),
    rank: z.int().optional(),
    alpha: z.number().optional(),
    rslora: z.boolean().optional(),
    targetModules: z.array(z.string()).optional(),
    statistics: z.enum(STATISTICS),
  }),
  baseModel: baseModelRecord,
  title: z.string().nullable(),
  itemCodes: z.array(code),
  userCodes: z.array(code),
  vectorIds: z.array(z.string()).nullable(),
  textWidth: z.int().nullable(),
  vectorWidth: z.int().nullable(),
  factors: historyVectorsRecord.exactOptional(),
  teacher: z.object({ weights: z.array(z.number()), intercept: z.number() }),
  offset: z.object({ prompt: z.number(), regression: z.number(), intercept: z.number() }),
  learnedFrom: z.int().nonnegative(),
  like: z.string().optional(),
  forgotten: z.int().optional(),
  files: z.record(z.string(), z.string()).optional(),
  metrics: z.record(z.string(), z.json()),
});

export const holdsPreference = (folder: string): boolean => existsSync(join(folder, PREFERENCE_RECORD));

/** Errors: PROMPT_FOLDER_EXISTS. */
export function checkPreferenceFolder(folder: string, overwrite: boolean): void {
  const taken = FILES.filter((name) => name !== CARD && existsSync(join(folder, name)));
  if (overwrite || taken.length === 0) return;
  throw new SoftpromptError('PROMPT_FOLDER_EXISTS', {
    found: `${folder} already holds ${taken.join(', ')}`,
    expected: 'a new folder, or one without a preference',
    fix: 'Choose another folder (--out), or allow overwriting (--overwrite).',
  });
}

/** The record comes last: until then the folder does not read as a preference. Errors: PROMPT_FOLDER_UNWRITABLE. */
export async function writePreference(folder: string, saved: SavedPreference, card: string): Promise<void> {
  const { text, vector, items, users } = saved;
  const factors: NamedHistoryVectors = saved.factors ? new Map([[FACTORS, saved.factors]]) : new Map();
  const own = vector !== undefined && vector !== text ? vector : undefined;
  const kept = {
    format: FORMAT,
    plan: saved.plan,
    baseModel: saved.baseModel,
    title: saved.title ?? null,
    itemCodes: saved.itemCodes,
    userCodes: saved.userCodes,
    vectorIds: own ? [...own.places.keys()] : null,
    textWidth: text?.width ?? null,
    vectorWidth: vector?.width ?? null,
    ...(saved.factors && { factors: recordOfVectors(factors) }),
    teacher: { weights: [...saved.teacher.weights], intercept: saved.teacher.intercept },
    offset: saved.offset,
    learnedFrom: saved.learnedFrom,
    ...(saved.like !== undefined && { like: saved.like }),
    ...(saved.forgotten !== undefined && { forgotten: saved.forgotten }),
    metrics: saved.metrics,
  };
  await writeToFolder(`The preference in ${folder}`, async () => {
    await mkdir(folder, { recursive: true });
    await rm(join(folder, PREFERENCE_RECORD), { force: true });
    await writeTensorFile(join(folder, NUMBERS), {
      learned: saved.learned,
      initial: saved.initial,
      ...(text && { text: text.values }),
      ...(own && { vector: own.values }),
      ...arraysOfVectors(factors),
    });
    await writeJsonLines(join(folder, ITEMS), linesOf(items));
    await writeJsonLines(join(folder, USERS), linesOf(users));
    await writeJsonLines(
      join(folder, ANSWERS),
      saved.answers.map(({ user, item, liked, time }) => [user, item, Number(liked), time]),
    );
    await writeFileAtomically(join(folder, CARD), card);
    const record = { ...kept, files: await hashFiles(folder, VOUCHED) };
    await writeFileAtomically(join(folder, PREFERENCE_RECORD), `${JSON.stringify(record, null, 2)}\n`);
  });
}

/** Errors: RECOMMENDER_INVALID. */
export async function readPreference(folder: string): Promise<SavedPreference> {
  const invalid = (found: string, cause?: unknown) =>
    new SoftpromptError(
      'RECOMMENDER_INVALID',
      {
        found: `${folder} cannot be read as a preference: ${found}`,
        expected: 'what `npx softprompt recommend preference fit --out` wrote',
        fix: 'Take an undamaged copy, or fit it again.',
      },
      { cause },
    );
  const content = await readFile(join(folder, PREFERENCE_RECORD), 'utf8').catch((cause) => {
    throw invalid(`it has no ${PREFERENCE_RECORD}`, cause);
  });
  const read = parseRecord(content, record, { format: FORMAT });
  if (read.problem !== undefined) throw invalid(`${PREFERENCE_RECORD}: ${read.problem}`);
  const kept = read.record;
  try {
    const now: Readonly<Record<string, string>> = kept.files ? await hashFiles(folder, Object.keys(kept.files)) : {};
    const other = Object.keys(kept.files ?? {}).find((name) => kept.files![name] !== now[name]);
    if (other !== undefined) throw new RangeError(`${other} is not the one that ${PREFERENCE_RECORD} was written with`);
    const arrays = (await readTensorFile(join(folder, NUMBERS))) as Record<string, Float32Array | undefined>;
    const items = await catalogueOf(join(folder, ITEMS));
    const text = itemVectorsOf(arrays.text, kept.textWidth, items.places);
    const vector =
      kept.vectorIds === null
        ? text
        : itemVectorsOf(arrays.vector, kept.vectorWidth, new Map(kept.vectorIds.map((id, place) => [id, place])));
    const answers: PreferenceRow[] = [];
    for await (const line of readJsonLines(join(folder, ANSWERS))) {
      const [user, item, liked, time] = line as [string, string, number, number];
      answers.push({ user, item, liked: liked === 1, time });
    }
    return {
      plan: kept.plan as SavedPreference['plan'],
      baseModel: kept.baseModel as BaseModel,
      learned: arrays.learned!,
      initial: arrays.initial!,
      users: await catalogueOf(join(folder, USERS)),
      title: kept.title ?? undefined,
      ...{ items, text, answers, itemCodes: kept.itemCodes, userCodes: kept.userCodes },
      vector: kept.vectorWidth === null ? undefined : vector,
      factors: vectorsOf(kept.factors ?? {}, arrays as Record<string, Float32Array>).get(FACTORS),
      teacher: { ...kept.teacher, weights: Float64Array.from(kept.teacher.weights) },
      offset: kept.offset,
      learnedFrom: kept.learnedFrom,
      like: kept.like,
      forgotten: kept.forgotten,
      metrics: kept.metrics,
    };
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error), error);
  }
}

function itemVectorsOf(
  values: Float32Array | undefined,
  width: number | null,
  places: ReadonlyMap<string, number>,
): ItemVectors | undefined {
  if (values === undefined || width === null) return undefined;
  if (values.length !== places.size * width) {
    throw new RangeError(`${values.length} numbers for ${places.size} items of ${width}`);
  }
  return { places, values, width };
}

function* linesOf({ ids, columns }: Catalogue): Generator<unknown> {
  yield [...columns.keys()];
  for (const [row, id] of ids.entries()) yield [id, ...Array.from(columns.values(), (values) => values[row]!)];
}

async function catalogueOf(path: string): Promise<Catalogue> {
  const ids: string[] = [];
  let names: string[] | undefined;
  const columns: string[][] = [];
  for await (const line of readJsonLines(path)) {
    if (names === undefined) {
      names = line as string[];
      for (const _ of names) columns.push([]);
      continue;
    }
    const [id, ...cells] = line as string[];
    ids.push(id!);
    for (const [i, cell] of cells.entries()) columns[i]!.push(cell);
  }
  return catalogue({ ids, columns: new Map((names ?? []).map((name, i) => [name, columns[i]!])) });
}
