import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { SoftpromptError } from '../../errors.js';
import { writeFileAtomically } from '../../files/atomic-file.js';
import { writeToFolder } from '../../files/folder-writing.js';
import { parseRecord } from '../../files/json-record.js';
import type { BaseModel } from '../../hub/base-model.js';
import { METHOD_NAMES } from '../../methods/registry.js';
import { baseModelRecord } from '../../tasks/prompt-folder/base-model-record.js';
import type { JsonValue } from '../../tasks/prompt-folder/saved-prompt.js';
import { readTensorFile, writeTensorFile } from '../../weights/tensor-file.js';
import { readJsonLines, writeJsonLines } from '../folder/json-lines-file.js';
import type { ItemVectors } from '../item-vectors.js';
import { type Catalogue, catalogue } from '../made-rows/catalogue.js';
import type { ExplanationSetup } from './explanation-task.js';
import type { KnownReviews, KnownSide } from './known-reviews.js';

/** Learned explanations with all that is needed to ask for one; of the reviews themselves only sums. */
export interface SavedExplanations {
  readonly plan: Omit<ExplanationSetup, 'threads'> & { readonly maxNewTokens: number };
  readonly baseModel: BaseModel;
  readonly learned: Float32Array;
  readonly scale: number;
  readonly known: KnownReviews;
  readonly vectors: ItemVectors | undefined;
  readonly items: Catalogue;
  readonly features: readonly string[];
  readonly metrics: { readonly [name: string]: JsonValue };
}

export const EXPLANATION_RECORD = 'explanations.json';
const NUMBERS = 'explanations.safetensors';
const USERS = 'users.jsonl';
const ITEMS = 'items.jsonl';
const COLUMNS = 'columns.jsonl';
const CARD = 'README.md';
const FILES = [EXPLANATION_RECORD, NUMBERS, USERS, ITEMS, COLUMNS];
const FORMAT = 'softprompt explanations 1';

const record = z.object({
  plan: z.object({
    template: z.string(),
    method: z.enum(METHOD_NAMES as [string, ...string[]]),
    maxLength: z.int().positive(),
    maxNewTokens: z.int().positive(),
    rank: z.int().optional(),
    alpha: z.number().optional(),
    rslora: z.boolean().optional(),
    targetModules: z.array(z.string()).optional(),
  }),
  baseModel: baseModelRecord,
  scale: z.number(),
  width: z.int().nonnegative(),
  meanRating: z.number(),
  meanWords: z.number(),
  vectorIds: z.array(z.string()).nullable(),
  vectorWidth: z.int().nullable(),
  features: z.array(z.string()),
  metrics: z.record(z.string(), z.json()),
});

export const holdsExplanations = (folder: string): boolean => existsSync(join(folder, EXPLANATION_RECORD));

/** Errors: PROMPT_FOLDER_EXISTS. */
export function checkExplanationFolder(folder: string, overwrite: boolean): void {
  const taken = FILES.filter((name) => existsSync(join(folder, name)));
  if (overwrite || taken.length === 0) return;
  throw new SoftpromptError('PROMPT_FOLDER_EXISTS', {
    found: `${folder} already holds ${taken.join(', ')}`,
    expected: 'a new folder, or one without explanations',
    fix: 'Choose another folder (--out), or allow overwriting (--overwrite).',
  });
}

/** The record comes last: until then the folder does not read as explanations. Errors: PROMPT_FOLDER_UNWRITABLE. */
export async function writeExplanations(folder: string, saved: SavedExplanations, card: string): Promise<void> {
  const { known, vectors, items, plan, baseModel, scale, features, metrics, learned } = saved;
  const { width, meanRating, meanWords } = known;
  const kept = {
    ...{ format: FORMAT, plan, baseModel, scale, width, meanRating, meanWords },
    vectorIds: vectors ? [...vectors.places.keys()] : null,
    vectorWidth: vectors?.width ?? null,
    ...{ features, metrics },
  };
  await writeToFolder(`The explanations in ${folder}`, async () => {
    await mkdir(folder, { recursive: true });
    await rm(join(folder, EXPLANATION_RECORD), { force: true });
    await writeTensorFile(join(folder, NUMBERS), {
      learned,
      userTexts: known.users.texts,
      itemTexts: known.items.texts,
      ...(vectors && { vectors: vectors.values }),
    });
    await writeJsonLines(join(folder, USERS), sideLines(known.users));
    await writeJsonLines(join(folder, ITEMS), sideLines(known.items));
    await writeJsonLines(join(folder, COLUMNS), columnLines(items));
    await writeFileAtomically(join(folder, CARD), card);
    await writeFileAtomically(join(folder, EXPLANATION_RECORD), `${JSON.stringify(kept, null, 2)}\n`);
  });
}

/** Errors: RECOMMENDER_INVALID. */
export async function readExplanations(folder: string): Promise<SavedExplanations> {
  const invalid = (found: string, cause?: unknown) =>
    new SoftpromptError(
      'RECOMMENDER_INVALID',
      {
        found: `${folder} cannot be read as explanations: ${found}`,
        expected: 'what `npx softprompt tune --task explain --out` wrote',
        fix: 'Take an undamaged copy, or learn them again.',
      },
      { cause },
    );
  const content = await readFile(join(folder, EXPLANATION_RECORD), 'utf8').catch((cause) => {
    throw invalid(`it has no ${EXPLANATION_RECORD}`, cause);
  });
  const read = parseRecord(content, record, { format: FORMAT });
  if (read.problem !== undefined) throw invalid(`${EXPLANATION_RECORD}: ${read.problem}`);
  const { width, meanRating, meanWords, vectorIds, vectorWidth, ...kept } = read.record;
  try {
    const arrays = (await readTensorFile(join(folder, NUMBERS))) as Record<string, Float32Array | undefined>;
    const users = await readSide(join(folder, USERS), arrays.userTexts!, width);
    const items = await readSide(join(folder, ITEMS), arrays.itemTexts!, width);
    return {
      ...kept,
      plan: kept.plan as SavedExplanations['plan'],
      baseModel: kept.baseModel as BaseModel,
      learned: arrays.learned!,
      known: { users, items, width, meanRating, meanWords },
      vectors:
        vectorIds === null || vectorWidth === null
          ? undefined
          : {
              places: placesOf(vectorIds),
              values: checked(arrays.vectors!, vectorIds.length, vectorWidth),
              width: vectorWidth,
            },
      items: await readColumns(join(folder, COLUMNS)),
    };
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error), error);
  }
}

const placesOf = (ids: readonly string[]) => new Map(ids.map((id, place) => [id, place]));

function checked(values: Float32Array, count: number, width: number): Float32Array {
  if (values.length === count * width) return values;
  throw new RangeError(`${values.length} numbers for ${count} vectors of ${width}`);
}

function* sideLines(side: KnownSide): Generator<unknown> {
  const { ids, counts, ratings, rated, words, items, features } = side;
  for (const [i, id] of ids.entries()) {
    const more = items.length > 0 ? items[i] : [...(features[i] ?? [])];
    yield [id, counts[i], ratings[i], rated[i], words[i], more];
  }
}

async function readSide(path: string, texts: Float32Array, width: number): Promise<KnownSide> {
  const ids: string[] = [];
  const numbers: number[][] = [[], [], [], []];
  const more: unknown[] = [];
  for await (const line of readJsonLines(path)) {
    const [id, count, rating, rated, words, last] = line as [string, number, number, number, number, unknown];
    ids.push(id);
    for (const [i, value] of [count, rating, rated, words].entries()) numbers[i]!.push(value);
    more.push(last);
  }
  const [counts, ratings, rated, words] = numbers.map((values) => Float64Array.from(values)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  checked(texts, ids.length, width);
  const isItems = more.map((one) => (one as unknown[]).every((value) => typeof value === 'number'));
  return {
    ...{ ids, places: placesOf(ids), counts, ratings, rated, words, texts },
    items: isItems.map((numeric, i) => (numeric ? (more[i] as number[]) : [])),
    features: isItems.map((numeric, i) => new Map(numeric ? [] : (more[i] as [string, number][]))),
  };
}

function* columnLines({ ids, columns }: Catalogue): Generator<unknown> {
  yield [...columns.keys()];
  for (const [row, id] of ids.entries()) yield [id, ...Array.from(columns.values(), (values) => values[row]!)];
}

async function readColumns(path: string): Promise<Catalogue> {
  const ids: string[] = [];
  let names: readonly string[] = [];
  const rows: string[][] = [];
  let first = true;
  for await (const line of readJsonLines(path)) {
    if (first) names = line as string[];
    else {
      const [id, ...cells] = line as string[];
      ids.push(id!);
      rows.push(cells);
    }
    first = false;
  }
  return catalogue({ ids, columns: new Map(names.map((name, i) => [name, rows.map((cells) => cells[i]!)])) });
}
