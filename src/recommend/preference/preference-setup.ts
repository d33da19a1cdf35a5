import { pickMethodOptions } from '../../methods/method-options.js';
import type { FrozenModel } from '../../network/load-model.js';
import { labelsInvalid } from '../../prompt/labels.js';
import { madePlaces } from '../../prompt/made-places.js';
import { parseTemplate } from '../../prompt/parse-template.js';
import type { ProgramOptions } from '../../runtime/program.js';
import { cellsOf, fieldsOf } from '../made-rows/catalogue.js';
import { fitHistoryVectors, type HistoryVectors } from '../made-rows/history-vectors.js';
import { itemFactorsOf } from '../made-rows/item-factors.js';
import { readItemTexts } from '../made-rows/read-item-texts.js';
import { readRecommenderVectors } from '../made-rows/recommender-vectors.js';
import { attributeCodes } from './attribute-vectors.js';
import { type PreferenceData, withTold } from './preference-data.js';
import type { PreferencePlan } from './preference-options.js';
import { type PreferenceTask, preferenceTask } from './preference-task.js';
import type { Sources } from './sources.js';

/** What the template's made rows need, read and learned from training rows. */
export async function prepareSources(
  model: FrozenModel,
  data: PreferenceData,
  plan: PreferencePlan,
  onProgress?: (done: number, all: number) => void,
): Promise<Sources> {
  const wanted = new Set(madePlaces(parseTemplate(plan.template)).map(({ source }) => source));
  const met = new Set(data.train.map(({ item }) => item));
  const { recommender } = plan;
  const needsText = wanted.has('text') || (wanted.has('vector') && recommender === undefined);
  const text = needsText ? await readItemTexts(model, data.items, met, plan, onProgress) : undefined;
  // histories tell of items as well
  const told = new Set(data.train.flatMap(({ item, history = [] }) => [item, ...history]));
  const vector = recommender === undefined ? text : await readRecommenderVectors(recommender, told);
  const trainUsers = new Set(data.train.map(({ user }) => user));
  return {
    text,
    vector: wanted.has('vector') ? vector : undefined,
    factors: wanted.has('items') ? chosenFactors(data, plan) : undefined,
    items: { codes: attributeCodes(ofIds(data.items, met)), rowOf: cellsOf(data.items) },
    users: { codes: attributeCodes(ofIds(data.users, trainUsers)), rowOf: cellsOf(data.users) },
  };
}

/** Vectors of items by who likes them, and who does not, among the training rows and what they tell of before. */
function chosenFactors({ train }: PreferenceData, { itemFactors, seed }: PreferencePlan): HistoryVectors {
  const histories = new Map<string, string[]>();
  for (const { user, item, liked } of withTold(train)) {
    const key = JSON.stringify([user, liked]);
    const own = histories.get(key) ?? [];
    own.push(item);
    histories.set(key, own);
  }
  const sets = [...histories.values()];
  return fitHistoryVectors(itemFactorsOf(sets, itemFactors, seed), sets);
}

/** The rows of a catalogue that training met; all where it met none. */
function ofIds({ ids, columns }: PreferenceData['items'], met: ReadonlySet<string>) {
  const rows = ids.flatMap((id, row) => (met.has(id) ? [row] : []));
  if (rows.length === 0) return { ids, columns };
  const cells = Array.from(columns, ([name, values]) => [name, rows.map((row) => values[row]!)] as const);
  return { ids: rows.map((row) => ids[row]!), columns: new Map(cells) };
}

/** What of a plan shapes the task. */
export type TaskPlan = Pick<
  PreferencePlan,
  'labels' | 'method' | 'maxLength' | 'hidden' | 'template' | 'threads' | 'rank' | 'alpha' | 'rslora' | 'targetModules'
>;

/** The words of no and yes. @throws LABELS_INVALID */
function wordsOf({ yes, no }: PreferencePlan['labels']): readonly [string, string] {
  if (typeof yes === 'string' && typeof no === 'string') return [no, yes];
  throw labelsInvalid('The labels lack a word for yes or no', 'an object such as {"yes":" yes","no":" no"}');
}

export function openPreferenceTask(
  model: FrozenModel,
  data: Pick<PreferenceData, 'items' | 'title'>,
  sources: Sources,
  plan: TaskPlan & Pick<ProgramOptions, 'thread'>,
): PreferenceTask {
  const { labels, method, maxLength, hidden, template, threads, thread } = plan;
  const fields = new Map<string, Record<string, string> | undefined>();
  return preferenceTask(model, {
    ...{ method, maxLength, hidden, sources, threads, thread, title: data.title },
    methodOptions: pickMethodOptions(plan),
    template: parseTemplate(template),
    words: wordsOf(labels),
    columns: [...data.items.columns.keys()],
    itemFields: (item) => {
      if (!fields.has(item)) fields.set(item, fieldsOf(data.items, item));
      return fields.get(item);
    },
  });
}
