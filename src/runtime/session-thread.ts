/** What runs on a thread of `openSessionThread`: one session, and the runs it is asked for. */
import { parentPort, workerData } from 'node:worker_threads';
import { openSession } from './session.js';
import type { SessionRequest, SessionStart } from './session-worker.js';

const { model, options } = workerData as SessionStart;
const port = parentPort!;
const session = await openSession(model, options);
port.on('message', async ({ id, inputs }: SessionRequest) => {
  try {
    const outputs = await session.run(inputs);
    port.postMessage({ id, outputs });
  } catch (error) {
    port.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
});
port.postMessage({ id: 0, outputs: {} });
