import { Worker } from 'node:worker_threads';
import type { BoundInput, RuntimeName, Session, SessionModel, SessionOptions, Values } from './runtime.js';

/** What a thread of sessions is asked for. */
export type HostRequest = { readonly id: number; readonly session: number } & (
  | { readonly kind: 'open'; readonly model: SessionModel; readonly options: SessionOptions }
  | { readonly kind: 'run'; readonly inputs: Readonly<Record<string, BoundInput>> }
  | { readonly kind: 'release' }
);

export type HostAnswer = { readonly id: number } & (
  | { readonly outputs: Record<string, Values> }
  | { readonly error: string }
);

type Asked = HostRequest extends infer R ? (R extends HostRequest ? Omit<R, 'id'> : never) : never;

/** A thread with sessions of a runtime, so that the caller's thread stays free and several run at once. */
export interface SessionHost {
  open(model: SessionModel, options: SessionOptions): Promise<Session>;
  alive(): boolean;
  /** Ends the thread; runs under way fail. */
  end(): Promise<void>;
}

export function startHost(runtime: RuntimeName): SessionHost {
  const worker = new Worker(new URL('./session-thread.js', import.meta.url), { workerData: { runtime } });
  worker.unref();
  const waiting = new Map<number, { resolve(outputs: Record<string, Values>): void; reject(error: Error): void }>();
  let lost: Error | undefined;
  const fail = (error: Error) => {
    lost = error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  worker.on('message', (answer: HostAnswer) => {
    const asked = waiting.get(answer.id)!;
    waiting.delete(answer.id);
    if (waiting.size === 0) worker.unref();
    if ('error' in answer) asked.reject(new Error(answer.error));
    else asked.resolve(answer.outputs);
  });
  worker.on('error', fail);
  worker.on('exit', () => fail(new Error('the thread of the session has ended')));
  let requests = 0;
  const ask = (request: Asked) =>
    new Promise<Record<string, Values>>((resolve, reject) => {
      if (lost) return reject(lost);
      const id = ++requests;
      waiting.set(id, { resolve, reject });
      worker.ref();
      worker.postMessage({ ...request, id });
    });
  let sessions = 0;
  return {
    open: async ({ bytes, weights, outputs }, { threads, packWeights }) => {
      const session = ++sessions;
      await ask({ kind: 'open', session, model: { bytes, weights, outputs }, options: { threads, packWeights } });
      return {
        run: (inputs) => {
          const own = Object.entries(inputs).map(([name, input]) => [
            name,
            { ...input, data: ownOrShared(input.data) },
          ]);
          return ask({ kind: 'run', session, inputs: Object.fromEntries(own) });
        },
        release: async () => {
          await ask({ kind: 'release', session });
        },
      };
    },
    alive: () => lost === undefined,
    end: async () => {
      await worker.terminate();
    },
  };
}

/** Shared memory goes along as it is. Of other views only what they show is copied, not the whole array behind them. */
function ownOrShared<T extends Values>(data: T): T {
  const { buffer, byteLength } = data;
  return buffer instanceof SharedArrayBuffer || buffer.byteLength === byteLength ? data : (data.slice() as T);
}
