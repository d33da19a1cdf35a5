import { DATA_FILES, interactionSource, readingOptions } from '../data/data-files.js';
import { LEARN_WORDS } from '../recommend/titles/learn-words-options.js';
import { type LearnWordsResult, learnWordsPrompt, resumeWordsPrompt } from '../recommend/titles/learn-words-prompt.js';
import { softpromptCommand } from '../shell-command.js';
import type { TuneEvent, TuneHooks } from '../tasks/tune-events.js';
import type { SharedFlags } from './flags.js';
import { type Flags, optionsFrom } from './option-flags.js';
import { formatSeconds, type Output } from './output.js';
import { goOnWith, runJob } from './run-job.js';

export async function tuneWordsCommand(flags: Flags): Promise<void> {
  const files = optionsFrom(DATA_FILES, flags);
  const { interactionTable, itemTable } = readingOptions(files);
  const options = {
    ...optionsFrom(LEARN_WORDS, flags),
    interactions: interactionSource(files),
    interactionTable,
    itemTable,
  };
  await report(flags, (hooks) => learnWordsPrompt(options, hooks));
}

export async function resumeWordsCommand(folder: string, flags: SharedFlags): Promise<void> {
  await report(flags, (hooks) => resumeWordsPrompt(folder, hooks));
}

async function report(
  flags: SharedFlags & { readonly items?: string },
  run: (hooks: TuneHooks) => Promise<LearnWordsResult>,
): Promise<void> {
  await runJob<TuneEvent, LearnWordsResult>(flags, {
    run,
    sayEvent: describe,
    eventOf,
    sayInterrupted: ({ steps, out }, output) => output.say(`Interrupted after ${steps} updates; ${goOnWith(out)}`),
    sayResult: ({ out, form, bestStep, valid, start, seconds }, output) => {
      if (bestStep === 0)
        output.say('No update made the next item likelier, so the prompt is the one it started from.');
      const figures = [share(valid!.accuracy), share(start!.accuracy)];
      output.say(
        form === 'yes-no'
          ? `${figures[0]} of the answers are right, before learning ${figures[1]}; ${formatSeconds(seconds)}`
          : `The next item is first among the sampled ones in ${figures[0]}, before learning in ${figures[1]}; ${formatSeconds(seconds)}`,
      );
      const words = ['--prompt', out, '--items', flags.items ?? 'ITEMS', '--history', 'A,B,C'];
      output.say(`Use it with:\n  ${softpromptCommand('recommend', 'words', ...words)}`);
    },
  });
}

function describe(event: TuneEvent, output: Output): void {
  if (event.event === 'step') {
    output.progress('learning', event.step, event.steps, `loss ${event.loss.toFixed(3)}`);
  }
  if (event.event === 'validation') {
    const { step, accuracy, loss } = event;
    output.say(`Update ${String(step).padStart(5)}   validation: right ${share(accuracy)}, loss ${loss.toFixed(3)}`);
  }
}

function eventOf(event: TuneEvent): object | undefined {
  if (event.event === 'step') {
    const { seed: _, secondsLeft: __, ...progress } = event;
    return progress;
  }
  if (event.event !== 'validation') return undefined;
  const { step, accuracy, loss } = event;
  return { event: 'validation', step, accuracy, loss };
}

function share(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}
