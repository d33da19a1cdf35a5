import type { Command } from 'commander';
import type { JobHooks } from '../jobs/job.js';
import type { QueueEvent } from '../queue/queue-events.js';
import { JOBS, ON_QUEUE, WORKER } from '../queue/queue-options.js';
import { addModelFlags, addOutputFlags, addRuntimeFlag, type SharedFlags } from './flags.js';
import { addOptions, type Flags, optionsFrom } from './option-flags.js';
import { formatSeconds, type Output } from './output.js';

/** Flags of commands whose parts a queue can carry. */
export const addQueueFlags = (command: Command): Command => addOptions(command, ON_QUEUE);

/** `worker` and `jobs`. */
export function addQueueCommands(program: Command): void {
  addOutputFlags(addRuntimeFlag(addModelFlags(addOptions(program.command('worker'), WORKER))))
    .description('do jobs of a queue, those of any machine, until it is ended')
    .action(async (flags) => {
      await (await import('./worker-command.js')).workerCommand(flags);
    });
  const jobs = program.command('jobs').enablePositionalOptions().description('look after the jobs of a queue');
  const about = (name: string) => addOutputFlags(addOptions(jobs.command(name), JOBS));
  about('list')
    .description('all jobs: where they stand, who does them, why they failed')
    .action(async (flags) => {
      await (await import('./jobs-command.js')).listJobsCommand(flags);
    });
  for (const [name, description] of [
    ['show', 'all about a job'],
    ['cancel', 'end jobs, or take them out'],
    ['retry', 'begin jobs again that were given up'],
  ] as const)
    about(name)
      .description(description)
      .argument(name === 'show' ? '<job>' : '<jobs...>', 'as `jobs list` names them')
      .action(async (ids, flags) => {
        await (await import('./jobs-command.js')).jobCommand(name, [ids].flat(), flags);
      });
}

/** Where the parts of a command's job are done; nothing where no queue was named. */
export async function elsewhereOf(flags: SharedFlags, output: Output): Promise<Pick<JobHooks, 'elsewhere'>> {
  const { on, ...options } = optionsFrom(ON_QUEUE, flags as Flags);
  if (on === undefined) return {};
  const [{ queueElsewhere }, { QUEUED_WORKS: works }] = await Promise.all([
    import('../queue/elsewhere.js'),
    import('./queued-works.js'),
  ]);
  const onEvent = (event: QueueEvent) => tell(event, output);
  return { elsewhere: queueElsewhere({ on, ...options, cacheFolder: flags.cache, works, onEvent }) };
}

function tell(event: QueueEvent, output: Output): void {
  if (event.event === 'note') {
    output.note(event.text);
    return;
  }
  output.event(event);
  switch (event.event) {
    case 'queued':
      output.say(`Queue   ${event.parts} parts, ${event.workers} workers`);
      break;
    case 'part ended':
      output.say(`Part    ${event.part} by ${event.worker} in ${formatSeconds(event.seconds)}`);
      output.progress('parts', event.done, event.all);
  }
}
