import { listedIds } from '../data/interactions/read-ids.js';
import { fitPreference, type PreferenceResult, resumePreference } from '../recommend/preference/fit-preference.js';
import { formatPreferenceInspection, inspectPreference } from '../recommend/preference/inspect-preference.js';
import { type OpenPreference, openPreference } from '../recommend/preference/open-preference.js';
import { PREFERENCE, PREFERENCE_ROWS, type StatisticsMode } from '../recommend/preference/preference-options.js';
import { formatPreferenceTable } from '../recommend/preference/preference-table.js';
import { softpromptCommand } from '../shell-command.js';
import type { TuneEvent, TuneHooks } from '../tasks/tune-events.js';
import { modelOptions, required, type SharedFlags } from './flags.js';
import { loadingProgress } from './loading-progress.js';
import { type Flags, optionsFrom } from './option-flags.js';
import { createOutput, formatSeconds, type Output } from './output.js';
import { checkRequestFlags } from './request-flags.js';
import { goOnWith, runJob } from './run-job.js';

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
    sayEvent: describe,
    eventOf,
    sayInterrupted: ({ steps, out }, output) => output.say(`Interrupted after ${steps} updates; ${goOnWith(out)}`),
    sayResult: (result, output) => {
      const { rows, users, items } = result.train;
      const count = (value: number) => value.toLocaleString('en');
      output.say(`\n${formatPreferenceTable(result)}\n`);
      output.say(
        `${count(result.learnedNumbers)} numbers learned from ${count(rows)} answers of ${count(users)} users to ${count(items)} items; best after ${result.bestStep} of ${result.steps} updates; ${formatSeconds(result.seconds)}`,
      );
      const ask = ['preference', 'for', result.out, '--user', 'ID', '--candidates', 'A,B,C'];
      output.say(`Use it with:\n  ${softpromptCommand('recommend', ...ask)}`);
    },
  });
}

export interface AskPreferenceFlags extends SharedFlags {
  readonly user?: string;
  readonly history?: string;
  readonly disliked?: string;
  readonly candidates?: string;
  readonly explain?: boolean;
  readonly model?: string;
}

export async function preferenceForCommand(folder: string, flags: AskPreferenceFlags): Promise<void> {
  const output = createOutput(flags.json ?? false);
  checkRequestFlags(flags);
  const candidates = listedIds(required(flags.candidates, '--candidates', 'the ids of items to judge'));
  await withPreference(folder, flags, output, async (preference) => {
    const started = performance.now();
    const answers = await preference.for(
      {
        ...personOf(flags),
        candidates,
      },
      { explain: flags.explain ?? false },
    );
    const seconds = (performance.now() - started) / 1000;
    const sorted = [...answers].sort((a, b) => b.logOdds - a.logOdds);
    for (const { item, probability, because } of sorted) {
      const reasons = Object.entries(because ?? {}).map(
        ([name, odds]) => `${name} ${odds >= 0 ? '+' : ''}${odds.toFixed(2)}`,
      );
      output.say(
        `${(100 * probability).toFixed(1).padStart(5)} %  ${item}${reasons.length === 0 ? '' : `  (${reasons.join(', ')})`}`,
      );
    }
    output.result({ answers: sorted, seconds });
  });
}

const personOf = ({ user, history, disliked }: AskPreferenceFlags) => ({
  user,
  history: history === undefined ? undefined : listedIds(history),
  disliked: disliked === undefined ? undefined : listedIds(disliked),
});

/** Nearest words of a person's rows, and which source moved the decision. */
export async function inspectPreferenceCommand(
  folder: string,
  flags: AskPreferenceFlags & { readonly words?: number },
): Promise<void> {
  const output = createOutput(flags.json ?? false);
  checkRequestFlags(flags);
  const candidates = listedIds(required(flags.candidates, '--candidates', 'items whose answers to explain'));
  await withPreference(folder, flags, output, async (preference) => {
    const { words, threads } = flags;
    const inspection = await inspectPreference(preference, { ...personOf(flags), candidates }, { words, threads });
    output.say(formatPreferenceInspection(inspection));
    output.result(inspection);
  });
}

export interface EvaluatePreferenceFlags extends Flags, SharedFlags {
  readonly data?: string;
  readonly statistics?: StatisticsMode;
  readonly model?: string;
}

export async function evaluatePreferenceCommand(folder: string, flags: EvaluatePreferenceFlags): Promise<void> {
  const output = createOutput(flags.json ?? false);
  const data = required(flags.data, '--data', 'answers to judge by');
  await withPreference(folder, flags, output, async (preference) => {
    const result = await preference.evaluate(
      data,
      { ...optionsFrom(PREFERENCE_ROWS, flags), statistics: flags.statistics },
      { onEvent: (event) => describe(event, output) },
    );
    output.say(`${formatPreferenceTable(result)}\n`);
    output.result(result);
  });
}

async function withPreference(
  folder: string,
  flags: SharedFlags & { readonly model?: string },
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

function describe(event: TuneEvent, output: Output): void {
  if (event.event === 'note') output.say(`Note: ${event.text}`);
  if (event.event === 'scoring') output.progress(event.what, event.done, event.all);
  if (event.event === 'step') output.progress('learning', event.step, event.steps, `loss ${event.loss.toFixed(3)}`);
  if (event.event === 'validation') {
    const { step, accuracy, loss } = event;
    output.say(
      `Update ${String(step).padStart(5)}   validation: right ${(100 * accuracy).toFixed(1)} %, loss ${loss.toFixed(4)}`,
    );
  }
}

function eventOf(event: TuneEvent): object | undefined {
  if (event.event === 'step') {
    const { seed: _, secondsLeft: __, ...progress } = event;
    return progress;
  }
  return event.event === 'scoring' ? undefined : event;
}
