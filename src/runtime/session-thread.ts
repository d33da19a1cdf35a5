/** What runs on a thread of `session-host.ts`: its sessions, and the runs they are asked for. */
import { parentPort, workerData } from 'node:worker_threads';
import { openNative } from './native-session.js';
import type { RuntimeName, Session, Values } from './runtime.js';
import type { HostRequest } from './session-host.js';
import { openWasm } from './wasm-session.js';

const open = { native: openNative, wasm: openWasm }[(workerData as { readonly runtime: RuntimeName }).runtime];
const port = parentPort!;
const sessions = new Map<number, Session>();

async function answer(request: HostRequest): Promise<Record<string, Values>> {
  const { session } = request;
  switch (request.kind) {
    case 'open':
      sessions.set(session, await open(request.model, request.options));
      return {};
    case 'run':
      return sessions.get(session)!.run(request.inputs);
    case 'release':
      await sessions.get(session)!.release();
      sessions.delete(session);
      return {};
  }
}

/** One after the other: a session of WebAssembly refuses a second run while one is under way. */
let last: Promise<void> = Promise.resolve();
port.on('message', (request: HostRequest) => {
  last = last.then(async () => {
    try {
      const outputs = await answer(request);
      const buffers = Object.values(outputs).map(({ buffer }) => buffer);
      port.postMessage({ id: request.id, outputs }, [...new Set(buffers)].filter(isOwn));
    } catch (error) {
      port.postMessage({ id: request.id, error: error instanceof Error ? error.message : String(error) });
    }
  });
});

function isOwn(buffer: ArrayBufferLike): buffer is ArrayBuffer {
  return buffer instanceof ArrayBuffer;
}
