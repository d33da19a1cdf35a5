import { formatScores } from '../evaluation/score-table.js';
import { DESIGN } from '../tasks/design/design-options.js';
import {
  type DesignEvent,
  type DesignHooks,
  type DesignResult,
  designPrompt,
  resumeDesign,
} from '../tasks/design/design-prompt.js';
import type { SharedFlags } from './flags.js';
import { sayLearningEvent } from './learning-event-text.js';
import { type Flags, optionsFrom } from './option-flags.js';
import type { Output } from './output.js';
import { goOnWith, runJob } from './run-job.js';

export async function designCommand(flags: Flags): Promise<void> {
  const options = optionsFrom(DESIGN, flags);
  await report(flags, (hooks) => designPrompt(options, hooks));
}

export async function resumeDesignCommand(folder: string, flags: SharedFlags): Promise<void> {
  await report(flags, (hooks) => resumeDesign(folder, hooks));
}

async function report(flags: SharedFlags, run: (hooks: DesignHooks) => Promise<DesignResult>): Promise<void> {
  await runJob<DesignEvent, DesignResult>(flags, {
    run,
    sayEvent: describe,
    sayResult: ({ out, template, labels, reasons, report: learned }, output) => {
      output.say(`\n${formatScores(learned!.scores)}\n`);
      for (const reason of reasons) output.say(`- ${reason}`);
      output.say(`\nTemplate ${template}\nLabels   ${JSON.stringify(labels)}`);
      output.say(`The prompt is in ${out}, with design.json: all that was compared.`);
    },
    sayInterrupted: ({ out }, output) => output.say(`Interrupted; ${goOnWith(out)}`),
  });
}

function describe(event: DesignEvent, output: Output): void {
  switch (event.event) {
    case 'form':
      output.say(
        `Form    ${percent(event.accuracy)} right unlearned: ${event.template} with ${Object.values(event.labels).join(',').slice(0, 60)}`,
      );
      break;
    case 'try':
      output.say(`Try     ${percent(event.validAccuracy)} right after ${event.steps} updates: ${event.template}`);
      break;
    case 'learn':
      output.say(`Learn   ${event.template}`);
      break;
    default:
      sayLearningEvent(event, output);
  }
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
