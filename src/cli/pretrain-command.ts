import {
  type PretrainingEvent,
  type PretrainingHooks,
  type PretrainingResult,
  pretrainModel,
  resumePretraining,
} from '../pipeline/pretraining/pretrain-model.js';
import { required, type SharedFlags } from './flags.js';
import { abortOnInterrupt } from './interrupt.js';
import { createOutput, formatSeconds, type Output } from './output.js';
import type { PretrainFlags } from './pretrain-flags.js';

export async function pretrainCommand(flags: PretrainFlags): Promise<void> {
  const { json, config, clip, cache, ...options } = flags as PretrainFlags & { readonly config?: string };
  const data = required(flags.data, '--data', 'a text file');
  const out = required(flags.out, '--out', 'a folder for the model');
  await report(flags, (hooks) => pretrainModel({ ...options, data, out, clipNorm: clip }, hooks));
}

export async function resumePretrainCommand(folder: string, flags: SharedFlags): Promise<void> {
  await report(flags, (hooks) => resumePretraining(folder, hooks));
}

async function report(flags: SharedFlags, run: (hooks: PretrainingHooks) => Promise<PretrainingResult>) {
  const output = createOutput(flags.json ?? false);
  const signal = abortOnInterrupt(() => output.say('Saving … (Ctrl-C again to leave at once)'));
  const result = await run({
    signal,
    cacheFolder: flags.cache,
    onEvent: (event) => {
      output.event(event);
      describe(event, output);
    },
  });
  output.result({ ...result });
  if (result.ended === 'interrupted') {
    output.say(`Interrupted after step ${result.steps}; go on with: softprompt resume ${result.out}`);
    process.exitCode = 130;
    return;
  }
  output.say(`${result.tokens} tokens in ${formatSeconds(result.seconds)}. The model is in ${result.out}.`);
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
