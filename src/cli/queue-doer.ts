import { SoftpromptError } from '../errors.js';
import { doPart } from '../queue/do-part.js';
import type { FromDoer, ToDoer } from '../queue/worker.js';
import { QUEUED_WORKS } from './queued-works.js';

/** The process of a worker that computes: parts come from its parent, and it ends with it. */
const settings = JSON.parse(process.argv[2] ?? '{}') as { threads: number; store?: string; cacheFolder?: string };

let cancel = new AbortController();
const say = (message: FromDoer) => process.send?.(message, () => {});

process.on('disconnect', () => process.exit());
// the parent hears of Ctrl-C too, and lets the job at hand end
process.on('SIGINT', () => {});
process.on('message', async (message: ToDoer) => {
  if ('cancel' in message) {
    cancel.abort();
    return;
  }
  cancel = new AbortController();
  try {
    const onEvent = (told: object) => say({ told });
    const { signal } = cancel;
    say({ done: await doPart(message.do, message.job, { works: QUEUED_WORKS, ...settings }, { onEvent, signal }) });
  } catch (error) {
    const known = error instanceof SoftpromptError ? { code: error.code, facts: error.facts } : {};
    say({ failed: { ...known, message: error instanceof Error ? (error.stack ?? error.message) : String(error) } });
  }
});
