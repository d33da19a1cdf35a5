import { formatScores } from '../evaluation/score-table.js';
import { softpromptCommand } from '../shell-command.js';
import { type TaskReport, type TuneEvent, type TuneHooks, type TuneResult, VALIDATING } from '../tasks/tune-events.js';
import { TUNE } from '../tasks/tune-options.js';
import { resumeTuning, tunePrompt } from '../tasks/tune-prompt.js';
import type { SharedFlags } from './flags.js';
import { inferredTuneFlags, tellCommand } from './inferred-flags.js';
import { type Flags, optionsFrom } from './option-flags.js';
import { createOutput, formatSeconds, type Output } from './output.js';
import { goOnWith, runJob } from './run-job.js';

export async function tuneCommand(file: string | undefined, given: Flags): Promise<void> {
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
    sayEvent: describe,
    sayResult,
    sayInterrupted: ({ steps, out }, output) => output.say(`Interrupted after step ${steps}; ${goOnWith(out)}`),
  });
}

function describe(event: TuneEvent, output: Output): void {
  switch (event.event) {
    case 'model':
      output.say(`Model   ${event.source} (${event.layers} layers, ${event.width} wide), frozen`);
      break;
    case 'data':
      output.say(`Data    ${event.train} to train, ${event.valid} to validate, ${event.test} to test`);
      break;
    case 'note':
      output.say(`Note    ${event.text}`);
      break;
    case 'search rung':
      output.say(
        `Search  rung ${event.rung}: ${event.candidates} candidates up to ${(100 * event.share).toFixed(0)} % of a run, ${formatSeconds(event.secondsLeft)} left`,
      );
      break;
    case 'search trial': {
      const { learningRate, template, initialisation } = event.candidate;
      const came = event.validation ? `${(100 * event.validation.accuracy).toFixed(1)} % right` : event.failure;
      output.say(`        rate ${learningRate.toPrecision(2)}, ${initialisation}, ${template}: ${came}`);
      break;
    }
    case 'scoring':
      if (event.what === VALIDATING) output.within(event.what, event.done, event.all);
      else output.progress(event.what, event.done, event.all);
      break;
    case 'step': {
      const detail = `loss ${event.loss.toFixed(3)}, ${event.examplesPerSecond.toFixed(1)} examples/s, ${formatSeconds(event.secondsLeft)} left`;
      output.progress(runName(event.seed, 'training'), event.step, event.steps, detail);
      break;
    }
    case 'validation': {
      const { step, seed, trainLoss, accuracy, perplexity, best } = event;
      const words =
        perplexity === undefined
          ? { score: 'right', format: (score: number) => `${(100 * score).toFixed(1)} %` }
          : { score: 'perplexity', format: (score: number) => score.toFixed(2) };
      const seen =
        perplexity === undefined
          ? `${words.format(accuracy)} right, loss ${event.loss.toFixed(3)}`
          : `loss ${event.loss.toFixed(3)}, perplexity ${perplexity.toFixed(2)}`;
      output.learned(
        { name: runName(seed, 'the prompt'), unit: 'steps', ...words },
        step,
        { at: step, loss: trainLoss, score: perplexity ?? accuracy, best },
        `Step ${String(step).padStart(5)}   training loss ${trainLoss.toFixed(3)}   validation ${seen}${best ? '   best' : ''}`,
      );
      break;
    }
  }
}

const runName = (seed: number, what: string) => (seed === 0 ? what : `${what} (seed ${seed})`);

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
  output.say(`The prompt is in ${result.out}. Try:\n  ${softpromptCommand(verb, result.out, 'some text')}`);
}

const generates = ({ valid }: TuneResult<TaskReport>) => valid !== undefined && 'rougeL' in valid;
