import { fitBinaryRegression, logOdds } from '../../evaluation/binary-regression.js';
import type { FrozenModel } from '../../network/load-model.js';
import { parseTemplate } from '../../prompt/parse-template.js';
import { withoutLearned } from '../../prompt/without-learned.js';
import { scoringHooks, type TuneHooks } from '../../tasks/tune-events.js';
import { casesOf, type LearnedPreference, partStarts } from './learn-preference.js';
import { logOddsOf } from './log-odds.js';
import { fitMatrixFactorization } from './matrix-factorization.js';
import { type JudgedRows, sampleUsers } from './measure-preference.js';
import { knownFrom, type PreferenceData } from './preference-data.js';
import type { PreferencePlan } from './preference-options.js';
import { openPreferenceTask } from './preference-setup.js';
import type { PreferenceCase, PreferenceTask } from './preference-task.js';
import { fitSasRecScores } from './sasrec-scores.js';
import { givenMaker, type Sources } from './sources.js';
import { itemStatistics, userStatistics } from './statistics.js';
import { flatGiven, teach } from './teach.js';

/** Log odds of every judged row by something that was not learned by a prompt. */
export interface BaselineScores {
  /** As keys of the result: `item_rate`. */
  readonly name: string;
  readonly about: string;
  readonly logOdds: ArrayLike<number>;
  /** The rows that were scored, where not all were. */
  readonly judged?: JudgedRows;
}

/** Rows that an unlearned prompt, whose texts are long, is asked at most. */
const WRITTEN_ROWS = 400;
const UNLEARNED_ROWS = 2000;

/** The template where nothing is learned and no rows are made: what a person would write. */
const WRITTEN_TEMPLATE =
  'Liked: {liked|max=32,keep=end}\nDisliked: {disliked|max=32,keep=end}\nWould like {title|max=24}?{label}';

/** What a preference is to be measured against, all from the same training rows and the same known answers. */
export async function preferenceBaselines(
  context: {
    readonly model: FrozenModel;
    readonly task: PreferenceTask;
    readonly data: PreferenceData;
    readonly sources: Sources;
    readonly plan: PreferencePlan;
    readonly learned: LearnedPreference;
    readonly judged: JudgedRows;
  },
  hooks: TuneHooks,
): Promise<BaselineScores[]> {
  const { model, task, data, sources, plan, learned, judged } = context;
  const { seed, threads } = plan;
  const known = knownFrom(data.train);
  const asOf = plan.statistics === 'stream' ? undefined : partStarts(data.train);
  const trained = casesOf(data.train, known, asOf);
  const asked = casesOf(judged.rows, judged.known);
  const liked = data.train.map((row) => Number(row.liked));
  const rateOf = {
    item: ({ item, taste, known }: PreferenceCase) => itemStatistics(item, taste.time, known)[0]!,
    user: ({ taste, known }: PreferenceCase) => userStatistics(taste, known)[0]!,
  };
  const prior = Math.log(known.mean / (1 - known.mean));
  const rate = (of: 'item' | 'user') => asked.map((one) => rateOf[of](one) + prior);
  const rates = (one: PreferenceCase) => [rateOf.item(one), rateOf.user(one)];
  const both = fitBinaryRegression(trained.map(rates), liked, 1);
  const scores: BaselineScores[] = [
    { name: 'item_rate', about: "the item's smoothed like rate", logOdds: rate('item') },
    { name: 'user_rate', about: "the user's smoothed like rate", logOdds: rate('user') },
    {
      name: 'both_rates',
      about: 'logistic regression on both rates',
      logOdds: asked.map((one) => logOdds(both, rates(one))),
    },
  ];
  hooks.signal?.throwIfAborted();
  const factors = fitMatrixFactorization(data.train, data.valid, seed);
  scores.push({
    name: 'mf',
    about: 'matrix factorisation',
    logOdds: judged.rows.map(({ user, item }) => factors.logOdds(user, item)),
  });
  const sasRec = await fitSasRecScores(data.train, seed, { threads, signal: hooks.signal });
  if (sasRec !== undefined) {
    const least = -Math.log(1e6);
    const of = async (cases: readonly PreferenceCase[]) =>
      (await sasRec.score(cases.map(({ taste, item }) => ({ liked: taste.liked, item })))).map((z) => [z ?? least]);
    const validCases = casesOf(data.valid, known);
    const scale = fitBinaryRegression(
      await of(validCases),
      data.valid.map((row) => Number(row.liked)),
      1,
    );
    const odds = (await of(asked)).map((x) => logOdds(scale, x));
    await sasRec.release();
    scores.push({
      name: 'sasrec',
      about: 'SASRec on ids, its log probability scaled on the validation rows',
      logOdds: odds,
    });
  }
  if (sources.text !== undefined) {
    const places = [
      { of: 'user', source: 'text', rows: 1 },
      { of: 'item', source: 'text', rows: 1 },
    ] as const;
    const give = givenMaker(places, { ...sources });
    const sequences = (cases: readonly PreferenceCase[]) =>
      cases.map(({ taste, item, liked, known: by }) => ({
        ...{ context: new Int32Array(0), candidates: [], target: Number(liked) },
        given: give(taste, item, by),
      }));
    const fit = teach(places, sequences(trained), sequences(casesOf(data.valid, known)));
    scores.push({
      name: 'frozen_vectors',
      about: "logistic regression on the frozen model's vectors of the titles, the item's and the mean of the user's",
      logOdds: sequences(asked).map((sequence) => logOdds(fit, flatGiven(sequence))),
    });
  }
  const encoded = asked.map(task.encode);
  if (task.places.length > 0) {
    scores.push({
      name: 'given_vectors',
      about: "logistic regression on all that the prompt's rows are made of",
      logOdds: encoded.map((sequence) => logOdds(learned.teacher, flatGiven(sequence))),
    });
  }
  const some = sampleUsers(judged, UNLEARNED_ROWS, seed);
  scores.push({
    name: 'unlearned_rows',
    about: 'the prompt before the first update: rows that say what the regression says',
    logOdds: await logOddsOf(
      task,
      learned.initial,
      some.places.map((place) => encoded[place]!),
      scoringHooks('scoring the prompt before it was learned', hooks),
    ),
    judged: some,
  });
  if (data.title !== undefined) scores.push(await writtenPrompt(model, data, sources, plan, judged, hooks));
  return scores;
}

async function writtenPrompt(
  model: FrozenModel,
  data: PreferenceData,
  sources: Sources,
  plan: PreferencePlan,
  judged: JudgedRows,
  hooks: TuneHooks,
): Promise<BaselineScores> {
  const own = withoutLearned(parseTemplate(plan.template));
  // an item without a title leaves nothing but the words
  const tells =
    own.parts.some((part) => part.kind === 'slot') &&
    own.parts.some((part) => part.kind === 'words' && part.text.trim() !== '');
  const template = tells ? own.source : WRITTEN_TEMPLATE;
  const written = openPreferenceTask(model, data, sources, { ...plan, template, method: 'soft' });
  const some = sampleUsers(judged, WRITTEN_ROWS, plan.seed);
  try {
    const sequences = casesOf(some.rows, judged.known).map(written.encode);
    const hooked = scoringHooks('scoring the written prompt', hooks);
    const odds = await logOddsOf(written, new Float32Array(0), sequences, hooked);
    return {
      name: 'written_prompt',
      about: `nothing learned: ${JSON.stringify(template)}`,
      logOdds: odds,
      judged: some,
    };
  } finally {
    await written.network.release();
  }
}
