/**
 * `recommend fit` with a frozen model on a public set, beside all baselines, SASRec with fixed text vectors among them:
 * the files of the set are written out as a user would have them, and everything else is left to the defaults. Prints
 * each epoch, and keeps the latest result of each set and model in bench/results.
 *
 *   node dist/bench/recommendation/fit.js SET MODEL WORK [OPTIONS] [FOLDER]
 *
 * WORK is an empty folder for the files and the recommender; a fit that was killed there goes on. OPTIONS are those of
 * fitRecommender as JSON, such as '{"threads":1}'; each `split`, each `seed`, `ties` and `"text":"never"` have a result
 * of their own.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { FitEvent, FitResult } from '../../src/recommend/fit-events.js';
import type { RecommendOptions } from '../../src/recommend/fit-options.js';
import { fitRecommender, resumeRecommender } from '../../src/recommend/fit-recommender.js';
import { keptLines, machine, writeResult } from '../machine.js';
import { RECOMMENDATION_SETS, type RecommendationSetName } from './datasets.js';

const [set, model, work, chosen = '{}', folder = '../shared/data/recommendation'] = process.argv.slice(2);
if (set === undefined || model === undefined || work === undefined) throw new Error('SET MODEL WORK');
const { interactions, items, ties } = await RECOMMENDATION_SETS[set as RecommendationSetName](folder);

mkdirSync(work, { recursive: true });
const interactionFile = join(work, 'interactions.jsonl');
const { time } = interactions;
const rows = Array.from(interactions.user, (user, row) =>
  JSON.stringify({
    user_id: interactions.users[user],
    item_id: interactions.items[interactions.item[row]!],
    ...(time && { time: time[row] }),
  }),
);
writeFileSync(interactionFile, `${rows.join('\n')}\n`);
const itemFile = join(work, 'items.jsonl');
const known = new Set(interactions.items);
const hasTexts = items.columns.size > 0;
const texts = items.ids.flatMap((id, row) =>
  known.has(id)
    ? [
        JSON.stringify({
          item_id: id,
          ...Object.fromEntries([...items.columns].map(([name, all]) => [name, all[row]])),
        }),
      ]
    : [],
);
if (hasTexts) writeFileSync(itemFile, `${texts.join('\n')}\n`);

const extra = JSON.parse(chosen) as Partial<RecommendOptions>;
const options: RecommendOptions = {
  ...{ interactions: interactionFile, out: join(work, 'recommender'), baselines: true },
  ...(hasTexts && { items: itemFile, model }),
  ...(ties && { ties }),
  ...extra,
};
const heard: FitEvent[] = [];
const onEvent = (event: FitEvent) => {
  if (event.event === 'reading') return;
  heard.push(event);
  console.log(JSON.stringify(event));
};
const unfinished = existsSync(join(options.out, 'training', 'fit.json'));
const result: FitResult = unfinished
  ? await resumeRecommender(options.out, { onEvent })
  : await fitRecommender(options, { onEvent });

/** The model's folder, or the one that it is the `model` folder of. */
const nameOf = (path: string) => (basename(path) === 'model' ? basename(dirname(path)) : basename(path));
const round = (figures: Readonly<Record<string, number>> = {}) =>
  Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, Number(value.toFixed(4))]));
const best = (name: string) => {
  const validations = heard.flatMap((e) => (e.event === 'epoch' && e.network === name ? [e.validation] : []));
  return Number(Math.max(...validations).toFixed(4));
};
const { out: _, baselines = [], valid, test, networkAlone, ...facts } = result;
const line = {
  set,
  model: hasTexts ? nameOf(model) : 'no texts',
  options: extra,
  ...facts,
  resumed: unfinished,
  networksByValidation: { ids: best('ids'), idsAndTexts: best('ids and texts') },
  mixed: heard.filter((event) => event.event === 'mixture'),
  valid: round(valid),
  test: round(test),
  networkAlone: round(networkAlone),
  baselines: baselines.map(({ name, settings, validNdcg, test: figures, difference }) => ({
    ...{ name, settings, validNdcg: Number(validNdcg?.toFixed(4)) },
    test: round(figures),
    difference,
  })),
};
console.log(JSON.stringify(line));
/** Results of other splits and seeds, and without texts, stand beside each other. */
const nameOfLine = ({ set: name, model: source, options: { split, seed, text, ties: order } }: typeof line) =>
  JSON.stringify([name, source, split, seed, text === 'never', order]);
const RESULT = 'bench/results/recommendation-fit.json';
writeResult(RESULT, {
  machine: machine(),
  fits: [...keptLines<typeof line>(RESULT, 'fits').filter((other) => nameOfLine(other) !== nameOfLine(line)), line],
});
