import { formatTransfer } from '../tasks/transfer/transfer-matrix.js';
import { TRANSFER } from '../tasks/transfer/transfer-options.js';
import {
  resumeTransfer,
  type TransferEvent,
  type TransferHooks,
  type TransferResult,
  transferPrompts,
} from '../tasks/transfer/transfer-prompts.js';
import type { SharedFlags } from './flags.js';
import { sayLearningEvent } from './learning-event-text.js';
import { type Flags, optionsFrom } from './option-flags.js';
import type { Output } from './output.js';
import { goOnWith, runJob } from './run-job.js';

export async function transferCommand(flags: Flags): Promise<void> {
  const options = optionsFrom(TRANSFER, flags);
  await report(flags, (hooks) => transferPrompts(options, hooks));
}

export async function resumeTransferCommand(folder: string, flags: SharedFlags): Promise<void> {
  await report(flags, (hooks) => resumeTransfer(folder, hooks));
}

async function report(flags: SharedFlags, run: (hooks: TransferHooks) => Promise<TransferResult>): Promise<void> {
  await runJob<TransferEvent, TransferResult>(flags, {
    run,
    sayEvent: describe,
    sayResult: (result, output) => {
      output.say(`\n${formatTransfer(result, output.width)}\n`);
      output.say(`The matrix is in ${result.out}: transfer.json, with the prompts that were started from.`);
    },
    sayInterrupted: ({ cells, out }, output) => output.say(`Interrupted after ${cells.length} runs; ${goOnWith(out)}`),
  });
}

function describe(event: TransferEvent, output: Output): void {
  switch (event.event) {
    case 'source':
      output.say(`Source  a prompt is learned on ${event.set}`);
      break;
    case 'run':
      output.say(`Run     ${event.number} of ${event.all}: ${event.target} from ${event.start}, seed ${event.seed}`);
      break;
    case 'run ended':
      output.say(`        ${(100 * event.accuracy).toFixed(1)} % right`);
      break;
    default:
      sayLearningEvent(event, output);
  }
}
