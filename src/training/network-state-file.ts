import { z } from 'zod';
import { parseRecord } from '../files/json-record.js';
import { readSafetensorsHeader } from '../weights/safetensors.js';
import { readTensorFile, writeTensorFile } from '../weights/tensor-file.js';
import type { NetworkWeights } from './network-weights.js';
import { stateUnreadable } from './state-file.js';
import type { NetworkState } from './train-network.js';

const FORMAT = 'softprompt network state 2';
const KINDS = ['weights', 'buffers', 'firstMoments', 'secondMoments'] as const;
const KINDS_OF_BEST = ['weights', 'buffers'] as const;

/**
 * Writes a state with everything the caller needs to continue (`context`, plain JSON) as a safetensors file, whose metadata
 * hold what is no array; never leaves a torn file.
 */
export async function writeNetworkState(path: string, state: NetworkState, context: unknown): Promise<void> {
  const { epoch, batch, step, lossSum, history, best } = state;
  const arrays = Object.fromEntries([
    ...KINDS.flatMap((kind) => named(kind, state[kind])),
    ...(best ? KINDS_OF_BEST.flatMap((kind) => named(`best ${kind}`, best[kind])) : []),
  ]);
  const record: StateRecord = {
    ...{ epoch, batch, step, lossSum, history },
    best: best && { epoch: best.epoch, validation: best.validation },
  };
  await writeTensorFile(path, arrays, {
    format: FORMAT,
    state: JSON.stringify(record),
    context: JSON.stringify(context),
  });
}

/** Reads what `writeNetworkState` wrote. Errors: STATE_UNREADABLE. */
export async function readNetworkState(
  path: string,
): Promise<{ readonly state: NetworkState; readonly context: Readonly<Record<string, unknown>> | null }> {
  const unusable = (problem: string, cause?: unknown) => stateUnreadable(path, problem, FORMAT, cause);
  const { metadata, arrays } = await readFile(path).catch((cause) => {
    throw unusable(cause instanceof Error ? cause.message : String(cause), cause);
  });
  const format = metadata.get('format');
  if (format !== FORMAT) throw unusable(format ? `its format is '${format}'` : 'it does not say its format');
  const record = parseRecord(metadata.get('state') ?? '', stateRecord);
  if (record.problem !== undefined) throw unusable(record.problem);
  const context = parseRecord(metadata.get('context') ?? '', z.looseObject({}).nullable());
  if (context.problem !== undefined) throw unusable(context.problem);
  const { best, ...numbers } = record.record;
  const state: NetworkState = {
    ...numbers,
    ...ofKinds(arrays, KINDS, ''),
    best: best && { ...best, ...ofKinds(arrays, KINDS_OF_BEST, 'best ') },
  };
  const { weights, firstMoments, secondMoments } = state;
  const others = [firstMoments, secondMoments, state.best?.weights ?? weights];
  if (!others.every((other) => sizes(other) === sizes(weights))) throw unusable('its weights and moments do not fit');
  return { state, context: context.record };
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

const stateRecord = z.object({
  epoch: count,
  batch: count,
  step: count,
  lossSum: z.number(),
  history: z.array(
    z.object({ epoch: count, trainLoss: z.number(), validation: z.number().exactOptional(), best: z.boolean() }),
  ),
  best: z.object({ epoch: count, validation: z.number() }).optional(),
});

type StateRecord = Pick<NetworkState, 'epoch' | 'batch' | 'step' | 'lossSum' | 'history'> & {
  readonly best: { readonly epoch: number; readonly validation: number } | undefined;
};

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
