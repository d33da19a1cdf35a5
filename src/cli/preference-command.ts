import { oneLine } from '../data/interactions/item-titles.js';
import { cellsOf } from '../recommend/made-rows/catalogue.js';
import { fitPreference, type PreferenceResult, resumePreference } from '../recommend/preference/fit-preference.js';
import { formatPreferenceInspection, inspectPreference } from '../recommend/preference/inspect-preference.js';
import { type OpenPreference, openPreference } from '../recommend/preference/open-preference.js';
import {
  EVALUATE_PREFERENCE,
  INSPECT_PREFERENCE,
  PREFERENCE,
  PREFERENCE_FOR,
} from '../recommend/preference/preference-options.js';
import { formatPreferenceTable } from '../recommend/preference/preference-table.js';
import { checkReportFile } from '../report/report-options.js';
import { softpromptCommand } from '../shell-command.js';
import type { TuneEvent, TuneHooks } from '../tasks/tune-events.js';
import { INSPECT } from '../tasks/use-options.js';
import { modelOptions, required, type SharedFlags } from './flags.js';
import { loadingProgress } from './loading-progress.js';
import { type Flags, optionsFrom } from './option-flags.js';
import { createOutput, formatSeconds, type Output } from './output.js';
import { checkRequestFlags } from './request-flags.js';
import { goOnWith, runJob } from './run-job.js';
import { sayTuneEvent } from './tune-event-text.js';

export async function fitPreferenceCommand(flags: Flags & SharedFlags): Promise<void> {
  const options = optionsFrom(PREFERENCE, flags);
  await report(flags, (hooks) => fitPreference(options, hooks));
}

export async function resumePreferenceCommand(folder: string, flags: SharedFlags): Promise<void> {
  await report(flags, (hooks) => resumePreference(folder, hooks));
}

async function report(flags: SharedFlags, run: (hooks: TuneHooks) => Promise<PreferenceResult>): Promise<void> {
  await runJob<TuneEvent, PreferenceResult>(flags, {
    run,
    sayEvent: sayTuneEvent,
    eventOf,
    sayInterrupted: ({ steps, out }, output) => output.say(`Interrupted after ${steps} updates; ${goOnWith(out)}`),
    sayResult: (result, output) => {
      const { rows, users, items } = result.train;
      const count = (value: number) => value.toLocaleString('en');
      if (result.verdict) output.verdict(result.verdict);
      output.say(`\n${formatPreferenceTable(result, output.width)}\n`);
      output.say(
        `${count(result.learnedNumbers)} numbers learned from ${count(rows)} answers of ${count(users)} users to ${count(items)} items; best after ${result.bestStep} of ${result.steps} updates; ${formatSeconds(result.seconds)}`,
      );
      const ask = ['preference', 'for', result.out, '--user', 'ID', '--candidates', 'A,B,C'];
      output.say(`Use it with:\n  ${softpromptCommand('recommend', ...ask)}`);
    },
  });
}

export async function preferenceForCommand(folder: string, flags: Flags & SharedFlags): Promise<void> {
  const output = createOutput(flags.json ?? false);
  const { explain = false, model, ...request } = optionsFrom(PREFERENCE_FOR, flags);
  checkRequestFlags(request);
  await withPreference(folder, { ...flags, model }, output, async (preference) => {
    const started = performance.now();
    const answers = await preference.for(request, { explain });
    const seconds = (performance.now() - started) / 1000;
    const sorted = [...answers].sort((a, b) => b.logOdds - a.logOdds);
    const { title, items } = preference.saved;
    const cells = cellsOf(items);
    for (const { item, probability, because } of sorted) {
      const named = title === undefined ? undefined : cells(item)?.(title);
      const reasons = Object.entries(because ?? {}).map(
        ([name, odds]) => `${name} ${odds >= 0 ? '+' : ''}${odds.toFixed(2)}`,
      );
      output.say(
        `${(100 * probability).toFixed(1).padStart(5)} %  ${item}${named ? `  ${oneLine(named)}` : ''}${reasons.length === 0 ? '' : `  (${reasons.join(', ')})`}`,
      );
    }
    output.result({ answers: sorted, seconds });
  });
}

/** Nearest words of a person's rows, and which source moved the decision. */
export async function inspectPreferenceCommand(folder: string, flags: Flags & SharedFlags): Promise<void> {
  const output = createOutput(flags.json ?? false);
  const { candidates: listed, ...person } = optionsFrom(INSPECT_PREFERENCE, flags);
  const { words, model } = optionsFrom(INSPECT, flags);
  checkRequestFlags(person);
  const candidates = required(listed, '--candidates', 'items whose answers to explain');
  await withPreference(folder, { ...flags, model }, output, async (preference) => {
    const { threads } = flags;
    const inspection = await inspectPreference(preference, { ...person, candidates }, { words, threads });
    output.say(formatPreferenceInspection(inspection));
    output.result(inspection);
  });
}

export async function evaluatePreferenceCommand(folder: string, flags: Flags & SharedFlags): Promise<void> {
  const output = createOutput(flags.json ?? false);
  if (flags.report !== undefined) checkReportFile(flags.report);
  const { data, model, ...options } = optionsFrom(EVALUATE_PREFERENCE, flags);
  await withPreference(folder, { ...flags, model }, output, async (preference) => {
    const result = await preference.evaluate(data, options, { onEvent: (event) => sayTuneEvent(event, output) });
    if (result.verdict) {
      output.verdict(result.verdict);
      output.say('');
    }
    output.say(`${formatPreferenceTable(result, output.width)}\n`);
    if (flags.report !== undefined) {
      const { reportTo } = await import('./report-command.js');
      await reportTo(flags.report, folder, { ...modelOptions(flags), result }, output);
    }
    output.result(result);
  });
}

async function withPreference(
  folder: string,
  flags: SharedFlags & { readonly model?: string | undefined },
  output: Output,
  use: (preference: OpenPreference) => Promise<void>,
): Promise<void> {
  const options = { ...modelOptions(flags), model: flags.model, threads: flags.threads };
  const preference = await openPreference(folder, { ...options, ...loadingProgress(options, output) });
  try {
    await use(preference);
  } finally {
    await preference.close();
  }
}

function eventOf(event: TuneEvent): object | undefined {
  if (event.event === 'step') {
    const { seed: _, secondsLeft: __, ...progress } = event;
    return progress;
  }
  return event.event === 'scoring' ? undefined : event;
}
