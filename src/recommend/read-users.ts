import { type AttributeGroups, fitAttributeGroups, groupOf } from '../data/interactions/attribute-groups.js';
import { matchAttributes, readAttributes } from '../data/interactions/attribute-table.js';
import { type InteractionSplits, sequenceOf } from '../data/interactions/interaction-splits.js';
import { SoftpromptError } from '../errors.js';
import { type FitPlan, USER_FADE } from './fit-options.js';
import type { UserInputs } from './sequential/user-inputs.js';

/** What users are told apart by, and what a person should know of it. */
export interface KnownUsers {
  /** Undefined where nothing tells them apart after all. */
  readonly inputs: UserInputs | undefined;
  readonly notes: readonly string[];
}

/** A value of an attribute that fewer training users have says nothing. */
const FEWEST = 3;
/** A column of more values, or whose values are mostly rare, is a name or an address, unless it is asked for. */
const MOST_GROUPS = 100;
/** More users than this have no vectors of their own: they would fill the memory. */
const MOST_VECTORS = 100_000;

/**
 * Reads the users' attributes, and learns their groups from the users with training interactions; undefined where neither
 * attributes nor vectors of users are asked for.
 * @throws RECOMMEND_DATA where no column tells users apart, DATA_COLUMN_MISSING, DATA_IDS_FOREIGN, and the errors of
 * readAttributes
 */
export async function readUsers(splits: InteractionSplits, options: FitPlan): Promise<KnownUsers | undefined> {
  const { users: source, userVectors = false } = options;
  if (source === undefined && !userVectors) return undefined;
  const told = source === undefined ? NOTHING : await attributesOfUsers(source, splits, options);
  const many = splits.users.length > MOST_VECTORS;
  const shares = userVectors && !many ? userShares(splits) : undefined;
  const notes = userVectors && many ? [`more than ${MOST_VECTORS} users: none gets a vector of his own`] : [];
  const { attributes, groups } = told;
  const inputs = attributes.length > 0 || shares ? { attributes, groups, shares } : undefined;
  return { inputs, notes: [...told.notes, ...notes] };
}

const NOTHING = { attributes: [], groups: new Int32Array(0), notes: [] };

async function attributesOfUsers(source: string, splits: InteractionSplits, options: FitPlan) {
  const { userAttributes: wanted, userTable } = options;
  const table = await readAttributes(source, 'user', { ...userTable, keep: wanted });
  const { rows, missing } = matchAttributes(table, splits.users);
  const trained = [...splits.users.keys()].filter((user) => sequenceOf(splits.train, user).length > 0);
  const columns = Array.from(table.columns, ([name, values]) => ({
    name,
    values: Array.from(rows, (row) => (row === -1 ? '' : values[row]!.trim())),
  }));
  const learned = columns.map(({ name, values }) => ({
    values,
    groups: fitAttributeGroups(
      name,
      trained.map((user) => values[user]!),
      { fewest: FEWEST },
    ),
  }));
  const used = learned.filter(({ values, groups }) => {
    const { length } = groups.names;
    if (length < 2 || wanted !== undefined) return length >= 2;
    const given = trained.filter((user) => values[user] !== '');
    const grouped = given.filter((user) => groupOf(groups, values[user]!) !== -1);
    return length <= MOST_GROUPS && grouped.length >= given.length / 2;
  });
  if (used.length === 0) {
    throw new SoftpromptError('RECOMMEND_DATA', {
      found: `the users' columns ${columns.map(({ name }) => `'${name}'`).join(', ')}, none of which tells them apart`,
      expected: `a column in which at least two values or ranges occur at ${FEWEST} users or more`,
      fix: 'Name the columns to use (--user-attributes), give other attributes, or leave the users out (--users).',
    });
  }
  const groups = new Int32Array(splits.users.length * used.length);
  used.forEach(({ values, groups: known }, attribute) => {
    values.forEach((value, user) => {
      groups[user * used.length + attribute] = groupOf(known, value);
    });
  });
  const attributes = used.map((one) => one.groups);
  const unused = learned.filter((one) => !used.includes(one)).map((one) => one.groups.attribute);
  return {
    attributes,
    groups,
    notes: [
      `users are told apart by ${attributes.map(describe).join(', ')}`,
      ...(unused.length > 0 ? [`columns of the users that are left out: ${unused.join(', ')}`] : []),
      ...(missing > 0 ? [`${missing} of ${splits.users.length} users have no attributes`] : []),
    ],
  };
}

function describe({ attribute, names, cuts }: AttributeGroups): string {
  return `${attribute} (${cuts === undefined ? `${names.length} values` : names.join(', ')})`;
}

/** [users] n/(n + fade) for n training interactions. */
function userShares({ users, train }: InteractionSplits): Float32Array {
  return Float32Array.from(users, (_, user) => {
    const n = sequenceOf(train, user).length;
    return n / (n + USER_FADE);
  });
}
