import { SoftpromptError } from '../errors.js';
import { readSafetensorsHeader } from '../model/safetensors.js';
import { readTensorFile, writeTensorFile } from '../model/tensor-file.js';
import type { NetworkWeights } from './network-weights.js';
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
): Promise<{ readonly state: NetworkState; readonly context: unknown }> {
  try {
    const { metadata } = await readSafetensorsHeader(path);
    if (metadata.get('format') !== FORMAT) throw unreadable(`The training state ${path} has an unknown format`);
    const { best, ...numbers } = JSON.parse(metadata.get('state')!) as StateRecord;
    const arrays = (await readTensorFile(path)) as NetworkWeights;
    const state: NetworkState = {
      ...numbers,
      ...ofKinds(arrays, KINDS, ''),
      best: best && { ...best, ...ofKinds(arrays, KINDS_OF_BEST, 'best ') },
    };
    return { state, context: JSON.parse(metadata.get('context')!) };
  } catch (cause) {
    if (cause instanceof SoftpromptError && cause.code === 'STATE_UNREADABLE') throw cause;
    throw unreadable(`There is no readable training state at ${path}`, cause);
  }
}

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

function unreadable(found: string, cause?: unknown): SoftpromptError {
  return new SoftpromptError(
    'STATE_UNREADABLE',
    {
      found,
      expected: `a file with the format '${FORMAT}'`,
      fix: 'Resume from the folder that the run wrote, with the version of softprompt that wrote it, or start anew.',
    },
    { cause },
  );
}
