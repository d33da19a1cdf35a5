import { existsSync } from 'node:fs';
import { interactionSource, readingOptions } from '../data/data-files.js';
import { readOrListedIds } from '../data/interactions/read-ids.js';
import type { FitEvent, FitResult } from '../recommend/fit-events.js';
import { type DriftVerdict, refitPays } from '../recommend/life/drift-verdict.js';
import { forgetUsers } from '../recommend/life/forget-users.js';
import { inspectRecommender } from '../recommend/life/inspect-recommender.js';
import type { Drift } from '../recommend/life/measure-drift.js';
import { refitFolder } from '../recommend/life/refit-folder.js';
import { SINCE } from '../recommend/life/since-options.js';
import { type UpdateResult, updateRecommender } from '../recommend/life/update-recommender.js';
import { forgetAnswers } from '../recommend/preference/forget-answers.js';
import { holdsPreference } from '../recommend/preference/preference-folder.js';
import { softpromptCommand } from '../shell-command.js';
import { sayFitEvent } from './fit-event-text.js';
import { modelOptions, required, type SharedFlags } from './flags.js';
import { withEncoding } from './inferred-flags.js';
import { loadingProgress } from './loading-progress.js';
import { type Flags, optionsFrom } from './option-flags.js';
import { createOutput, formatSeconds } from './output.js';
import { sayFitResult } from './recommend-command.js';
import { runJob } from './run-job.js';

type UpdateFlags = SharedFlags &
  Flags & { readonly model?: string; readonly withdraw?: string; readonly withdrawMissing?: boolean };

export async function updateCommand(folder: string, given: UpdateFlags): Promise<void> {
  const output = createOutput(given.json ?? false);
  const flags = await withEncoding(given, [given.interactions, given.items], output);
  const { interactions, interactionTable, items, itemTable, anything } = sources(flags);
  const { withdraw, withdrawMissing } = flags;
  if (!anything && withdraw === undefined)
    required(undefined, '--interactions', 'what people did since, or --items, or --withdraw');
  if (withdrawMissing && items === undefined)
    required(undefined, '--items', 'the table that --withdraw-missing is about');
  const loading = modelOptions(flags);
  const result = await updateRecommender(folder, {
    ...loading,
    ...loadingProgress(loading, output),
    ...{ interactions, interactionTable, withdrawMissing, model: flags.model },
    items: items === undefined ? undefined : { source: items, table: itemTable },
    withdraw: withdraw === undefined ? undefined : await readOrListedIds(withdraw, 'item'),
    onNote: output.note,
    onReading: (done, all) => output.progress('reading new texts', done, all),
  });
  const verdict = driftWords(folder, result.drift);
  output.result({
    ...result,
    verdict: { kind: result.drift.verdict, text: verdict, next: nextOf(result.drift.verdict) },
  });
  output.say(verdict);
  output.say(
    `Updated ${folder}: ${counted(result.events, 'new interaction')} of ${result.read}, ${counted(result.newUsers, 'new user')}, ${counted(result.newItems, 'new item')}, ${result.changedItems} changed, ${result.withdrawn} withdrawn (${formatSeconds(result.seconds)})`,
  );
  output.say(sinceFit(result.sinceFit));
  if (result.waitingItems > 0) {
    output.say(
      result.readsTexts
        ? `${counted(result.waitingItems, 'item')} that people met cannot be recommended before a refit: no text of theirs was read (--items)`
        : `${counted(result.waitingItems, 'item')} that people met cannot be recommended before a refit: it reads no texts (fitted with --items and --text always it would)`,
    );
  }
}

/** How much has changed since the fit. */
function sinceFit({ updates, events, share, users, items, changed }: UpdateResult['sinceFit']): string {
  const more = share === null ? '' : ` (${(100 * share).toFixed(1)} % of those of the fit)`;
  return `Since the fit: ${counted(updates, 'update')}, ${counted(events, 'interaction')}${more}, ${counted(users, 'user')}, ${counted(items, 'item')}, ${changed} changed`;
}

/** What drift means, and what to do. */
function driftWords(folder: string, drift: Drift): string {
  const { judged, hits, atFit, waiting, verdict } = drift;
  const found = `of ${judged} people who came back, ${hits} found their next item among 10 suggestions`;
  const before = atFit === null ? '' : ` (${Math.round(atFit * judged)} were to be expected by the fit's test)`;
  const refit = `Refit: ${softpromptCommand('recommend', 'refit', folder)}`;
  switch (verdict) {
    case 'finds-less':
      return `A refit pays: ${found}${before}, which is measurably less. ${refit}`;
    case 'items-wait':
      return `A refit pays: ${Math.round(waiting * 100)} % of what people did since the fit is about items that it does not know. ${refit}`;
    case 'holds':
      return `No refit needed: ${found}${before}: no measurable loss.`;
    case 'too-few':
      return `Too early to tell whether a refit pays: ${found}; 30 are needed.`;
    case 'nothing-new':
      return 'Nothing since the fit tells whether a refit pays.';
  }
}

const sizeOf = (bytes: number) =>
  bytes < 2 ** 20 ? `${(bytes / 2 ** 10).toFixed(1)} KiB` : `${(bytes / 2 ** 20).toFixed(1)} MiB`;

const nextOf = (verdict: DriftVerdict) => (refitPays(verdict) ? 'refit' : 'use');

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`;

export async function refitCommand(folder: string, given: UpdateFlags): Promise<void> {
  const flags = await withEncoding(given, [given.interactions, given.items], createOutput(given.json ?? false));
  const { interactions, interactionTable, items, itemTable } = sources(flags);
  const changes = {
    ...{ model: flags.model, threads: flags.threads },
    ...(interactions === undefined ? {} : { interactions, interactionTable }),
    ...(items === undefined ? {} : { items, itemTable }),
  };
  await runJob<FitEvent, FitResult>(flags, {
    run: (hooks) => refitFolder(folder, changes, hooks),
    sayEvent: sayFitEvent,
    sayResult: sayFitResult,
    sayInterrupted: (_, output) =>
      output.say(
        `Interrupted; the old recommender serves on. Go on with:\n  ${softpromptCommand('recommend', 'refit', folder)}`,
      ),
  });
}

function sources(flags: UpdateFlags) {
  const files = optionsFrom(SINCE, flags);
  const interactions = interactionSource(files);
  const { interactionTable, itemTable } = readingOptions(files);
  const anything = interactions !== undefined || files.items !== undefined;
  return { interactions, interactionTable, items: files.items, itemTable, anything };
}

export async function forgetCommand(
  folder: string,
  users: readonly string[],
  flags: SharedFlags & { readonly skipUnknown?: boolean },
): Promise<void> {
  const output = createOutput(flags.json ?? false);
  const [only] = users;
  const ids = users.length === 1 && existsSync(only!) ? await readOrListedIds(only!, 'user') : users;
  if (holdsPreference(folder)) {
    const answers = await forgetAnswers(folder, ids, flags);
    output.result(answers);
    output.say(
      `Forgotten: ${counted(answers.forgotten, 'user')} with ${counted(answers.events, 'answer')}${answers.unknown > 0 ? `; ${answers.unknown} not known` : ''}`,
    );
    return;
  }
  const result = await forgetUsers(folder, ids, flags);
  output.result(result);
  output.say(
    `Forgotten: ${result.forgotten === 1 ? '1 person' : `${result.forgotten} people`} (${counted(result.events, 'interaction')}, ${counted(result.vectors, 'vector')} of their own)${result.unknown > 0 ? `; ${result.unknown} not known` : ''}`,
  );
  output.say(
    `Proof     ${result.proof.files.length} files read again, their ids found in ${result.proof.found} places`,
  );
  for (const line of result.remains) output.say(`Remains   ${line}`);
}

export async function inspectRecommenderCommand(folder: string, flags: SharedFlags): Promise<void> {
  const output = createOutput(flags.json ?? false);
  const facts = await inspectRecommender(folder);
  output.result(facts);
  const { parts, test } = facts;
  const found = test['recall@10'];
  const lines = [
    `${facts.users} users, ${facts.items} items, ${facts.interactions} interactions${facts.holdsPeople ? '' : '; the folder keeps nobody'}`,
    `Network   ${parts.network.encoder}, ${parts.network.width} wide, ${parts.network.layers} layers; learned from ${facts.learnedFrom === 'everything' ? 'everything' : 'the training part'}`,
    `Texts     ${parts.texts ? `${parts.texts.template} read by ${parts.texts.model}` : 'none are read'}`,
    `Mixed in  ${parts.itemItem ? `item-item model, weight ${parts.itemItem.weight}` : 'nothing'}`,
    ...(parts.likeness
      ? [
          `Likeness  to the texts of the latest ${counted(parts.likeness.latest, 'item')}, weight ${parts.likeness.weight}`,
        ]
      : []),
    ...(parts.trend
      ? [
          `Lately    ${parts.trend.items.join(', ')}: an interaction counts half after ${parts.trend.halfLifeDays.toFixed(1)} days, weight ${parts.trend.weight}`,
        ]
      : []),
    ...(parts.userAttributes.length > 0 ? [`People    told apart by ${parts.userAttributes.join(', ')}`] : []),
    ...(found === undefined
      ? []
      : [`Test      ${(100 * found).toFixed(1)} % find their next item among 10; ${facts.protocol}`]),
    ...(facts.columns.length > 0 ? [`Columns   ${facts.columns.join(', ')}`] : []),
    `Popular   ${facts.popular.map(({ item, title, interactions }) => `${title ?? item} (${interactions})`).join(', ')}`,
    ...(facts.sinceFit
      ? [
          `Since fit ${counted(facts.sinceFit.updates, 'update')}: ${counted(facts.sinceFit.events, 'interaction')}, ${counted(facts.sinceFit.users, 'user')}, ${counted(facts.sinceFit.items, 'item')}, ${facts.sinceFit.changed} changed`,
        ]
      : []),
    ...(facts.withdrawn > 0 ? [`Withdrawn ${counted(facts.withdrawn, 'item')}`] : []),
    ...(facts.forgotten > 0 ? [`Forgotten ${facts.forgotten} people`] : []),
    `Files     ${facts.files.map(({ name, bytes }) => `${name} ${sizeOf(bytes)}`).join(', ')}`,
    driftWords(folder, facts.drift),
  ];
  for (const line of lines) output.say(line);
}
