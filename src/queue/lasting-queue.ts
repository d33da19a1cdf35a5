import { setTimeout as later } from 'node:timers/promises';
import type { JobQueue } from './job-queue.js';

const WAIT_MS = 500;
/** Of PostgreSQL, whose driver gives up at once, unlike that of Redis: classes 08 and 57 of its codes, and the system's. */
const CODES = /^(08...|57P0[123]|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH)$/;
const WORDS =
  /Connection terminated|connection timeout|timeout exceeded when trying to connect|Client has encountered/i;

/**
 * A queue whose calls wait where the connection is lost, and are made again when it is back: each may be made twice.
 * @param onProblem hears of it
 */
export function lastingQueue(queue: JobQueue, onProblem: (message: string) => void): JobQueue {
  const again = async <T>(call: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await call();
      } catch (error) {
        if (!isLoss(error)) throw error;
        onProblem((error as Error).message || String((error as NodeJS.ErrnoException).code));
        await later(WAIT_MS);
      }
    }
  };
  return Object.assign(Object.create(queue) as JobQueue, {
    add: (...given: Parameters<JobQueue['add']>) => again(() => queue.add(...given)),
    ask: (...given: Parameters<JobQueue['ask']>) => again(() => queue.ask(...given)),
    answer: (id: string) => again(() => queue.answer(id)),
    forget: (ids: readonly string[]) => again(() => queue.forget(ids)),
    read: (id: string) => again(() => queue.read(id)),
    list: () => again(() => queue.list()),
    cancel: (id: string) => again(() => queue.cancel(id)),
    retry: (id: string) => again(() => queue.retry(id)),
    workers: () => again(() => queue.workers()),
  });
}

function isLoss(error: unknown): boolean {
  const { code, message, errors } = error as AggregateError & NodeJS.ErrnoException;
  return CODES.test(String(code ?? '')) || WORDS.test(String(message)) || (errors ?? []).some(isLoss);
}
