import type { RuntimeName, Session, SessionModel, SessionOptions } from './runtime.js';
import { type SessionHost, startHost } from './session-host.js';

/** Weights on one thread together, in bytes: WebAssembly addresses 4 GiB, and a run needs room too. */
const MOST_TOGETHER = 2 ** 30;

interface Kept {
  readonly host: SessionHost;
  readonly key: string;
  /** Of all weights that were ever opened on it. */
  bytes: number;
  sessions: number;
}

const hosts = new Set<Kept>();

/** Opens a session on a thread that others of its kind share: each thread takes a second to start with WebAssembly. */
export async function openBeside(name: RuntimeName, model: SessionModel, options: SessionOptions): Promise<Session> {
  const bytes = model.weights.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const key = `${name} ${options.threads ?? 0}`;
  const kept: Kept = [...hosts].find(
    (other) => other.key === key && other.host.alive() && other.bytes + bytes <= MOST_TOGETHER,
  ) ?? { host: startHost(name), key, bytes: 0, sessions: 0 };
  hosts.add(kept);
  kept.bytes += bytes;
  kept.sessions++;
  // the thread of small sessions stays for the next one; memory that WebAssembly once took comes back with its thread alone
  const close = async () => {
    kept.sessions--;
    if (kept.sessions > 0 || kept.bytes <= MOST_TOGETHER / 16) return;
    hosts.delete(kept);
    await kept.host.end();
  };
  try {
    const session = await kept.host.open(model, options);
    return { run: session.run, release: () => session.release().finally(close) };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Opens a session on a thread of its own, which ends with it. */
export async function openAlone(name: RuntimeName, model: SessionModel, options: SessionOptions): Promise<Session> {
  const host = startHost(name);
  try {
    const session = await host.open(model, options);
    return { run: session.run, release: () => host.end() };
  } catch (error) {
    await host.end();
    throw error;
  }
}
