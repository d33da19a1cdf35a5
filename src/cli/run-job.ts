import type { JobHooks } from '../jobs/job.js';
import type { LoadModelOptions } from '../network/load-model.js';
import { checkReportFile } from '../report/report-options.js';
import { tensorboardLog } from '../report/training-log.js';
import { softpromptCommand } from '../shell-command.js';
import { modelOptions, type SharedFlags } from './flags.js';
import { abortOnInterrupt } from './interrupt.js';
import { loadingProgress } from './loading-progress.js';
import { createOutput, type Output } from './output.js';
import { elsewhereOf } from './queue-flags.js';
import { loudness } from './voice.js';

/** How far a batch is. */
export interface BatchEvent {
  readonly event: 'progress';
  readonly done: number;
  readonly all: number;
}

/** A job as the command line speaks of it. */
export interface SpokenJob<Event extends object, Result extends { readonly ended: 'finished' | 'interrupted' }> {
  run(hooks: LoadModelOptions & JobHooks<Event>): Promise<Result>;
  /** For people. */
  sayEvent(event: Event, output: Output): void;
  /** For programs; undefined is told to none. Default: the event. */
  eventOf?(event: Event): object | undefined;
  sayResult(result: Result, output: Output): void;
  sayInterrupted(result: Result, output: Output): void;
}

/** Runs a job with the flags that all jobs have: events to people or programs, Ctrl-C saves and ends with 130. */
export async function runJob<Event extends object, Result extends { readonly ended: 'finished' | 'interrupted' }>(
  flags: SharedFlags,
  job: SpokenJob<Event, Result>,
): Promise<void> {
  const output = createOutput(flags.json ?? false);
  const { eventOf = (event) => event } = job;
  const { report, log, out } = flags;
  if (report !== undefined) checkReportFile(report);
  const logged = log === undefined || out === undefined ? undefined : tensorboardLog(out);
  const result = await job.run({
    ...modelOptions(flags),
    ...loadingProgress(modelOptions(flags), output),
    ...(await elsewhereOf(flags, output)),
    signal: abortOnInterrupt(() => output.say('Saving … (Ctrl-C again to leave at once)')),
    onEvent: (event) => {
      logged?.(event);
      const told = eventOf(event);
      if (told !== undefined) output.event(told);
      if (loudness() !== 'quiet') job.sayEvent(event, output);
    },
  });
  output.endCurve();
  if (report !== undefined && result.ended === 'finished') {
    const folder = 'folder' in result ? String(result.folder) : out!;
    await (await import('./report-command.js')).reportTo(report, folder, { ...modelOptions(flags), result }, output);
  }
  output.result({ ...result });
  if (result.ended === 'interrupted') {
    job.sayInterrupted(result, output);
    process.exitCode = 130;
  } else job.sayResult(result, output);
}

/** How to go on, below what an interrupted job came to. */
export const goOnWith = (folder: string): string => `go on with:\n  ${softpromptCommand('resume', folder)}`;
