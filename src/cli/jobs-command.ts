import { SoftpromptError } from '../errors.js';
import { openQueue } from '../queue/bull.js';
import type { JobQueue, QueuedJob } from '../queue/job-queue.js';
import { JOBS } from '../queue/queue-options.js';
import type { SharedFlags } from './flags.js';
import { type Flags, optionsFrom } from './option-flags.js';
import { createOutput, formatSeconds, type Output } from './output.js';

async function onQueue(flags: Flags & SharedFlags, use: (queue: JobQueue, output: Output) => Promise<void>) {
  const output = createOutput(flags.json ?? false);
  const { queue: url } = optionsFrom(JOBS, flags);
  const queue = await openQueue(url, output.note);
  try {
    await use(queue, output);
  } finally {
    await queue.close();
  }
}

export function listJobsCommand(flags: Flags & SharedFlags): Promise<void> {
  return onQueue(flags, async (queue, output) => {
    const jobs = await queue.list();
    const workers = await queue.workers();
    output.result({ workers, jobs: jobs.map(told) });
    output.say(`${workers.length} workers${workers.length > 0 ? `: ${workers.join(', ')}` : ''}`);
    for (const job of jobs) output.show(line(job));
    if (jobs.length === 0) output.say('The queue has no jobs.');
  });
}

/** Does the same with each of some jobs. @throws QUEUE_JOB_UNKNOWN */
export function jobCommand(
  what: 'show' | 'cancel' | 'retry',
  ids: readonly string[],
  flags: Flags & SharedFlags,
): Promise<void> {
  return onQueue(flags, async (queue, output) => {
    const jobs: object[] = [];
    for (const id of ids) {
      if ((await queue.read(id)) === undefined) throw unknownJob(id);
      if (what === 'show') {
        const job = (await queue.read(id))!;
        jobs.push({ ...told(job), data: job.data, result: job.result });
        output.show(line(job));
        if (job.reason)
          output.show(`  ${job.reason.code}: ${job.reason.found}. Expected ${job.reason.expected}. ${job.reason.fix}`);
        for (const [worker, why] of Object.entries(job.passed)) output.say(`  worker ${worker} gave it back: ${why}`);
        output.show(JSON.stringify(job.data, null, 2));
        continue;
      }
      const did = await queue[what](id);
      jobs.push({ id, [what === 'cancel' ? 'cancelled' : 'retried']: did });
      if (what === 'cancel') output.say(did ? `Cancelled ${id}` : `${id} has ended`);
      else output.say(did ? `Again ${id}` : `${id} was not given up`);
    }
    output.result(what === 'show' ? jobs[0]! : { jobs });
  });
}

const told = ({ data: _, result: __, ...job }: QueuedJob) => job;

function line({ id, title, state, worker, begun, ended, failures, reason }: QueuedJob): string {
  const time = begun === undefined ? '' : ` ${formatSeconds(((ended ?? Date.now()) - begun) / 1000)}`;
  const by = worker === undefined ? '' : ` by ${worker}`;
  const tries = failures > 0 ? `, ${failures} failed tries` : '';
  const why = state === 'dead' && reason ? `: ${reason.code}: ${reason.found}` : '';
  return `${id}  ${state}${time}${by}${tries}  ${title}${why}`;
}

const unknownJob = (id: string) =>
  new SoftpromptError('QUEUE_JOB_UNKNOWN', {
    found: `The queue has no job '${id}'`,
    expected: 'a job as `npx softprompt jobs list` names it; those that ended go after a week, dead ones after a month',
    fix: 'Look at the list.',
  });
