import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { EmittedModel } from '../autodiff/emit-onnx.js';
import type { Runtime, Session, SessionOptions } from './runtime.js';

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
export async function openSharedSession(
  runtime: Runtime,
  model: EmittedModel,
  options: SessionOptions,
): Promise<Session> {
  const key = await keyOf(runtime, model, options);
  const shared = open.get(key) ?? { session: runtime.open(model, options), users: 0 };
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

/** What tells two sessions apart: the runtime, the network, the files that hold its weights, and how it is run. */
async function keyOf(
  { name }: Runtime,
  { bytes, weights }: EmittedModel,
  { threads, packWeights = false, thread = 'caller' }: SessionOptions,
): Promise<string> {
  const files = await Promise.all(
    [...new Set(weights.map(({ file }) => file))].map(async (file) => {
      const { dev, ino, size, mtimeNs } = await stat(file, { bigint: true });
      return [dev, ino, size, mtimeNs].join(' ');
    }),
  ).catch(() => [`unreadable ${Math.random()}`]);
  const hash = createHash('sha256').update(bytes).update(JSON.stringify(weights)).digest('hex');
  return JSON.stringify([name, hash, files, threads, packWeights, thread]);
}
