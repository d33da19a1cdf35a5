import type { RowSource } from '../../data/row-source.js';
import { SoftpromptError } from '../../errors.js';
import type { PreferenceReport } from '../../evaluation/preference-report.js';
import { loadBaseModel } from '../../network/load-base-model.js';
import { type FrozenModel, type LoadModelOptions, loadModel } from '../../network/load-model.js';
import { learnedCount } from '../../network/trainable.js';
import { placeName } from '../../prompt/made-places.js';
import type { PromptSequence } from '../../prompt/sequence.js';
import { closable } from '../../runtime/closable.js';
import type { ProgramOptions } from '../../runtime/program.js';
import type { TuneHooks } from '../../tasks/tune-events.js';
import { checkModelShape } from '../check-model-shape.js';
import { cellsOf } from '../made-rows/catalogue.js';
import { KnownAnswers } from './known-answers.js';
import { casesOf } from './learn-preference.js';
import { answers, encodeJudged, judged, reportOn } from './measure-preference.js';
import { withTold } from './preference-data.js';
import { readPreference, type SavedPreference } from './preference-folder.js';
import type { StatisticsMode } from './preference-options.js';
import { behind, type PreferenceRowOptions, readPreferences } from './preference-rows.js';
import { openPreferenceTask } from './preference-setup.js';
import type { PreferenceTask } from './preference-task.js';
import { type PreferenceVerdict, preferenceVerdict } from './preference-verdict.js';
import type { Sources } from './sources.js';
import { itemStatistics, userStatistics } from './statistics.js';
import { type LaterAnswer, type Taste, tasteAfter, tasteOf } from './taste.js';

export interface OpenPreferenceOptions extends LoadModelOptions {
  /** Another place of the frozen model than where it was at the fit. */
  readonly model?: string | undefined;
  readonly threads?: number | undefined;
}

export interface PreferenceRequest {
  /** Whoever has answered before. */
  readonly user?: string | undefined;
  /** Items that somebody liked, the oldest first: instead of what is known of the user. */
  readonly history?: readonly string[] | undefined;
  readonly disliked?: readonly string[] | undefined;
  /** What a user has answered since, the oldest first: it follows what is known of him. */
  readonly since?: readonly LaterAnswer[] | undefined;
  readonly candidates: readonly string[];
}

export interface CandidatePreference {
  readonly item: string;
  /** P(yes). */
  readonly probability: number;
  readonly logOdds: number;
  /** With `explain`: how far the log odds fall where a source tells nothing. */
  readonly because?: Readonly<Record<string, number>>;
}

export interface PreferenceEvaluation {
  readonly statistics: StatisticsMode;
  /** In words, beside the plain rates. */
  readonly verdict?: PreferenceVerdict;
  readonly test: PreferenceReport;
  readonly seconds: number;
}

/** A fitted preference on its model. */
export interface OpenPreference {
  readonly saved: SavedPreference;
  readonly task: PreferenceTask;
  /** Whether anything is known of a user: answers, or attributes. */
  knowsUser(user: string): boolean;
  /** Whether a user's answer to an item is known. */
  knowsAnswer(user: string, item: string): boolean;
  /** Whether something is known of an item, so that it can be a candidate. */
  knowsItem(item: string): boolean;
  /** Whether each candidate will be liked, in the order given. @throws RECOMMEND_REQUEST */
  for(request: PreferenceRequest, options?: { readonly explain?: boolean }): Promise<CandidatePreference[]>;
  /** What the model is given for one candidate. @throws RECOMMEND_REQUEST */
  encode(request: PreferenceRequest, item: string): PromptSequence;
  /** How good it is on answers. @throws the errors of readPreferences, RECOMMEND_DATA */
  evaluate(
    data: RowSource,
    options?: PreferenceRowOptions & { readonly statistics?: StatisticsMode | undefined },
    hooks?: TuneHooks,
  ): Promise<PreferenceEvaluation>;
  close(): Promise<void>;
}

/** @throws RECOMMENDER_INVALID, PROMPT_BASE_MODEL, and the errors of loadModel */
export async function openPreference(folder: string, options: OpenPreferenceOptions = {}): Promise<OpenPreference> {
  const saved = await readPreference(folder);
  const model = await (options.model === undefined
    ? loadBaseModel(saved.baseModel, options, '--model')
    : loadModel(options.model, options));
  return preferenceOnModel(saved, model, folder, options);
}

/**
 * A preference on a model that is loaded.
 * @param folder what it is called in messages
 * @throws RECOMMENDER_INVALID, PROMPT_BASE_MODEL
 */
export async function preferenceOnModel(
  saved: SavedPreference,
  model: FrozenModel,
  folder: string,
  { threads, thread }: Pick<ProgramOptions, 'threads' | 'thread'> = {},
): Promise<OpenPreference> {
  checkModelShape(`The preference in ${folder} was learned`, saved.baseModel, model.checkpoint);
  const sources: Sources = {
    text: saved.text,
    vector: saved.vector,
    factors: saved.factors,
    items: { codes: saved.itemCodes, rowOf: cellsOf(saved.items) },
    users: { codes: saved.userCodes, rowOf: cellsOf(saved.users) },
  };
  const task = openPreferenceTask(model, saved, sources, { ...saved.plan, threads, thread });
  if (saved.learned.length !== learnedCount(task.trainable)) {
    await task.network.release();
    throw new SoftpromptError('RECOMMENDER_INVALID', {
      found: `${folder} holds ${saved.learned.length} learned numbers, and vectors for maps of ${learnedCount(task.trainable)}`,
      expected: 'vectors as wide as those that the maps were learned for',
      fix: 'Take an undamaged copy, or fit it again.',
    });
  }
  const trained = new KnownAnswers(saved.answers.slice(0, saved.learnedFrom));
  const known = new KnownAnswers(saved.answers, trained.mean);
  const tastes = new Map<string, Taste>();

  const knowsUser = (user: string) => known.knowsUser(user) || saved.users.places.has(user);
  const tasteFor = ({ user, history, disliked, since }: PreferenceRequest): Taste => {
    if (user === undefined && history === undefined) {
      throw request('The request names neither a user nor a history', 'one of the two', 'Give --user or --history.');
    }
    if (history === undefined && user !== undefined && !knowsUser(user) && since === undefined) {
      throw request(
        `Nobody called '${user}' has answered`,
        'a user of the training or validation rows',
        'Say what he liked (--history A,B,C), or correct the id.',
      );
    }
    const unknown = [...(history ?? []), ...(disliked ?? [])].find((item) => !knowsItem(item));
    if (unknown !== undefined) {
      throw request(
        `The history has the item '${unknown}'`,
        'items of the answers or of the items file',
        'Correct the id, or leave it out.',
      );
    }
    // the same array of the same person is made once: his rows are cached
    const key = JSON.stringify([user, history, disliked]);
    const taste =
      tastes.get(key) ??
      tasteOf(
        { user: user ?? '', time: Number.POSITIVE_INFINITY, history, disliked: history && (disliked ?? []) },
        known,
      );
    if (tastes.size >= TASTES_KEPT) tastes.clear();
    tastes.set(key, taste);
    return since === undefined || since.length === 0 ? taste : tasteAfter(taste, since, known);
  };
  const sequenceOf = (taste: Taste, item: string) => task.encode({ taste, item, liked: undefined, known });
  const knowsItem = (item: string) => known.knowsItem(item) || saved.items.places.has(item);

  return {
    ...{ saved, task, knowsUser, knowsItem },
    knowsAnswer: (user, item) => known.ofUser(user).others.includes(item),
    encode: (asked, item) => sequenceOf(tasteFor(asked), item),
    for: async (asked, { explain = false } = {}) => {
      const taste = tasteFor(asked);
      if (asked.candidates.length === 0)
        throw request('There are no candidates', 'at least one item', 'Give --candidates A,B,C.');
      const unknown = asked.candidates.find((item) => !knowsItem(item));
      if (unknown !== undefined) {
        throw request(
          `Nothing is known of the candidate '${unknown}'`,
          'items of the answers or of the items file',
          'Correct the id, or leave it out.',
        );
      }
      const sequences = asked.candidates.map((item) => sequenceOf(taste, item));
      const odds = await answers(task, saved, sequences);
      const without: { readonly name: string; readonly odds: Float64Array }[] = [];
      for (const [i, place] of explain ? task.places.entries() : []) {
        const name = placeName(place);
        without.push({ name, odds: await answers(task, saved, sequences, name, {}, i) });
      }
      return asked.candidates.map((item, i) => ({
        item,
        probability: 1 / (1 + Math.exp(-odds[i]!)),
        logOdds: odds[i]!,
        ...(explain && {
          because: Object.fromEntries(without.map(({ name, odds: less }) => [name, odds[i]! - less[i]!])),
        }),
      }));
    },
    evaluate: async (data, { statistics = saved.plan.statistics, ...rest } = {}, hooks = {}) => {
      const started = performance.now();
      const rows = behind(await readPreferences(data, rest), saved.answers).filter(({ liked }) => liked !== undefined);
      if (rows.length === 0) {
        throw new SoftpromptError('RECOMMEND_DATA', {
          found: 'No row has an answer',
          expected: 'a label or a rating to judge by',
          fix: "Say what a like is (--like 'rating >= 4').",
        });
      }
      const told =
        statistics === 'train'
          ? trained
          : statistics === 'known'
            ? known
            : new KnownAnswers([...saved.answers, ...withTold(rows)], trained.mean);
      const asked = judged(rows, told, trained);
      const sequences = await encodeJudged(task, asked, hooks.signal);
      const odds = await answers(task, saved, sequences, 'scoring', hooks);
      const cases = casesOf(asked.rows, asked.known);
      const verdict = preferenceVerdict(
        {
          ...{
            logOdds: odds,
            liked: cases.map(({ liked }) => Number(liked)),
            users: asked.rows.map(({ user }) => user),
          },
          others: [
            {
              name: "the item's like rate",
              logOdds: cases.map(({ item, taste, known }) => itemStatistics(item, taste.time, known)[0]!),
            },
            {
              name: "the user's like rate",
              logOdds: cases.map(({ taste, known }) => userStatistics(taste, known)[0]!),
            },
          ],
        },
        0,
      );
      const seconds = (performance.now() - started) / 1000;
      return { statistics, ...(verdict && { verdict }), test: reportOn(asked, odds), seconds };
    },
    ...closable(() => task.network.release()),
  };
}

const TASTES_KEPT = 1000;

function request(found: string, expected: string, fix: string): SoftpromptError {
  return new SoftpromptError('RECOMMEND_REQUEST', { found, expected, fix });
}
