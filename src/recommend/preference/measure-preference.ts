import type { BinaryRegression } from '../../evaluation/binary-regression.js';
import { type PreferenceReport, preferenceReport } from '../../evaluation/preference-report.js';
import type { PromptSequence } from '../../prompt/sequence.js';
import { Random } from '../../random.js';
import { encodeExamples } from '../../tasks/task-sequences.js';
import { scoringHooks, type TuneHooks } from '../../tasks/tune-events.js';
import type { KnownAnswers } from './known-answers.js';
import { casesOf } from './learn-preference.js';
import { logOddsOf } from './log-odds.js';
import type { PreferenceData } from './preference-data.js';
import { knownFrom } from './preference-data.js';
import type { StatisticsMode } from './preference-options.js';
import type { PreferenceRow } from './preference-rows.js';
import type { PreferenceTask } from './preference-task.js';
import { type RatesOffset, withOffset } from './rates-offset.js';

/** Rows to be judged on, with what may be known of them. */
export interface JudgedRows {
  readonly rows: readonly PreferenceRow[];
  readonly known: KnownAnswers;
  readonly warm: { readonly user: readonly boolean[]; readonly item: readonly boolean[] };
}

/** The test rows, or the validation rows where there are none. */
export function judgedRows(data: PreferenceData, mode: StatisticsMode): JudgedRows {
  const { train, valid, test } = data;
  const rows = test ?? valid;
  const earlier = mode === 'train' || test === undefined ? undefined : valid;
  return judged(rows, knownFrom(train, earlier, mode === 'stream' ? rows : undefined), knownFrom(train));
}

/** @param known what statistics are made of @param trained what was learned from: whom that has is warm */
export function judged(rows: readonly PreferenceRow[], known: KnownAnswers, trained: KnownAnswers): JudgedRows {
  return {
    ...{ rows, known },
    warm: {
      user: rows.map(({ user }) => trained.knowsUser(user)),
      item: rows.map(({ item }) => trained.knowsItem(item)),
    },
  };
}

export const encodeJudged = (task: PreferenceTask, { rows, known }: JudgedRows, signal?: AbortSignal) =>
  encodeExamples(task, casesOf(rows, known), signal);

export function reportOn({ rows, warm }: JudgedRows, logOdds: ArrayLike<number>, seed = 0): PreferenceReport {
  const liked = rows.map(({ liked }) => Number(liked));
  return preferenceReport({ logOdds, liked, users: rows.map(({ user }) => user) }, warm, seed);
}

/** The same rows of users who are drawn until there are as many rows as wanted: users stay whole. */
export function sampleUsers(
  judged: JudgedRows,
  most: number,
  seed: number,
): JudgedRows & { readonly places: readonly number[] } {
  const members = new Map<string, number[]>();
  judged.rows.forEach(({ user }, place) => {
    members.set(user, [...(members.get(user) ?? []), place]);
  });
  const places: number[] = [];
  for (const own of new Random(seed).shuffle([...members.values()])) {
    if (places.length >= most) break;
    places.push(...own.slice(0, most));
  }
  places.sort((a, b) => a - b);
  const pick = <T>(values: readonly T[]) => places.map((place) => values[place]!);
  const { user, item } = judged.warm;
  return { places, rows: pick(judged.rows), known: judged.known, warm: { user: pick(user), item: pick(item) } };
}

/** A prompt that answers, and what is added to its answers. */
export interface Answering {
  readonly learned: Float32Array;
  readonly teacher: BinaryRegression;
  readonly offset: RatesOffset;
}

/** The log odds of each row, with one place's vectors blanked if asked: what is left without what it tells. */
export async function answers(
  task: PreferenceTask,
  { learned, teacher, offset }: Answering,
  sequences: readonly PromptSequence[],
  what = 'scoring',
  hooks: TuneHooks = {},
  blanked?: number,
): Promise<Float64Array> {
  const shown =
    blanked === undefined
      ? sequences
      : sequences.map((sequence) => ({
          ...sequence,
          given: sequence.given!.map((vector, place) => (place === blanked ? task.blank(place) : vector)),
        }));
  return withOffset(offset, teacher, shown, await logOddsOf(task, learned, shown, scoringHooks(what, hooks)));
}
