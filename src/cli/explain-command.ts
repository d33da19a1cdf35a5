import {
  type ExplainedRecommendation,
  explainRecommendations,
} from '../recommend/explanations/explain-recommendations.js';
import { explanationLines } from '../recommend/explanations/explanation-card.js';
import { EXPLAIN, EXPLANATION, EXPLANATION_ROWS } from '../recommend/explanations/explanation-options.js';
import { formatExplanationReports } from '../recommend/explanations/explanation-report.js';
import { inspectExplanations } from '../recommend/explanations/inspect-explanations.js';
import { type OpenExplanations, openExplanations } from '../recommend/explanations/open-explanations.js';
import {
  type ExplanationResult,
  resumeExplanations,
  tuneExplanations,
} from '../recommend/explanations/tune-explanations.js';
import { formatMadeRows } from '../recommend/made-rows/made-row-words.js';
import type { Recommendation } from '../recommend/open-recommender.js';
import { INSPECT_PREFERENCE } from '../recommend/preference/preference-options.js';
import { softpromptCommand } from '../shell-command.js';
import { decodingOf } from '../tasks/generate-options.js';
import type { TuneEvent, TuneHooks } from '../tasks/tune-events.js';
import { EVALUATE, INSPECT } from '../tasks/use-options.js';
import { modelOptions, required, type SharedFlags } from './flags.js';
import { tellCommand } from './inferred-flags.js';
import { loadingProgress } from './loading-progress.js';
import { type Flags, optionsFrom } from './option-flags.js';
import { createOutput, formatSeconds, type Output } from './output.js';
import { checkRequestFlags } from './request-flags.js';
import { goOnWith, runJob } from './run-job.js';
import { type TableFlags, tableOptions } from './table-flags.js';
import { sayTuneEvent } from './tune-event-text.js';

/** `tune --task explain`. */
export async function tuneExplanationsCommand(file: string | undefined, given: Flags): Promise<void> {
  const flags = file === undefined ? given : { train: file, model: 'embedded', ...given };
  if (given.dryRun === true) {
    tellCommand(['tune'], flags, createOutput(given.json === true));
    return;
  }
  const options = optionsFrom(EXPLANATION, flags);
  await report(flags, (hooks) => tuneExplanations(options, hooks));
}

export async function resumeExplanationsCommand(folder: string, flags: SharedFlags): Promise<void> {
  await report(flags, (hooks) => resumeExplanations(folder, hooks));
}

async function report(flags: SharedFlags, run: (hooks: TuneHooks) => Promise<ExplanationResult>): Promise<void> {
  await runJob<TuneEvent, ExplanationResult>(flags, {
    run,
    sayEvent: sayTuneEvent,
    sayInterrupted: ({ steps, out }, output) => output.say(`Interrupted after step ${steps}; ${goOnWith(out)}`),
    sayResult: (result, output) => {
      const { rows, users, items } = result.train;
      output.say(`\n${formatExplanationReports(explanationLines(result))}`);
      for (const { user, item, text, right } of result.samples ?? []) {
        output.show(`\n${user}, ${item}: ${text}\n${' '.repeat(user.length + item.length + 2)}  (${right})`);
      }
      output.say(
        `\nLearned from ${rows.toLocaleString('en')} sentences of ${users.toLocaleString('en')} users about ${items.toLocaleString('en')} items; best after ${result.bestStep} of ${result.steps} steps; ${formatSeconds(result.seconds)}`,
      );
      const ask = ['explain', result.out, '--user', 'ID', '--candidates', 'A,B,C'];
      output.say(`Use it with:\n  ${softpromptCommand('recommend', ...ask)}`);
    },
  });
}

export async function explainCommand(folder: string, flags: Flags & SharedFlags): Promise<void> {
  const output = createOutput(flags.json ?? false);
  const { user, history, candidates: items, model, ...decoding } = optionsFrom(EXPLAIN, flags);
  checkRequestFlags({ user, history });
  await withExplanationsOf(folder, { ...flags, model }, output, async (open) => {
    const explanations = await open.explain({ user, history, items }, decodingOf(decoding));
    for (const { item, text } of explanations) output.show(`${item}  ${text}`);
    output.result({ explanations: explanations.map(({ item, text }) => ({ itemId: item, text })) });
  });
}

/** Nearest words of the rows that are made for somebody and an item. */
export async function inspectExplanationsCommand(folder: string, flags: Flags & SharedFlags): Promise<void> {
  const output = createOutput(flags.json ?? false);
  const { user, history, candidates } = optionsFrom(INSPECT_PREFERENCE, flags);
  const { words, model } = optionsFrom(INSPECT, flags);
  checkRequestFlags({ user, history });
  const items = required(candidates, '--candidates', 'an item whose prompt to look at');
  await withExplanationsOf(folder, { ...flags, model }, output, async (open) => {
    const { threads } = flags;
    const inspection = await inspectExplanations(open, { user, history, items }, { words, threads });
    for (const line of formatMadeRows(inspection.rows)) output.say(line);
    output.result(inspection);
  });
}

export async function evaluateExplanationsCommand(folder: string, flags: Flags & SharedFlags): Promise<void> {
  const output = createOutput(flags.json ?? false);
  const { data, model, seed, maxNewTokens, measureTexts, targetColumn } = optionsFrom(EVALUATE, flags);
  await withExplanationsOf(folder, { ...flags, model }, output, async (open) => {
    const result = await open.evaluate(
      data,
      {
        ...optionsFrom(EXPLANATION_ROWS, flags),
        ...{ targetColumn, table: tableOptions(flags as TableFlags) },
        ...(seed !== undefined && { seed }),
        ...(maxNewTokens !== undefined && { maxNewTokens }),
        ...(measureTexts !== undefined && { measureTexts }),
      },
      { onEvent: (event) => sayTuneEvent(event, output) },
    );
    output.say(formatExplanationReports([['test', result]]));
    output.result({ ...result });
  });
}

/** `recommend for … --explain FOLDER`: a sentence for each recommendation. */
export async function withExplanations<T extends Recommendation>(
  folder: string,
  whom: { readonly user?: string | undefined; readonly history?: readonly string[] | undefined },
  list: readonly T[],
  flags: SharedFlags,
  output: Output,
): Promise<(T & ExplainedRecommendation)[]> {
  let explained: (T & ExplainedRecommendation)[] = [];
  await withExplanationsOf(folder, flags, output, async (open) => {
    explained = await explainRecommendations(open, whom, list);
  });
  return explained;
}

async function withExplanationsOf(
  folder: string,
  flags: SharedFlags & { readonly model?: string | undefined },
  output: Output,
  use: (open: OpenExplanations) => Promise<void>,
): Promise<void> {
  const options = { ...modelOptions(flags), model: flags.model, threads: flags.threads };
  const open = await openExplanations(folder, { ...options, ...loadingProgress(options, output) });
  try {
    await use(open);
  } finally {
    await open.close();
  }
}
