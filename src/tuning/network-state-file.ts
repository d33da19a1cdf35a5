import { readStateFile, writeStateFile } from './state-file.js';
import type { NetworkState } from './train-network.js';

const FORMAT = 'softprompt network state 1';

/** Writes a state with everything the caller needs to continue (`context`, plain JSON); never leaves a torn file. */
export async function writeNetworkState(path: string, state: NetworkState, context: unknown): Promise<void> {
  await writeStateFile(path, FORMAT, { context, state });
}

/** Reads what `writeNetworkState` wrote. Errors: STATE_UNREADABLE. */
export async function readNetworkState(
  path: string,
): Promise<{ readonly state: NetworkState; readonly context: unknown }> {
  const { state, context } = await readStateFile(path, FORMAT);
  return { state: state as NetworkState, context };
}
