import { endProgress } from './output.js';

const reasons = new WeakSet<object>();

/** Whether an error says no more than that somebody interrupted. */
export const isInterruption = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && reasons.has(error);

/** A signal that Ctrl-C (or a polite kill) aborts; a second one ends the process at once. */
export function abortOnInterrupt(onFirst: () => void): AbortSignal {
  const abort = new AbortController();
  const interrupt = () => {
    if (abort.signal.aborted) {
      endProgress();
      process.exit(130);
    }
    abort.abort();
    reasons.add(abort.signal.reason as object);
    onFirst();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return abort.signal;
}
