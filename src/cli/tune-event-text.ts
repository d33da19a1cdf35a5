import { type TuneEvent, VALIDATING } from '../tasks/tune-events.js';
import { marked } from './learning-curve.js';
import { formatSeconds, type Output } from './output.js';

/** What happens while something is learned, for people. */
export function sayTuneEvent(event: TuneEvent, output: Output): void {
  switch (event.event) {
    case 'model':
      output.say(`Model   ${event.source} (${event.layers} layers, ${event.width} wide), frozen`);
      break;
    case 'data':
      output.say(
        event.folds === undefined
          ? `Data    ${event.train} to train, ${event.valid} to validate, ${event.test} to test`
          : `Data    ${event.train} to train and, in ${event.folds} parts, to validate; ${event.test} to test`,
      );
      break;
    case 'note':
      output.say(`Note    ${event.text}`);
      break;
    case 'pieces': {
      const { pieces, workers, pieceSeconds, queueSeconds, where } = event;
      const both = `one takes ${milliseconds(pieceSeconds)} here, and the way to a worker and back ${milliseconds(queueSeconds)}`;
      if (where === 'queue') output.say(`Pieces  ${pieces} an update, by ${workers} workers: ${both}`);
      else output.note(`${pieces} pieces an update: ${both}, so they are computed here (--pieces-always: by workers)`);
      break;
    }
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
      output.progress(
        runName(event.seed, event.weighing ? 'training with all labels alike' : 'training'),
        event.step,
        event.steps,
        detail,
      );
      break;
    }
    case 'validation': {
      const { step, seed, weighing, trainLoss, accuracy, perplexity, best } = event;
      const words =
        perplexity === undefined
          ? { score: 'right', format: (score: number) => `${(100 * score).toFixed(1)} %` }
          : { score: 'perplexity', format: (score: number) => score.toFixed(2) };
      const seen =
        perplexity === undefined
          ? `${words.format(accuracy)} right, loss ${event.loss.toFixed(3)}`
          : `loss ${event.loss.toFixed(3)}, perplexity ${perplexity.toFixed(2)}`;
      output.learned(
        { name: runName(seed, weighing ? 'the prompt with all labels alike' : 'the prompt'), unit: 'steps', ...words },
        step,
        { at: step, loss: trainLoss, score: perplexity ?? accuracy, best },
        marked(`Step ${String(step).padStart(5)}   training loss ${trainLoss.toFixed(3)}   validation ${seen}`, best),
      );
      break;
    }
  }
}

const milliseconds = (seconds: number) => `${(1000 * seconds).toFixed(1)} ms`;

const runName = (seed: number, what: string) => (seed === 0 ? what : `${what} (seed ${seed})`);
