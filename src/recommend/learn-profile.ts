import { join } from 'node:path';
import type { Example } from '../data/example.js';
import { type AttributeTable, readAttributes } from '../data/interactions/attribute-table.js';
import { titleColumn } from '../data/interactions/item-titles.js';
import { SoftpromptError } from '../errors.js';
import { writeFileAtomically } from '../files/atomic-file.js';
import { writeToFolder } from '../files/folder-writing.js';
import { startJob } from '../jobs/run-job.js';
import { loadModel } from '../network/load-model.js';
import { parseLabels } from '../prompt/labels.js';
import { madePlaces } from '../prompt/made-places.js';
import { parseTemplate } from '../prompt/parse-template.js';
import { PROMPT_JOB } from '../tasks/prompt-job.js';
import { templateFields } from '../tasks/template-fields.js';
import type { TuneHooks, TuneResult } from '../tasks/tune-events.js';
import { type TuneOptions, tunePlan } from '../tasks/tune-options.js';
import { tuning } from '../tasks/tune-prompt.js';
import { catalogue } from './made-rows/catalogue.js';
import { writeProfile } from './profile-file.js';
import { type ProfileOptions, type ProfilePlan, profilePlan } from './profile-options.js';
import { labelWords, profileTemplate } from './profiles/label-words.js';
import { CHOSEN, type ProfileExamples, profileExamples } from './profiles/profile-examples.js';
import { checkUserRows, fitUserRows, rowFieldsOf, type UserRows } from './profiles/user-rows.js';
import { loadInteractions } from './recommend-data.js';

/** The files of examples in the folder, where `softprompt resume` and `evaluate` find them too. */
const PARTS = ['train', 'valid', 'test'] as const;

/**
 * Learns a prompt that predicts an attribute of a user from the titles of what he chose. The examples are written to the
 * folder; from there it is tuning as with any text task, so the result is a prompt's folder.
 * @throws RECOMMEND_OPTION, FIELD_MISSING, PROMPT_FOLDER_UNWRITABLE, and the errors of profileExamples, loadInteractions,
 * readAttributes and tunePrompt
 */
export async function learnProfile(options: ProfileOptions, hooks: TuneHooks = {}): Promise<TuneResult> {
  const plan = profilePlan(options);
  const { out, overwrite } = plan.tuning;
  return startJob(
    PROMPT_JOB,
    { out, overwrite },
    hooks,
    tuning((watched) => writeExamples(plan, watched)),
  );
}

/** Writes the examples and the profile to the folder. @returns how a prompt is learned from them */
async function writeExamples(plan: ProfilePlan, hooks: TuneHooks): Promise<TuneOptions> {
  const { attribute, ranges, cuts, maxItems, testShare } = plan;
  const { out, seed, validShare = 0.1 } = plan.tuning;
  if (plan.template !== undefined) checkTemplate(plan.template);
  const { data, notes } = await loadInteractions(plan);
  const items = await readAttributes(plan.items, 'item', plan.itemTable);
  const users = await readAttributes(plan.users, 'user', plan.userTable);
  const toldBy = plan.titleColumn ?? findTitles(items);
  const examples = profileExamples(data, items, users, {
    ...{ attribute, ranges, cuts, titleColumn: toldBy, maxItems, seed },
    validShare,
    testShare,
    needsTitles: templateFields(parseTemplate(plan.template ?? profileTemplate(attribute, [], plan.tuning))).length > 0,
  });
  const labels = Object.fromEntries(parseLabels(plan.labels ?? labelWords(examples.groups)));
  const template = plan.template ?? profileTemplate(attribute, Object.values(labels), plan.tuning);
  for (const text of [...notes, ...profileNotes(examples, toldBy, template)]) {
    hooks.onEvent?.({ event: 'note', text });
  }
  const parts = PARTS.filter((part) => examples[part].length > 0);
  const files = Object.fromEntries(parts.map((part) => [part, join(out, 'examples', `${part}.jsonl`)]));
  const titles = items.columns.get(toldBy)!;
  const tuned = tunePlan({
    ...{ ...plan.tuning, template, labels, ...files, train: files.train! },
    chosenColumn: CHOSEN,
  });
  const rows = await userRows(plan, template, examples.train, { items, toldBy }, hooks);
  const withRows = ({ fields, ...example }: Example): Example => ({
    ...example,
    fields: { ...fields, ...rowFieldsOf(rows, chosenOf({ fields })) },
  });
  await writeToFolder(`The profile in ${out}`, async () => {
    for (const part of parts) await writeFileAtomically(files[part]!, exampleLines(examples[part].map(withRows)));
    await writeProfile(out, {
      attribute,
      groups: examples.groups,
      maxItems,
      titles: Object.fromEntries(items.ids.map((id, row) => [id, titles[row]!])),
      rows,
    });
  });
  return tuned;
}

/** What rows of users are made of, learned from the training users. */
async function userRows(
  plan: ProfilePlan,
  template: string,
  train: readonly Example[],
  { items, toldBy }: { readonly items: AttributeTable; readonly toldBy: string },
  { hub, signal, onEvent }: TuneHooks,
): Promise<UserRows> {
  const { model, seed = 0, threads } = plan.tuning;
  return fitUserRows({
    ...{ template: parseTemplate(template), histories: train.map(chosenOf), items: catalogue(items) },
    ...{ recommender: plan.recommender, titleColumn: toldBy, seed, threads },
    ...{ itemFactors: plan.itemFactors, layers: plan.layers, textWidth: plan.textWidth },
    model: () => loadModel(model, { hub }),
    onProgress: (done, all) => {
      signal?.throwIfAborted();
      onEvent?.({ event: 'scoring', what: 'reading the items', done, all });
    },
  });
}

const chosenOf = ({ fields }: Pick<Example, 'fields'>) => JSON.parse(fields[CHOSEN]!) as readonly string[];

/** @throws TEMPLATE_INVALID, FIELD_MISSING where a template reads anything but the history and rows of the user */
function checkTemplate(template: string): void {
  const parsed = parseTemplate(template);
  checkUserRows(parsed);
  const fields = templateFields(parsed);
  if (fields.length === 1 && fields[0] === 'history') return;
  if (fields.length === 0 && madePlaces(parsed).length > 0) return;
  throw new SoftpromptError('FIELD_MISSING', {
    found: `The template ${JSON.stringify(template)} has ${fields.length === 0 ? 'no slot' : `the slots ${fields.map((field) => `{${field}}`).join(' ')}`}`,
    expected: 'the slot {history} and no other, or rows made of what was chosen',
    fix: "Write, for example, '[soft:20]{history|keep=end} Gender:{label}' or '[soft:20][user:items] Gender:{label}'.",
  });
}

/** @throws DATA_COLUMN_MISSING */
function findTitles({ columns }: AttributeTable): string {
  const column = titleColumn(columns);
  if (column !== undefined) return column;
  throw new SoftpromptError('DATA_COLUMN_MISSING', {
    found: `the items have the columns ${[...columns.keys()].map((name) => `'${name}'`).join(', ')}`,
    expected: "one that holds the title, such as 'title', by which a history can be told",
    fix: 'Name the column of the title (--title-column).',
  });
}

function exampleLines(examples: readonly Example[]): string {
  return examples.map(({ id, fields, label }) => `${JSON.stringify({ id, ...fields, label })}\n`).join('');
}

function profileNotes({ groups, train, valid, test, leftOut }: ProfileExamples, title: string, template: string) {
  const counts = groups.names.map((name) => {
    const count = [train, valid, test].flat().filter(({ label }) => label === name).length;
    return `${name} ${count}`;
  });
  const { withoutValue, withoutHistory, withoutGroup } = leftOut;
  const out = [
    ...(withoutValue > 0 ? [`${withoutValue} without a value`] : []),
    ...(withoutHistory > 0 ? [`${withoutHistory} without an item that has a title`] : []),
    ...(withoutGroup > 0 ? [`${withoutGroup} with a value that no training user has`] : []),
  ];
  return [
    templateFields(parseTemplate(template)).length > 0
      ? `histories are told by '${title}': ${template}`
      : `rows are made of what was chosen: ${template}`,
    `${groups.attribute}: ${counts.join(', ')}`,
    ...(out.length > 0 ? [`users left out: ${out.join(', ')}`] : []),
  ];
}
