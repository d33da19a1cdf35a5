import {
  type PretrainingEvent,
  type PretrainingHooks,
  type PretrainingResult,
  pretrainModel,
  resumePretraining,
} from '../pretraining/pretrain-model.js';
import { PRETRAINING } from '../pretraining/pretraining-options.js';
import { softpromptCommand } from '../shell-command.js';
import type { SharedFlags } from './flags.js';
import { type Flags, optionsFrom } from './option-flags.js';
import { formatSeconds, type Output } from './output.js';
import { goOnWith, runJob } from './run-job.js';

export async function pretrainCommand(flags: Flags): Promise<void> {
  const options = optionsFrom(PRETRAINING, flags);
  await report(flags, (hooks) => pretrainModel(options, hooks));
}

export async function resumePretrainCommand(folder: string, flags: SharedFlags): Promise<void> {
  await report(flags, (hooks) => resumePretraining(folder, hooks));
}

async function report(flags: SharedFlags, run: (hooks: PretrainingHooks) => Promise<PretrainingResult>) {
  await runJob<PretrainingEvent, PretrainingResult>(flags, {
    run,
    sayEvent: describe,
    sayInterrupted: ({ steps, out }, output) =>
      output.say(
        steps === 0
          ? 'Interrupted before the first step; the same command starts again.'
          : `Interrupted after step ${steps}; ${goOnWith(out)}`,
      ),
    sayResult: ({ tokens, seconds, out }, output) =>
      output.say(
        `${tokens} tokens in ${formatSeconds(seconds)}. The model is in ${out}; name it with --model, as in:\n  ${softpromptCommand('recommend', 'fit', '--model', out)} …`,
      ),
  });
}

function describe(event: PretrainingEvent, output: Output): void {
  switch (event.event) {
    case 'reading':
      output.say(`Reading ${event.what}`);
      break;
    case 'model':
      output.say(
        `Model   ${event.parameters} weights: ${event.layers} layers, ${event.width} wide, ${event.vocabulary} tokens`,
      );
      break;
    case 'vocabulary':
      output.progress('learning a tokenizer', event.tokens, event.all, 'tokens');
      break;
    case 'encoding':
      output.progress(`encoding ${event.path}`, event.tokens, event.all, 'tokens');
      break;
    case 'data':
      output.say(`Data    ${event.path}: ${event.documents} documents to learn from, ${event.tokens} tokens read`);
      break;
    case 'step': {
      const detail = `loss ${event.loss.toFixed(3)}, ${event.tokensPerSecond.toFixed(0)} tokens/s, ${formatSeconds(event.secondsLeft)} left`;
      output.progress('training', event.step, event.steps, detail);
      break;
    }
    case 'validation': {
      const losses = event.validation.map(
        ({ language, natsPerToken, natsPerCharacter }) =>
          `${language} ${natsPerToken.toFixed(3)} (${natsPerCharacter.toFixed(3)} a character)`,
      );
      output.say(
        `Step ${String(event.step).padStart(5)}   training loss ${event.trainLoss.toFixed(3)}   validation ${losses.join(', ')}`,
      );
      break;
    }
  }
}
