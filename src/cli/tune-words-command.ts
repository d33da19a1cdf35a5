import type { LearnWordsOptions } from '../recommend/titles/learn-words-options.js';
import {
  type LearnWordsHooks,
  type LearnWordsResult,
  learnWordsPrompt,
  resumeWordsPrompt,
} from '../recommend/titles/learn-words-prompt.js';
import { softpromptCommand } from '../shell-command.js';
import { filterOptions, readingOptions, requiredInteractions } from './data-flags.js';
import { modelOptions, required, type SharedFlags } from './flags.js';
import { abortOnInterrupt } from './interrupt.js';
import { loadingProgress } from './loading-progress.js';
import { createOutput, formatSeconds } from './output.js';
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
  run: (hooks: LearnWordsHooks) => Promise<LearnWordsResult>,
): Promise<void> {
  const output = createOutput(flags.json ?? false);
  const result = await run({
    ...modelOptions(flags),
    ...loadingProgress(modelOptions(flags), output),
    signal: abortOnInterrupt(() => output.say('Saving … (Ctrl-C again to leave at once)')),
    onStep: (progress) => {
      output.event({ event: 'step', ...progress });
      output.progress('learning', progress.step, progress.steps, `loss ${progress.loss.toFixed(3)}`);
    },
    onValidation: (step, { accuracy, loss }) => {
      output.event({ event: 'validation', step, accuracy, loss });
      output.say(`Update ${String(step).padStart(5)}   validation: first ${share(accuracy)}, loss ${loss.toFixed(3)}`);
    },
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

function share(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}
