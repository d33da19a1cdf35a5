import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTuningState, type TuningState, writeTuningState } from '../training/tuning-state.js';

/** A state of training as the bytes of its file. */
export const stateToBytes = (state: TuningState): Promise<Uint8Array> =>
  besides(async (path) => {
    await writeTuningState(path, state, null);
    return readFile(path);
  });

/** Reads what `stateToBytes` wrote. Errors: STATE_UNREADABLE. */
export const stateFromBytes = (bytes: Uint8Array): Promise<TuningState> =>
  besides(async (path) => {
    await writeFile(path, bytes);
    return (await readTuningState(path)).state;
  });

async function besides<T>(use: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'softprompt-state-'));
  try {
    return await use(join(folder, 'state.safetensors'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
