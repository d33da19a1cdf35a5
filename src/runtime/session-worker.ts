import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { onnxRuntime } from './onnx-runtime.js';
import type { BoundInput, ProgramOptions, Session, SessionModel, Values } from './session.js';

/** What a session's thread starts from. */
export interface SessionStart {
  readonly model: SessionModel;
  readonly options: ProgramOptions;
}

export interface SessionRequest {
  readonly id: number;
  readonly inputs: Readonly<Record<string, BoundInput>>;
}

/** What the thread answers; to request 0 when it is ready. */
export type SessionAnswer = { readonly id: number } & (
  | { readonly outputs: Record<string, Values> }
  | { readonly error: string }
);

/** Loads a model into ONNX Runtime on a thread of its own, so that several run at once. */
export async function openSessionThread(model: SessionModel, options: ProgramOptions): Promise<Session> {
  await onnxRuntime(); // an error keeps its facts on this thread alone
  const start: SessionStart = { model, options };
  const worker = new Worker(new URL('./session-thread.js', import.meta.url), { workerData: start });
  await once(worker, 'message'); // rejects with the thread's error
  worker.unref();
  const waiting = new Map<number, { resolve(outputs: Record<string, Values>): void; reject(error: Error): void }>();
  let lost: Error | undefined;
  const fail = (error: Error) => {
    lost = error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  worker.on('message', (answer: SessionAnswer) => {
    const asked = waiting.get(answer.id)!;
    waiting.delete(answer.id);
    if (waiting.size === 0) worker.unref();
    if ('error' in answer) asked.reject(new Error(answer.error));
    else asked.resolve(answer.outputs);
  });
  worker.on('error', fail);
  worker.on('exit', () => fail(new Error('the thread of the session has ended')));
  let requests = 0;
  return {
    run: (inputs) =>
      new Promise((resolve, reject) => {
        if (lost) return reject(lost);
        const id = ++requests;
        waiting.set(id, { resolve, reject });
        worker.ref();
        const posted = Object.entries(inputs).map(([name, input]) => [
          name,
          { ...input, data: ownOrShared(input.data) },
        ]);
        const request: SessionRequest = { id, inputs: Object.fromEntries(posted) };
        worker.postMessage(request);
      }),
    release: async () => {
      await worker.terminate();
    },
  };
}

/** Shared memory goes along as it is. Of other views only what they show is copied, not the whole array behind them. */
function ownOrShared<T extends Values>(data: T): T {
  const { buffer, byteLength } = data;
  return buffer instanceof SharedArrayBuffer || buffer.byteLength === byteLength ? data : (data.slice() as T);
}
