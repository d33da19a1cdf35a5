import { join } from 'node:path';
import { checkOptions, type OptionRule } from '../check-options.js';
import type { Example } from '../data/example.js';
import { type AttributeTable, readAttributes } from '../data/interactions/attribute-table.js';
import { titleColumn } from '../data/interactions/item-titles.js';
import type { TableOptions } from '../data/read-table.js';
import { SoftpromptError } from '../errors.js';
import { writeFileAtomically } from '../files/atomic-file.js';
import { leavingNothing, writeToFolder } from '../files/folder-writing.js';
import { declareOptions, type Given } from '../options/option.js';
import { parseLabels } from '../prompt/labels.js';
import { parseTemplate } from '../prompt/parse-template.js';
import { checkPromptFolder } from '../tasks/prompt-folder/write-prompt.js';
import { runFolder } from '../tasks/run-folder.js';
import { templateFields } from '../tasks/text-task.js';
import type { TuneHooks, TuneResult } from '../tasks/tune-events.js';
import { PROMPT_RUN, TRAINING } from '../tasks/tune-options.js';
import { tunePrompt } from '../tasks/tune-prompt.js';
import type { RecommendDataOptions } from './fit-options.js';
import { writeProfile } from './profile-file.js';
import { labelWords, profileTemplate } from './profiles/label-words.js';
import { type ProfileExamples, profileExamples } from './profiles/profile-examples.js';
import { loadInteractions } from './recommend-data.js';

export const PROFILE_TUNING = declareOptions({ ...PROMPT_RUN, ...TRAINING });

/** Everything a user can say about a profile: which attribute of which data, and how its prompt is learned. */
export interface ProfileOptions extends Omit<RecommendDataOptions, 'split' | 'items' | 'validShare'> {
  /** The model, the folder, and how the prompt is learned. `validShare` is a share of the users. */
  readonly tuning: Given<typeof PROFILE_TUNING>;
  readonly items: string;
  /** File of users with their attributes. */
  readonly users: string;
  readonly userTable?: (TableOptions & { readonly idColumn?: string | undefined }) | undefined;
  /** The column of the users that is predicted. */
  readonly attribute: string;
  /** With the slot `{history}`. Default: see profileTemplate. */
  readonly template?: string | undefined;
  /** Group → word. Default: see labelWords. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Ranges that numbers are cut into. Default: 4. */
  readonly ranges?: number | undefined;
  /** Where the second and each later range begins, instead. */
  readonly cuts?: readonly number[] | undefined;
  /** The column of the items that a history is told by. Default: see titleColumn. */
  readonly titleColumn?: string | undefined;
  /** Latest items of a history that are told. */
  readonly maxItems?: number | undefined;
  /** Share of the users. */
  readonly testShare?: number | undefined;
}

export const PROFILE_DEFAULTS = { maxItems: 30, testShare: 0.2 } as const;

/** The files of examples in the folder, where `softprompt resume` and `evaluate` find them too. */
const PARTS = ['train', 'valid', 'test'] as const;

/**
 * Learns a prompt that predicts an attribute of a user from the titles of what he chose. The examples are written to the
 * folder; from there it is tuning as with any text task, so the result is a prompt's folder.
 * @throws RECOMMEND_OPTION, FIELD_MISSING, PROMPT_FOLDER_UNWRITABLE, and the errors of profileExamples, loadInteractions,
 * readAttributes and tunePrompt
 */
export async function learnProfile(options: ProfileOptions, hooks: TuneHooks = {}): Promise<TuneResult> {
  const { out, overwrite = false, seed = TRAINING.seed.default } = options.tuning;
  checkProfileOptions(options);
  checkPromptFolder(out, { overwrite });
  const folder = runFolder(out);
  if (!overwrite) folder.checkUnused();
  const { data, notes } = await loadInteractions(options);
  const items = await readAttributes(options.items, 'item', options.itemTable);
  const users = await readAttributes(options.users, 'user', options.userTable);
  const toldBy = options.titleColumn ?? findTitles(items);
  const { attribute, ranges, cuts, maxItems = PROFILE_DEFAULTS.maxItems } = options;
  const examples = profileExamples(data, items, users, {
    ...{ attribute, ranges, cuts, titleColumn: toldBy, maxItems, seed },
    validShare: options.tuning.validShare ?? TRAINING.validShare.default,
    testShare: options.testShare ?? PROFILE_DEFAULTS.testShare,
  });
  const labels = Object.fromEntries(parseLabels(options.labels ?? labelWords(examples.groups)));
  const template = options.template ?? profileTemplate(attribute, Object.values(labels));
  checkTemplate(template);
  for (const text of [...notes, ...profileNotes(examples, toldBy, template)]) {
    hooks.onEvent?.({ event: 'note', text });
  }
  const parts = PARTS.filter((part) => examples[part].length > 0);
  const files = Object.fromEntries(parts.map((part) => [part, join(out, 'examples', `${part}.jsonl`)]));
  const titles = items.columns.get(toldBy)!;
  return leavingNothing(out, folder.holdsWorth, async () => {
    await writeToFolder(`The profile in ${out}`, async () => {
      for (const part of parts) await writeFileAtomically(files[part]!, exampleLines(examples[part]));
      await writeProfile(out, {
        attribute,
        groups: examples.groups,
        maxItems,
        titles: Object.fromEntries(items.ids.map((id, row) => [id, titles[row]!])),
      });
    });
    return tunePrompt({ ...options.tuning, template, labels, ...files, train: files.train! }, hooks);
  });
}

/** @throws FIELD_MISSING where a template reads anything but the history */
function checkTemplate(template: string): void {
  const fields = templateFields(parseTemplate(template));
  if (fields.length === 1 && fields[0] === 'history') return;
  throw new SoftpromptError('FIELD_MISSING', {
    found: `The template ${JSON.stringify(template)} has ${fields.length === 0 ? 'no slot' : `the slots ${fields.map((field) => `{${field}}`).join(' ')}`}`,
    expected: 'the slot {history} and no other',
    fix: "Write, for example, '[soft:20]{history|keep=end} Gender:{label}'.",
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
    `histories are told by '${title}': ${template}`,
    `${groups.attribute}: ${counts.join(', ')}`,
    ...(out.length > 0 ? [`users left out: ${out.join(', ')}`] : []),
  ];
}

function checkProfileOptions({ maxItems, ranges, cuts }: ProfileOptions): void {
  const ascending =
    cuts === undefined || cuts.every((cut, i) => Number.isFinite(cut) && (i === 0 || cut > cuts[i - 1]!));
  const rules: readonly OptionRule[] = [
    [
      'maxItems',
      maxItems,
      maxItems === undefined || (Number.isInteger(maxItems) && maxItems > 0),
      'a whole number above 0',
    ],
    ['ranges', ranges, ranges === undefined || (Number.isInteger(ranges) && ranges > 1), 'a whole number above 1'],
    ['cuts', cuts, ascending && cuts?.length !== 0, 'ascending numbers'],
  ];
  checkOptions(rules, 'RECOMMEND_OPTION');
}
