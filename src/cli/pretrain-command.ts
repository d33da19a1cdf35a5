import {
  type PretrainingEvent,
  type PretrainingHooks,
  type PretrainingResult,
  pretrainModel,
  resumePretraining,
} from '../pretraining/pretrain-model.js';
import type { PretrainingOptions } from '../pretraining/pretraining-options.js';
import { softpromptCommand } from '../shell-command.js';
import { required, type SharedFlags } from './flags.js';
import { abortOnInterrupt } from './interrupt.js';
import { createOutput, formatSeconds, type Output } from './output.js';
import type { PretrainFlags } from './pretrain-flags.js';

export async function pretrainCommand(flags: PretrainFlags): Promise<void> {
  const options: PretrainingOptions = {
    data: required(flags.data, '--data', 'a text file'),
    encoding: flags.encoding,
    out: required(flags.out, '--out', 'a folder for the model'),
    init: flags.init,
    tokenizer: flags.tokenizer,
    vocabulary: flags.vocabulary,
    width: flags.width,
    layers: flags.layers,
    heads: flags.heads,
    feedForward: flags.feedForward,
    context: flags.context,
    length: flags.length,
    maxSteps: flags.maxSteps,
    batchTokens: flags.batchTokens,
    learningRate: flags.lr,
    warmUp: flags.warmUp,
    decay: flags.decay,
    weightDecay: flags.weightDecay,
    clipNorm: flags.clip,
    evaluateEvery: flags.evaluateEvery,
    validShare: flags.validShare,
    validTokens: flags.validTokens,
    cues: flags.cue,
    cueWeight: flags.cueWeight,
    seed: flags.seed,
    threads: flags.threads,
    overwrite: flags.overwrite,
  };
  await report(flags, (hooks) => pretrainModel(options, hooks));
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
    const { steps } = result;
    output.say(
      steps === 0
        ? 'Interrupted before the first step; the same command starts again.'
        : `Interrupted after step ${steps}; go on with:\n  ${softpromptCommand('resume', result.out)}`,
    );
    process.exitCode = 130;
    return;
  }
  output.say(
    `${result.tokens} tokens in ${formatSeconds(result.seconds)}. The model is in ${result.out}; name it with --model, as in:\n  ${softpromptCommand('recommend', 'fit', '--model', result.out)} …`,
  );
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
