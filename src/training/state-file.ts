import { existsSync } from 'node:fs';
import { z } from 'zod';
import { SoftpromptError } from '../errors.js';
import { parseRecord } from '../files/json-record.js';
import { readSafetensorsHeader } from '../weights/safetensors.js';
import { readTensorFile, writeTensorFile } from '../weights/tensor-file.js';
import type { NetworkWeights } from './network-weights.js';
import type { TrainingState } from './training-state.js';

const FORMAT = 'softprompt training state 2';
const KINDS = ['weights', 'buffers', 'firstMoments', 'secondMoments'] as const;
const KINDS_OF_BEST = ['weights', 'buffers'] as const;

/** How what is no array reads back. */
export interface StateRecords<Score, Line> {
  readonly score: z.ZodType<Score>;
  readonly line: z.ZodType<Line>;
}

/**
 * Writes a state with everything the caller needs to continue (`context`, plain JSON) as a safetensors file, whose metadata
 * hold what is no array; never leaves a torn file.
 */
export async function writeTrainingState(
  path: string,
  { weights, buffers, firstMoments, secondMoments, best, ...numbers }: TrainingState<unknown, unknown>,
  context: unknown,
): Promise<void> {
  const kinds = { weights, buffers, firstMoments, secondMoments };
  const arrays = Object.fromEntries([
    ...KINDS.flatMap((kind) => named(kind, kinds[kind])),
    ...(best ? KINDS_OF_BEST.flatMap((kind) => named(`best ${kind}`, best[kind])) : []),
  ]);
  const record = { ...numbers, best: best && { step: best.step, validation: best.validation } };
  await writeTensorFile(path, arrays, {
    format: FORMAT,
    state: JSON.stringify(record),
    context: JSON.stringify(context),
  });
}

/** Reads what `writeTrainingState` wrote. Errors: STATE_UNREADABLE. */
export async function readTrainingState<Score, Line>(
  path: string,
  records: StateRecords<Score, Line>,
): Promise<{
  readonly state: TrainingState<Score, Line>;
  readonly context: Readonly<Record<string, unknown>> | null;
}> {
  const { metadata, arrays } = await readFile(path).catch((cause) => {
    throw stateUnreadable(path, cause instanceof Error ? cause.message : String(cause), cause);
  });
  const format = metadata.get('format');
  if (format !== FORMAT) {
    throw stateUnreadable(path, format ? `its format is '${format}'` : 'it does not say its format');
  }
  const record = parseRecord(metadata.get('state') ?? '', recordOf(records));
  if (record.problem !== undefined) throw stateUnreadable(path, record.problem);
  const context = parseRecord(metadata.get('context') ?? '', z.looseObject({}).nullable());
  if (context.problem !== undefined) throw stateUnreadable(path, context.problem);
  const { best, ...numbers } = record.record;
  const state: TrainingState<Score, Line> = {
    ...numbers,
    ...ofKinds(arrays, KINDS, ''),
    best: best && { ...best, ...ofKinds(arrays, KINDS_OF_BEST, 'best ') },
  };
  const { weights, firstMoments, secondMoments } = state;
  const others = [firstMoments, secondMoments, state.best?.weights ?? weights];
  if (!others.every((other) => sizes(other) === sizes(weights))) {
    throw stateUnreadable(path, 'its weights and moments do not fit');
  }
  return { state, context: context.record };
}

/** Refuses a state that an earlier version kept in a file of another name. Errors: STATE_UNREADABLE. */
export function refuseEarlierState(path: string): void {
  if (existsSync(path)) throw stateUnreadable(path, 'an earlier version of softprompt wrote it');
}

function stateUnreadable(path: string, problem: string, cause?: unknown): SoftpromptError {
  return new SoftpromptError(
    'STATE_UNREADABLE',
    {
      found: `The training state ${path} cannot be used: ${problem}`,
      expected: `the file as softprompt wrote it, of the format '${FORMAT}'`,
      fix: 'Resume with the version of softprompt that wrote it, or start anew: the command that began the run, with --overwrite.',
    },
    { cause },
  );
}

async function readFile(path: string) {
  const { metadata } = await readSafetensorsHeader(path);
  const arrays = Object.entries(await readTensorFile(path)).map(([name, array]) => {
    if (array instanceof Float32Array) return [name, array] as const;
    throw new TypeError(`it has the tensor '${name}' of another type than F32`);
  });
  return { metadata, arrays: Object.fromEntries(arrays) as NetworkWeights };
}

/** Names and lengths of arrays, as one text. */
function sizes(arrays: NetworkWeights): string {
  const named = Object.entries(arrays).map(([name, { length }]) => [name, length] as const);
  return JSON.stringify(named.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const count = z.int().nonnegative();

const recordOf = <Score, Line>({ score, line }: StateRecords<Score, Line>) =>
  z.object({
    step: count,
    lossSum: z.number(),
    lossCount: count,
    trainingSeconds: z.number(),
    examples: count,
    best: z.object({ step: count, validation: score }).optional(),
    validationsSinceBest: count,
    history: z.array(line),
  });

const named = (kind: string, arrays: NetworkWeights) =>
  Object.entries(arrays).map(([name, values]) => [`${kind} ${name}`, values] as const);

function ofKinds<Kind extends string>(
  arrays: NetworkWeights,
  kinds: readonly Kind[],
  before: string,
): Record<Kind, NetworkWeights> {
  const ofKind = (start: string) =>
    Object.entries(arrays).flatMap(([name, values]) =>
      name.startsWith(start) ? [[name.slice(start.length), values] as const] : [],
    );
  const entries = kinds.map((kind) => [kind, Object.fromEntries(ofKind(`${before}${kind} `))]);
  return Object.fromEntries(entries) as Record<Kind, NetworkWeights>;
}
