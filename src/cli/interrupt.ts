import { endProgress } from './output.js';

/** A signal that Ctrl-C (or a polite kill) aborts; a second one ends the process at once. */
export function abortOnInterrupt(onFirst: () => void): AbortSignal {
  const abort = new AbortController();
  const interrupt = () => {
    if (abort.signal.aborted) {
      endProgress();
      process.exit(130);
    }
    abort.abort();
    onFirst();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return abort.signal;
}
