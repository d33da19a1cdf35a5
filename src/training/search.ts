import { checkOptions, type OptionRule } from '../check-options.js';
import { SoftpromptError } from '../errors.js';
import { isBetter } from '../evaluation/judgement.js';
import { Random } from '../random.js';
import type { Validation } from './tuning-state.js';

export interface SearchOptions<C, S> {
  /** What may be chosen; the first one is tried first (give the default), the others in random order. */
  readonly candidates: readonly C[];
  /**
   * Seconds the search may take. The first short try, which measures the speed, is made in any case; after it nothing is
   * started that would not end in time at the candidate's speed, or the slowest known one if it was never seen.
   */
  readonly budgetSeconds: number;
  /**
   * Trains a candidate until `share` of a whole run's steps is done, from the state in which it was left before
   * (undefined: from the start), and validates it. With `tune`: `pauseAt: Math.round(share * settings.steps)`. A
   * candidate for which it throws a SoftpromptError (a rate too high, a prompt too long) is out; any other error ends
   * the search. May throw anything once the signal aborts.
   */
  readonly run: (
    candidate: C,
    share: number,
    state: S | undefined,
  ) => Promise<{
    readonly validation: Validation;
    readonly state: S;
    /** What it took; default: from the call to its end, waiting for others included. */
    readonly seconds?: number;
  }>;
  readonly seed: number;
  /** Candidates that `run` can train side by side; default: one after the other. */
  readonly atOnce?: number;
  /** One in `keepOneIn` goes on to the next rung; η in the papers. */
  readonly keepOneIn?: number;
  /** The least share of a whole run that a rung adds: below it validations say nothing. */
  readonly leastShare?: number;
  /** A clock, in seconds. */
  readonly now?: () => number;
  readonly onEvent?: (event: SearchEvent<C>) => void;
  /** Ends the search with the best so far; the try at hand does not count. */
  readonly signal?: AbortSignal | undefined;
}

export type SearchEvent<C> =
  /** A rung begins, the first is 1: so many candidates are trained up to `share` of a whole run. */
  | {
      readonly event: 'search rung';
      readonly rung: number;
      readonly candidates: number;
      readonly share: number;
      readonly secondsLeft: number;
    }
  | ({ readonly event: 'search trial' } & SearchTrial<C>);

/** How far a candidate came. */
export interface SearchTrial<C> {
  readonly candidate: C;
  /** Of a whole run's steps, after which it was validated last; 0 if it never was. */
  readonly share: number;
  /** The last; undefined if there is none. */
  readonly validation: Validation | undefined;
  /** Spent on it in all. */
  readonly seconds: number;
  /** Why it could not be trained. */
  readonly failure: string | undefined;
}

export interface SearchResult<C, S> {
  /** With the state to go on from. Undefined only if the search was interrupted before anything was validated. */
  readonly best: { readonly candidate: C; readonly validation: Validation; readonly state: S } | undefined;
  /** All that were tried, the best first: by the last rung entered, then by validation; failed ones last. */
  readonly trials: readonly SearchTrial<C>[];
  /** Candidates for which there was no time. */
  readonly untried: number;
  readonly seconds: number;
  readonly interrupted: boolean;
}

/**
 * Successive halving (Jamieson & Talwalkar 2016, algorithm 1) within a time budget: all candidates are trained a little,
 * the best third is trained further, and so on until one is left. Each rung may take an equal part of the time. As in
 * Hyperband (Li et al. 2018, section 3), a rung too short to tell candidates apart is worth nothing, so if time is short
 * fewer candidates enter. How far a rung goes follows from the speed measured so far: the same timings give the same
 * search.
 *
 * Errors: TUNING_SETTING; that of the first failed candidate if none can be trained.
 */
export async function searchSettings<C, S>(options: SearchOptions<C, S>): Promise<SearchResult<C, S>> {
  const { now = clock, signal, onEvent, keepOneIn = 3, leastShare = 0.1, atOnce = 1 } = options;
  checkSearch({ ...options, keepOneIn, leastShare });
  const started = now();
  const secondsLeft = () => options.budgetSeconds - (now() - started);
  const trials = shuffledAfterFirst(options.candidates, options.seed).map(untried<C, S>);

  // the first candidate that can be trained shows the speed
  for (const trial of trials) {
    if (signal?.aborted || (trial !== trials[0] && secondsLeft() <= 0)) break;
    await advance(trial, leastShare, options);
    if (trial.pace !== undefined) break;
  }

  let contestants = trials.filter(({ error }) => error === undefined);
  for (let rung = 1; !signal?.aborted; rung++) {
    const plan = planRung(contestants, secondsLeft(), keepOneIn, leastShare, atOnce);
    if (plan === undefined) break;
    const { entrants, share } = plan;
    onEvent?.({ event: 'search rung', rung, candidates: entrants.length, share, secondsLeft: secondsLeft() });
    for (const trial of entrants) trial.rung = rung;
    await sideBySide(entrants, atOnce, async (trial) => {
      const cost = (share - trial.share) * (trial.pace ?? highestPace(entrants));
      if (signal?.aborted || trial.share >= share || cost > secondsLeft()) return;
      await advance(trial, share, options);
    });
    contestants = entrants
      .filter(isSound)
      .sort(byRank)
      .slice(0, Math.ceil(entrants.length / keepOneIn));
  }

  const tried = trials.filter(({ error, validation }) => error ?? validation).sort(byRank);
  const best = tried.find(isSound);
  const failed = trials.find(({ error }) => error !== undefined);
  if (best === undefined && failed !== undefined && !signal?.aborted) throw failed.error;
  return {
    best: best && { candidate: best.candidate, validation: best.validation!, state: best.state! },
    trials: tried.map(report),
    untried: trials.length - tried.length,
    seconds: now() - started,
    interrupted: signal?.aborted ?? false,
  };
}

interface Trial<C, S> {
  readonly candidate: C;
  /** The last rung it entered; 0 for none. */
  rung: number;
  share: number;
  validation: Validation | undefined;
  state: S | undefined;
  /** Seconds that a whole run would take at the speed last seen, validation included. */
  pace: number | undefined;
  seconds: number;
  error: SoftpromptError | undefined;
}

function untried<C, S>(candidate: C): Trial<C, S> {
  return {
    candidate,
    rung: 0,
    share: 0,
    validation: undefined,
    state: undefined,
    pace: undefined,
    seconds: 0,
    error: undefined,
  };
}

function report<C>({ candidate, share, validation, seconds, error }: Trial<C, unknown>): SearchTrial<C> {
  return { candidate, share, validation, seconds, failure: error?.message };
}

/** Trains one candidate up to `share`. What is cut short by the signal does not count. */
async function advance<C, S>(
  trial: Trial<C, S>,
  share: number,
  { run, now = clock, signal, onEvent }: SearchOptions<C, S>,
): Promise<void> {
  const before = now();
  try {
    const { validation, state, seconds = now() - before } = await run(trial.candidate, share, trial.state);
    if (signal?.aborted) return;
    trial.pace = seconds / (share - trial.share);
    trial.share = share;
    trial.validation = validation;
    trial.state = state;
  } catch (error) {
    if (signal?.aborted) return;
    if (!(error instanceof SoftpromptError)) throw error;
    trial.error = error;
    trial.state = undefined;
  }
  trial.seconds += now() - before;
  onEvent?.({ event: 'search trial', ...report(trial) });
}

/**
 * Who enters the next rung and how far it goes: as many contestants (given best first) as can gain `leastShare` in the
 * rung's part of the time. Undefined where nothing is left to decide, or no time to decide it.
 */
function planRung<C, S>(
  contestants: readonly Trial<C, S>[],
  seconds: number,
  keepOneIn: number,
  leastShare: number,
  atOnce: number,
): { readonly entrants: readonly Trial<C, S>[]; readonly share: number } | undefined {
  for (let count = contestants.length; count >= 2; count--) {
    const entrants = contestants.slice(0, count);
    const least = Math.min(...entrants.map(({ share }) => share));
    const sideways = Math.min(atOnce, count);
    const reached = shareReached(entrants, (sideways * seconds) / rungsLeft(count, keepOneIn));
    if (least < 1 && reached >= Math.min(1, least + leastShare)) return { entrants, share: Math.min(1, reached) };
  }
  return undefined;
}

/** Calls for each of a list in its order, so many at a time. */
async function sideBySide<T>(list: readonly T[], atOnce: number, call: (one: T) => Promise<void>): Promise<void> {
  const rest = list[Symbol.iterator]();
  const lane = async () => {
    for (const one of rest) await call(one);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, list.length) }, lane));
}

/** The share s that all trials reach together in the given time: Σ pace·(s − share) = seconds. */
function shareReached(trials: readonly Trial<unknown, unknown>[], seconds: number): number {
  const paces = trials.map(({ pace }) => pace ?? highestPace(trials));
  const spent = trials.reduce((sum, { share }, i) => sum + paces[i]! * share, 0);
  return (seconds + spent) / paces.reduce((sum, pace) => sum + pace, 0);
}

/** What an unknown candidate is taken to cost. */
function highestPace(trials: readonly Trial<unknown, unknown>[]): number {
  return Math.max(...trials.map(({ pace }) => pace ?? 0));
}

/** Rungs until one candidate is left, ⌈log_keepOneIn(count)⌉. */
function rungsLeft(count: number, keepOneIn: number): number {
  return count <= 1 ? 0 : 1 + rungsLeft(Math.ceil(count / keepOneIn), keepOneIn);
}

function isSound({ error, validation }: Trial<unknown, unknown>): boolean {
  return error === undefined && validation !== undefined;
}

/** Sound ones first, then who came further, then the better validation. */
function byRank(a: Trial<unknown, unknown>, b: Trial<unknown, unknown>): number {
  const sound = Number(isSound(b)) - Number(isSound(a));
  if (sound !== 0 || !isSound(a)) return sound;
  if (a.rung !== b.rung) return b.rung - a.rung;
  return Number(isBetter(b.validation!, a.validation!)) - Number(isBetter(a.validation!, b.validation!));
}

function shuffledAfterFirst<C>([first, ...others]: readonly C[], seed: number): C[] {
  return [first!, ...new Random(seed).shuffle(others)];
}

function clock(): number {
  return performance.now() / 1000;
}

function checkSearch(
  options: Pick<Required<SearchOptions<unknown, unknown>>, 'candidates' | 'budgetSeconds' | 'keepOneIn' | 'leastShare'>,
): void {
  const { candidates, budgetSeconds, keepOneIn, leastShare } = options;
  const rules: readonly OptionRule[] = [
    ['number of candidates of the search', candidates.length, candidates.length > 0, 'at least one'],
    ['time budget of the search, in seconds,', budgetSeconds, budgetSeconds > 0, 'a number above 0'],
    ['keepOneIn', keepOneIn, Number.isInteger(keepOneIn) && keepOneIn > 1, 'a whole number above 1'],
    ['leastShare', leastShare, leastShare > 0 && leastShare <= 1, 'a share above 0, up to 1'],
  ];
  checkOptions(rules, 'TUNING_SETTING');
}
