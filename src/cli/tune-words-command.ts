import type { LearnWordsOptions } from '../recommend/titles/learn-words-options.js';
import { type LearnWordsResult, learnWordsPrompt, resumeWordsPrompt } from '../recommend/titles/learn-words-prompt.js';
import { softpromptCommand } from '../shell-command.js';
import type { TuneEvent, TuneHooks } from '../tasks/tune-events.js';
import { filterOptions, readingOptions, requiredInteractions } from './data-flags.js';
import { modelOptions, required, type SharedFlags } from './flags.js';
import { abortOnInterrupt } from './interrupt.js';
import { loadingProgress } from './loading-progress.js';
import { createOutput, formatSeconds, type Output } from './output.js';
import type { TuneWordsFlags } from './words-flags.js';

export async function tuneWordsCommand(flags: TuneWordsFlags): Promise<void> {
  const { titleColumn, template, out, overwrite } = flags;
  const options: LearnWordsOptions = {
    model: required(flags.model, '--model', 'the frozen model that ranks the titles'),
    items: required(flags.items, '--items', 'a file of items with titles'),
    interactions: requiredInteractions(flags),
    out: required(out, '--out', 'a folder for the prompt'),
    ...readingOptions(flags),
    ...filterOptions(flags),
    titleColumn,
    template,
    overwrite,
    keepTraining: flags.keepTraining,
    maxHistory: flags.maxHistory,
    maxLength: flags.maxLength,
    negatives: flags.negatives,
    perUser: flags.perUser,
    trainUsers: flags.trainUsers,
    validUsers: flags.validUsers,
    epochs: flags.epochs,
    maxSteps: flags.maxSteps,
    batchSize: flags.batchSize,
    learningRate: flags.lr,
    seed: flags.seed,
    threads: flags.threads,
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
