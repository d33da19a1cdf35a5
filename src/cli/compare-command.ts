import {
  type CompareEvent,
  type CompareHooks,
  type CompareResult,
  compareMethods,
  resumeComparison,
} from '../tasks/comparison/compare-methods.js';
import { COMPARE } from '../tasks/comparison/compare-options.js';
import { budgetInWords } from '../tasks/comparison/comparison.js';
import { formatComparison } from '../tasks/comparison/comparison-text.js';
import type { SharedFlags } from './flags.js';
import { sayLearningEvent } from './learning-event-text.js';
import { type Flags, optionsFrom } from './option-flags.js';
import type { Output } from './output.js';
import { goOnWith, runJob } from './run-job.js';

export async function compareCommand(flags: Flags): Promise<void> {
  const options = optionsFrom(COMPARE, flags);
  await report(flags, (hooks) => compareMethods(options, hooks));
}

export async function resumeCompareCommand(folder: string, flags: SharedFlags): Promise<void> {
  await report(flags, (hooks) => resumeComparison(folder, hooks));
}

async function report(flags: SharedFlags, run: (hooks: CompareHooks) => Promise<CompareResult>): Promise<void> {
  await runJob<CompareEvent, CompareResult>(flags, {
    run,
    sayEvent: describe,
    sayResult: (result, output) => {
      output.say(`\n${formatComparison(result, output.width)}\n`);
      output.say(`The comparison is in ${result.out}: comparison.json, comparison.svg and README.md.`);
    },
    sayInterrupted: ({ cells, out }, output) => output.say(`Interrupted after ${cells.length} runs; ${goOnWith(out)}`),
  });
}

function describe(event: CompareEvent, output: Output): void {
  switch (event.event) {
    case 'model':
      output.say(`Model   ${event.source} (${event.layers} layers, ${event.width} wide)`);
      break;
    case 'run':
      output.say(
        `Run     ${event.number} of ${event.all}: ${event.method} on ${event.set}, ${budgetInWords(event.budget)}, seed ${event.seed}`,
      );
      break;
    case 'run ended':
      output.say(`        ${(100 * event.accuracy).toFixed(1)} % right after ${event.seconds.toFixed(1)} s`);
      break;
    default:
      sayLearningEvent(event, output);
  }
}
