import { formatScores } from '../evaluation/score-table.js';
import { holdsProfile } from '../recommend/profile-file.js';
import { softpromptCommand } from '../shell-command.js';
import type { TaskReport, TuneEvent, TuneHooks, TuneResult } from '../tasks/tune-events.js';
import { TUNE } from '../tasks/tune-options.js';
import { resumeTuning, tunePrompt } from '../tasks/tune-prompt.js';
import type { SharedFlags } from './flags.js';
import { inferredTuneFlags, tellCommand } from './inferred-flags.js';
import { type Flags, optionsFrom } from './option-flags.js';
import { createOutput, formatSeconds, type Output } from './output.js';
import { goOnWith, runJob } from './run-job.js';
import { checkTaskFlags } from './task-flags.js';
import { sayTuneEvent } from './tune-event-text.js';

export async function tuneCommand(file: string | undefined, given: Flags): Promise<void> {
  checkTaskFlags(given);
  if (given.task === 'explain') {
    await (await import('./explain-command.js')).tuneExplanationsCommand(file, given);
    return;
  }
  const flags = file === undefined ? given : await inferredTuneFlags(file, given);
  if (given.dryRun === true) {
    tellCommand(['tune'], flags, createOutput(given.json === true));
    return;
  }
  const options = optionsFrom(TUNE, flags);
  if (file !== undefined) tellCommand(['tune'], flags, createOutput(given.json === true), 'note');
  await reportTuning(flags, (hooks) => tunePrompt(options, hooks));
}

export async function resumeTuneCommand(folder: string, flags: SharedFlags): Promise<void> {
  await reportTuning(flags, (hooks) => resumeTuning<TaskReport>(folder, hooks));
}

/** Runs a tuning and tells of it as it goes. */
export async function reportTuning(
  flags: SharedFlags,
  run: (hooks: TuneHooks) => Promise<TuneResult<TaskReport>>,
): Promise<void> {
  await runJob<TuneEvent, TuneResult<TaskReport>>(flags, {
    run,
    sayEvent: sayTuneEvent,
    sayResult,
    sayInterrupted: ({ steps, out }, output) => output.say(`Interrupted after step ${steps}; ${goOnWith(out)}`),
  });
}

function sayResult(result: TuneResult<TaskReport>, output: Output): void {
  if (result.verdict) output.verdict(result.verdict);
  if (result.kept !== undefined && result.kept !== 'prompt')
    output.say(`Kept    the ${result.kept}, in the prompt's place`);
  output.say(`\n${formatScores(result.scores, output.width)}\n`);
  const { summary } = result;
  if (summary !== undefined && summary.standardDeviation !== null) {
    const what = generates(result) ? 'perplexity' : 'accuracy';
    output.say(`${summary.runs} seeds: ${what} ${summary.mean.toFixed(4)} ± ${summary.standardDeviation.toFixed(4)}`);
  }
  output.say(
    `${result.steps} steps, ${result.examplesPerSecond.toFixed(1)} examples/s, ${formatSeconds(result.seconds)} in all, at most ${Math.round(result.peakRssMib)} MiB of memory`,
  );
  const verb = generates(result) ? 'generate' : 'predict';
  const next = holdsProfile(result.out)
    ? softpromptCommand('recommend', 'profile', 'predict', result.out, '--history', 'A,B,C')
    : softpromptCommand(verb, result.out, 'some text');
  output.say(`The prompt is in ${result.out}. Try:\n  ${next}`);
}

const generates = ({ valid }: TuneResult<TaskReport>) => valid !== undefined && 'rougeL' in valid;
