import { DATA_FILES, readingOptions, requiredInteractions } from '../data/data-files.js';
import { LEARN_WORDS } from '../recommend/titles/learn-words-options.js';
import { type LearnWordsResult, learnWordsPrompt, resumeWordsPrompt } from '../recommend/titles/learn-words-prompt.js';
import { softpromptCommand } from '../shell-command.js';
import type { TuneEvent, TuneHooks } from '../tasks/tune-events.js';
import { modelOptions, type SharedFlags } from './flags.js';
import { abortOnInterrupt } from './interrupt.js';
import { loadingProgress } from './loading-progress.js';
import { type Flags, optionsFrom } from './option-flags.js';
import { createOutput, formatSeconds, type Output } from './output.js';

export async function tuneWordsCommand(flags: Flags): Promise<void> {
  const files = optionsFrom(DATA_FILES, flags);
  const { interactionTable, itemTable } = readingOptions(files);
  const options = {
    ...optionsFrom(LEARN_WORDS, flags),
    interactions: requiredInteractions(files),
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
  const output = createOutput(flags.json ?? false);
  const result = await run({
    ...modelOptions(flags),
    ...loadingProgress(modelOptions(flags), output),
    signal: abortOnInterrupt(() => output.say('Saving … (Ctrl-C again to leave at once)')),
    onEvent: (event) => describe(event, output),
  });
  output.result(result);
  if (result.ended === 'interrupted') {
    output.say(`Interrupted after ${result.steps} updates; go on with:\n  ${softpromptCommand('resume', result.out)}`);
    process.exitCode = 130;
    return;
  }
  output.say(
    `The next item is first among the sampled ones in ${share(result.valid!.accuracy)}, before learning in ${share(result.start!.accuracy)}; ${formatSeconds(result.seconds)}`,
  );
  output.say(
    `Use it with:\n  ${softpromptCommand('recommend', 'words', '--prompt', result.out, '--items', flags.items ?? 'ITEMS', '--history', 'A,B,C')}`,
  );
}

function describe(event: TuneEvent, output: Output): void {
  if (event.event === 'step') {
    const { seed: _, secondsLeft: __, ...progress } = event;
    output.event(progress);
    output.progress('learning', progress.step, progress.steps, `loss ${progress.loss.toFixed(3)}`);
  }
  if (event.event === 'validation') {
    const { step, accuracy, loss } = event;
    output.event({ event: 'validation', step, accuracy, loss });
    output.say(`Update ${String(step).padStart(5)}   validation: first ${share(accuracy)}, loss ${loss.toFixed(3)}`);
  }
}

function share(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}
