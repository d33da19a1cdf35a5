import type { Example } from '../../data/example.js';
import {
  type AttributeGroups,
  fitAttributeGroups,
  type GroupingOptions,
  groupOf,
} from '../../data/interactions/attribute-groups.js';
import { type AttributeTable, matchAttributes } from '../../data/interactions/attribute-table.js';
import type { InteractionData } from '../../data/interactions/interaction-data.js';
import { oneLine } from '../../data/interactions/item-titles.js';
import { orderByUser } from '../../data/interactions/user-order.js';
import { splitExamples } from '../../data/split-examples.js';
import { SoftpromptError } from '../../errors.js';

export interface ProfileOptions extends GroupingOptions {
  /** A column of the users. */
  readonly attribute: string;
  /** The column of the items that a history is told by. */
  readonly titleColumn: string;
  /** Latest items of a history that are told. */
  readonly maxItems: number;
  /** Shares of the users that validate and test. */
  readonly validShare: number;
  readonly testShare: number;
  readonly seed: number;
  /** Whether users are left out of whose items none has a title. Default: true. */
  readonly needsTitles?: boolean | undefined;
}

/** The field of a JSON list of the items that a user chose, each once, the oldest first. */
export const CHOSEN = 'user:chosen';

/** Users as examples of a text task: `{history}`, what they chose, and the group of the attribute as label. */
export interface ProfileExamples {
  readonly groups: AttributeGroups;
  readonly train: readonly Example[];
  readonly valid: readonly Example[];
  readonly test: readonly Example[];
  /** Users left out: without a value, without an item that has a title, or with a value that no training user has. */
  readonly leftOut: { readonly withoutValue: number; readonly withoutHistory: number; readonly withoutGroup: number };
}

/** More values than this are names rather than groups. */
const MOST_GROUPS = 100;

/**
 * Makes an example of each user with a value and a history, and splits them so that each group keeps its share. Where
 * ranges begin is learned from the training users.
 * @throws DATA_COLUMN_MISSING, RECOMMEND_DATA where there are not two groups or too many, DATA_SPLIT_EMPTY,
 * DATA_IDS_FOREIGN
 */
export function profileExamples(
  data: InteractionData,
  items: AttributeTable,
  users: AttributeTable,
  options: ProfileOptions,
): ProfileExamples {
  const { attribute, validShare, testShare, seed, needsTitles = true } = options;
  const values = columnOf(users, attribute, 'user');
  const { rows } = matchAttributes(users, data.users);
  const titles = titlesByCode(items, data.items, options.titleColumn);
  const order = orderByUser(data);
  const told: Example[] = [];
  const leftOut = { withoutValue: 0, withoutHistory: 0, withoutGroup: 0 };
  data.users.forEach((id, user) => {
    const value = rows[user] === -1 ? '' : values[rows[user]!]!.trim();
    const own = order.rows.subarray(order.offsets[user]!, order.offsets[user + 1]!);
    const history = tellHistory(
      Array.from(own, (row) => titles[data.item[row]!]!),
      options.maxItems,
    );
    if (value === '') leftOut.withoutValue += 1;
    else if (history === '' && (needsTitles || own.length === 0)) leftOut.withoutHistory += 1;
    else {
      const chosen = [...new Set(Array.from(own, (row) => data.items[data.item[row]!]!))];
      told.push({ id, fields: { history, [CHOSEN]: JSON.stringify(chosen) }, label: value });
    }
  });
  const learn = (examples: readonly Example[]) =>
    fitAttributeGroups(
      attribute,
      examples.map(({ label }) => label!),
      options,
    );
  const grouped = (groups: AttributeGroups, examples: readonly Example[]) =>
    examples.map((example) => ({ ...example, label: groups.names[groupOf(groups, example.label!)] }));
  // the split keeps the shares of provisional groups; those that are predicted come from the training users alone
  const valueOfUser = new Map(told.map(({ id, label }) => [id, label]));
  const withValues = (examples: readonly Example[]) =>
    examples.map((example) => ({ ...example, label: valueOfUser.get(example.id) }));
  const split = splitExamples(grouped(learn(told), told), { valid: validShare, test: testShare, seed });
  const groups = learn(withValues(split.train));
  checkGroups(groups);
  const final = (examples: readonly Example[]) => {
    const all = grouped(groups, withValues(examples));
    const kept = all.filter(({ label }) => label !== undefined);
    leftOut.withoutGroup += all.length - kept.length;
    return kept;
  };
  return { groups, train: final(split.train), valid: final(split.valid), test: final(split.test), leftOut };
}

/** The latest titles, the oldest first; items without one are not told. */
export function tellHistory(titles: readonly string[], maxItems: number): string {
  return titles
    .filter((title) => title !== '')
    .slice(-maxItems)
    .join('; ');
}

/** [items] the title of each item code, empty where it has none. @throws DATA_COLUMN_MISSING, DATA_IDS_FOREIGN */
function titlesByCode(table: AttributeTable, ids: readonly string[], column: string): string[] {
  const titles = columnOf(table, column, 'item');
  const { rows } = matchAttributes(table, ids);
  return Array.from(rows, (row) => (row === -1 ? '' : oneLine(titles[row]!)));
}

function columnOf({ columns }: AttributeTable, name: string, of: 'user' | 'item'): readonly string[] {
  const values = columns.get(name);
  if (values !== undefined) return values;
  throw new SoftpromptError('DATA_COLUMN_MISSING', {
    found: `the ${of}s have the columns ${[...columns.keys()].map((column) => `'${column}'`).join(', ')}`,
    expected: `'${name}' among them`,
    fix: `Name one of the columns of the ${of}s.`,
  });
}

function checkGroups({ attribute, names }: AttributeGroups): void {
  if (names.length >= 2 && names.length <= MOST_GROUPS) return;
  throw new SoftpromptError('RECOMMEND_DATA', {
    found: `The attribute '${attribute}' has ${names.length} different values among the training users`,
    expected: `from 2 to ${MOST_GROUPS} to tell apart`,
    fix: 'Choose another attribute, or group its values in the file of users.',
  });
}
