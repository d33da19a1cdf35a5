import { formatScores, reportRow } from '../evaluation/score-table.js';
import { SHORTEN } from '../tasks/shorten/shorten-options.js';
import {
  resumeShortening,
  type ShortenEvent,
  type ShortenHooks,
  type ShortenResult,
  shortenPrompt,
} from '../tasks/shorten/shorten-prompt.js';
import type { SharedFlags } from './flags.js';
import { sayLearningEvent } from './learning-event-text.js';
import { type Flags, optionsFrom } from './option-flags.js';
import type { Output } from './output.js';
import { goOnWith, runJob } from './run-job.js';

export async function shortenCommand(folder: string, flags: Flags): Promise<void> {
  const options = { ...optionsFrom(SHORTEN, flags), prompt: folder };
  await report(flags, (hooks) => shortenPrompt(options, hooks));
}

export async function resumeShortenCommand(folder: string, flags: SharedFlags): Promise<void> {
  await report(flags, (hooks) => resumeShortening(folder, hooks));
}

async function report(flags: SharedFlags, run: (hooks: ShortenHooks) => Promise<ShortenResult>): Promise<void> {
  await runJob<ShortenEvent, ShortenResult>(flags, {
    run,
    sayEvent: describe,
    sayResult: ({ out, rows, kept, template }, output) => {
      const named = rows.map(({ name, tokens, test, valid }) => reportRow(`${name}, ${tokens} tokens`, test ?? valid));
      output.say(`\n${formatScores(named)}\n`);
      output.say(`Kept     ${kept}, which validates best\nTemplate ${template}\nThe short prompt is in ${out}.`);
    },
    sayInterrupted: ({ out }, output) => output.say(`Interrupted; ${goOnWith(out)}`),
  });
}

function describe(event: ShortenEvent, output: Output): void {
  switch (event.event) {
    case 'pruned':
      output.say(`Kept    the tokens ${event.kept.join(', ')} (from 0)`);
      break;
    default:
      sayLearningEvent(event, output);
  }
}
