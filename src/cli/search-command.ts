import { formatScores, reportRow } from '../evaluation/score-table.js';
import { SEARCH } from '../tasks/prompt-search/search-options.js';
import {
  resumeSearch,
  type SearchHooks,
  type SearchPromptEvent,
  type SearchResult,
  searchPrompt,
} from '../tasks/prompt-search/search-prompt.js';
import type { SharedFlags } from './flags.js';
import { sayLearningEvent } from './learning-event-text.js';
import { type Flags, optionsFrom } from './option-flags.js';
import type { Output } from './output.js';
import { goOnWith, runJob } from './run-job.js';

export async function searchCommand({ endpoint, ...flags }: Flags & SharedFlags): Promise<void> {
  // --endpoint is here the address of the model that answers, not that of the hub
  const options = optionsFrom(SEARCH, { ...flags, endpoint });
  await report(flags, (hooks) => searchPrompt(options, hooks));
}

export async function resumeSearchCommand(folder: string, flags: SharedFlags): Promise<void> {
  await report(flags, (hooks) => resumeSearch(folder, hooks));
}

async function report(flags: SharedFlags, run: (hooks: SearchHooks) => Promise<SearchResult>): Promise<void> {
  await runJob<SearchPromptEvent, SearchResult>(flags, {
    run,
    sayEvent: describe,
    sayResult: ({ out, template, words, calls, requests, start, found }, output) => {
      const rows = [found!, start!].map(({ test, valid }, i) =>
        reportRow(i === 0 ? 'found prompt' : 'written prompt', test ?? valid),
      );
      output.say(`\n${formatScores(rows)}\n`);
      output.say(
        words === undefined ? `Soft prompt in ${template}` : `Found   ${oneLine(words)}\nTemplate ${template}`,
      );
      output.say(`${calls} candidates were scored${requests === undefined ? '' : ` with ${requests} requests`}.`);
      output.say(`What was found is in ${out}.`);
    },
    sayInterrupted: ({ out }, output) => output.say(`Interrupted; ${goOnWith(out)}`),
  });
}

function describe(event: SearchPromptEvent, output: Output): void {
  switch (event.event) {
    case 'call':
      if (event.best) {
        const words = event.words === undefined ? '' : `: ${oneLine(event.words)}`;
        output.say(`${`${event.call}`.padStart(6)}  loss ${event.loss.toFixed(3)}${words}`);
      }
      output.progress('searching', event.call, event.maxCalls, `loss ${event.loss.toFixed(3)}`);
      break;
    default:
      sayLearningEvent(event, output);
  }
}

const oneLine = (words: string): string => words.trim().replaceAll('\n', ' / ');
