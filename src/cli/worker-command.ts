import { WORKER } from '../queue/queue-options.js';
import { runWorker, type WorkerEvent } from '../queue/worker.js';
import type { SharedFlags } from './flags.js';
import { abortOnInterrupt } from './interrupt.js';
import { type Flags, optionsFrom } from './option-flags.js';
import { createOutput, formatSeconds, type Output } from './output.js';

export async function workerCommand(flags: Flags & SharedFlags): Promise<void> {
  const output = createOutput(flags.json ?? false);
  const { threads = 1, lease = 10, ...given } = optionsFrom(WORKER, flags);
  const signal = abortOnInterrupt(() => output.say('Ending after the job at hand … (Ctrl-C again to leave at once)'));
  await runWorker({ ...given, threads, lease, cacheFolder: flags.cache }, new URL('./queue-doer.js', import.meta.url), {
    signal,
    onEvent: (event) => tell(event, output),
  });
}

function tell(event: WorkerEvent, output: Output): void {
  if (event.event === 'note') {
    output.note(event.text);
    return;
  }
  output.event(event);
  switch (event.event) {
    case 'ready':
      output.say(`Ready   ${event.worker}: ${event.threads} threads, ${event.memoryMib} MiB of memory`);
      break;
    case 'job':
      output.say(`Job     ${event.work} ${event.part} (${event.job})`);
      break;
    case 'light jobs':
      output.say(`        ${event.jobs} light jobs so far, now ${event.work}`);
      break;
    case 'passed':
      output.say(`Passed  ${event.job}: ${event.why}`);
      break;
    case 'job ended':
      output.say(`        done in ${formatSeconds(event.seconds)}`);
      break;
    case 'job failed':
      output.say(`        failed: ${event.code}: ${event.found}`);
  }
}
