import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long a computation goes on before it lets signals and the progress bar through, in milliseconds. */
const INTERVAL = 200;

/** For long computations: `if (breath.due) await breath.take()` keeps the process able to hear Ctrl-C. */
export class Breath {
  private taken = performance.now();

  constructor(private readonly signal: AbortSignal | undefined) {}

  get due(): boolean {
    return performance.now() - this.taken >= INTERVAL;
  }

  /** Rejects with the signal's reason. */
  async take(): Promise<void> {
    await nextTurn();
    this.signal?.throwIfAborted();
    this.taken = performance.now();
  }
}
