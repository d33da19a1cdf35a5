import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { EmittedModel } from '../autodiff/emit-onnx.js';
import { openSession, type ProgramOptions, type Session } from './session.js';

/** A session and those who use it. */
interface Shared {
  readonly session: Promise<Session>;
  users: number;
}

const open = new Map<string, Shared>();

/**
 * Opens a model, or shares the session of who has opened the same one on the same weights: it is freed when the last of
 * them releases it. Releasing waits for one's own runs.
 */
export async function openSharedSession(model: EmittedModel, options: ProgramOptions): Promise<Session> {
  const key = await keyOf(model, options);
  const shared = open.get(key) ?? { session: openSession(model, options), users: 0 };
  open.set(key, shared);
  shared.users++;
  const leave = () => {
    if (--shared.users > 0) return false;
    open.delete(key);
    return true;
  };
  const session = await shared.session.catch((error) => {
    leave();
    throw error;
  });
  const running = new Set<Promise<unknown>>();
  let released: Promise<void> | undefined;
  const release = async () => {
    await Promise.allSettled(running);
    if (leave()) await session.release();
  };
  return {
    run: (inputs) => {
      if (released !== undefined) return Promise.reject(new Error('it was closed'));
      const run = session.run(inputs);
      running.add(run);
      const forget = () => running.delete(run);
      run.then(forget, forget);
      return run;
    },
    release: () => {
      released ??= release();
      return released;
    },
  };
}

/** What tells two sessions apart: the network, the files that hold its weights, and how it is run. */
async function keyOf({ bytes, weightFiles }: EmittedModel, options: ProgramOptions): Promise<string> {
  const { threads, packWeights = false } = options;
  const files = await Promise.all(
    weightFiles.map(async (file) => {
      const { dev, ino, size, mtimeNs } = await stat(file, { bigint: true });
      return [dev, ino, size, mtimeNs].join(' ');
    }),
  ).catch(() => [`unreadable ${Math.random()}`]);
  const hash = createHash('sha256').update(bytes).digest('hex');
  return JSON.stringify([hash, files, threads, packWeights]);
}
