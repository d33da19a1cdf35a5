import { DATA_FILES, readingOptions, requiredInteractions } from '../data/data-files.js';
import { oneLine, titleColumn } from '../data/interactions/item-titles.js';
import { translate } from '../language/translate.js';
import type { ExplainedRecommendation } from '../recommend/explanations/explain-recommendations.js';
import type { FitEvent, FitHooks, FitResult } from '../recommend/fit-events.js';
import { FIT } from '../recommend/fit-options.js';
import { fitRecommender, resumeRecommender } from '../recommend/fit-recommender.js';
import { readFreshHistories, requestWith } from '../recommend/fresh-history.js';
import { type RecommendForOptions, recommendFor } from '../recommend/open-recommender.js';
import { type RecommendRequest, resolveRequest } from '../recommend/recommend-request.js';
import type { OpenRecommender } from '../recommend/recommender-handle.js';
import { RERANK } from '../recommend/titles/words-options.js';
import { RECOMMEND_FOR } from '../recommend/use-options.js';
import { softpromptCommand } from '../shell-command.js';
import { withExplanations } from './explain-command.js';
import { sayFitEvent } from './fit-event-text.js';
import { modelOptions, type SharedFlags } from './flags.js';
import { inferredFitFlags, tellCommand, withEncoding } from './inferred-flags.js';
import { listedItems } from './listed-json.js';
import { type NewItemsFlags, openWithFlags } from './open-with-flags.js';
import { type Flags, optionsFrom } from './option-flags.js';
import { createOutput, formatSeconds, type Output } from './output.js';
import { formatComparisons, formatFigures } from './ranking-text.js';
import { checkRequestFlags } from './request-flags.js';
import { rerankWithWords } from './rerank-with-words.js';
import { goOnWith, runJob } from './run-job.js';
import { openSearch, type SearchFlag, type SelectionFlags, selectionOptions } from './selection-flags.js';
import { tableOptions } from './table-flags.js';
import { loudness } from './voice.js';

export async function fitCommand(file: string | undefined, given: Flags): Promise<void> {
  const flags = file === undefined ? given : await inferredFitFlags(file, given);
  if (given.dryRun === true) {
    tellCommand(['recommend', 'fit'], flags, createOutput(given.json === true));
    return;
  }
  if (file !== undefined) tellCommand(['recommend', 'fit'], flags, createOutput(given.json === true), 'note');
  const files = optionsFrom(DATA_FILES, flags);
  const options = {
    ...optionsFrom(FIT, flags),
    interactions: requiredInteractions(files),
    ...readingOptions(files),
  };
  await report(flags, (hooks) => fitRecommender(options, hooks));
}

export async function resumeFitCommand(folder: string, flags: SharedFlags): Promise<void> {
  await report(flags, (hooks) => resumeRecommender(folder, hooks));
}

async function report(flags: SharedFlags, run: (hooks: FitHooks) => Promise<FitResult>): Promise<void> {
  await runJob<FitEvent, FitResult>(flags, {
    run,
    sayEvent: sayFitEvent,
    sayResult: sayFitResult,
    sayInterrupted: ({ out }, output) => output.say(`Interrupted; ${goOnWith(out)}`),
  });
}

export function sayFitResult(result: FitResult, output: Output): void {
  const { baselines = [] } = result;
  const rows: [string, Readonly<Record<string, number>>][] = [
    ['test', result.test!],
    ['network alone', result.networkAlone!],
    ...baselines.map(({ name, test }): [string, Readonly<Record<string, number>>] => [name, test]),
    ['validation', result.valid!],
  ];
  if (result.verdict) output.verdict(result.verdict);
  output.say(`\n${formatFigures(rows, output.width)}`);
  if (baselines.length > 0) output.say(`\n${formatComparisons(baselines)}`);
  output.say(`\n${result.protocol}`);
  if (result.users !== undefined) {
    output.say(`Users' tokens: ${result.users ? 'kept' : 'left out, as validation asks'}`);
  }
  output.say(describeRefit(result));
  output.say(describeCosts(result));
  const who = result.holdsPeople === false ? '--history' : '--user';
  output.say(
    `The recommender is in ${result.out}. Try:\n  ${softpromptCommand('recommend', 'for', result.out, who)} ID`,
  );
}

/** Time, speed and memory; no speed where a resumed fit had nothing left to train. */
export function describeCosts({
  seconds,
  interactionsPerSecond,
  peakRssMib,
}: Pick<FitResult, 'seconds' | 'interactionsPerSecond' | 'peakRssMib'>): string {
  const speed = interactionsPerSecond > 0 ? `${Math.round(interactionsPerSecond)} interactions/s in training, ` : '';
  return `${formatSeconds(seconds)} in all, ${speed}at most ${Math.round(peakRssMib)} MiB of memory`;
}

/** What the figures are of, and what serves. */
function describeRefit({ refit }: FitResult): string {
  if (!refit)
    return 'The network of these figures serves; it has not learned from what validates and tests (--no-refit)';
  const { interactions, epochs, seconds } = refit;
  return `The figures are of a network that never saw what validates and tests. The one that serves has learned from all ${interactions} interactions, for the ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'} that validation chose (${formatSeconds(seconds)})`;
}

export type RecommendForFlags = Flags & SharedFlags & SelectionFlags & SearchFlag & NewItemsFlags;

export async function recommendForCommand(folder: string, given: RecommendForFlags): Promise<void> {
  const output = createOutput(given.json ?? false);
  const flags = await withEncoding(given, [given.interactions, given.items], output);
  const asked = optionsFrom(RECOMMEND_FOR, flags);
  const { user, history = [], interactions, skipUnknown, userAttributes, explain } = asked;
  const { rerank, ...reranking } = optionsFrom(RERANK, flags);
  checkRequestFlags(asked);
  const open = await openWithFlags(folder, flags, output);
  try {
    const fresh = interactions === undefined ? undefined : await readFreshHistories(interactions, tableOptions(flags));
    const whom = user === undefined ? { history } : requestWith(open, user, fresh);
    const request = { ...whom, userAttributes };
    const notes: string[] = [];
    const onNote = (text: string) => notes.push(text);
    const approximate = await openSearch(open, flags, onNote);
    const options: RecommendForOptions = {
      ...(await selectionOptions(flags)),
      skipUnknown,
      explain: explain === true,
      approximate,
      onNote,
    };
    const recommendations =
      rerank === undefined
        ? await recommendFor(open, request, options)
        : await rerankWithWords(open, request, options, { ...reranking, ...modelOptions(flags) }, output);
    await approximate?.close();
    const list =
      typeof explain === 'string'
        ? await withExplanations(explain, { user, history: met(open, request) }, recommendations, flags, output)
        : recommendations;
    output.result({ list: listedItems(list), ...(notes.length > 0 && { notes }) });
    for (const note of notes) output.say(`Note    ${note}`);
    list.forEach((recommendation, i) => {
      output.show(formatRecommendation(i + 1, recommendation));
    });
  } finally {
    await open.close();
  }
}

/** The ids of what somebody met: who wrote no review is known by it. */
function met(open: OpenRecommender, request: RecommendRequest): string[] {
  const { history } = resolveRequest(open, request, { skipUnknown: true });
  return Array.from(history, (item) => open.saved.recommender.items[item]!);
}

/** A line for people, its reasons below it in titles; raw scores with --verbose. */
export function formatRecommendation(
  place: number,
  { item, score, attributes, because, explanation }: ExplainedRecommendation,
): string {
  const title = titleOf(attributes);
  const name = title === '' || title === item ? item : `${item}  ${title}`;
  const raw = (value: number) => (loudness() === 'verbose' ? ` (${value.toFixed(2)})` : '');
  const why = explanation === undefined ? '' : `\n       “${oneLine(explanation)}”`;
  const line = `${String(place).padStart(3)}. ${name}${raw(score)}${why}`;
  if (because === undefined || because.length === 0) return line;
  const reasons = because.map((reason) => `${reason.title ?? reason.item}${raw(reason.weight)}`);
  return `${line}\n       ${translate('because of')} ${reasons.join(' · ')}`;
}

/** What the column of titles says of an item, or else its first column. */
function titleOf(attributes: Readonly<Record<string, string>>): string {
  const column = titleColumn(new Map(Object.entries(attributes).map(([name, value]) => [name, [value]])));
  return oneLine((column === undefined ? Object.values(attributes)[0] : attributes[column]) ?? '');
}
