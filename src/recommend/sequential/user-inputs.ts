import { type AttributeGroups, groupOf } from '../../data/interactions/attribute-groups.js';
import { SoftpromptError } from '../../errors.js';
import type { Random } from '../../random.js';
import type { Feed } from '../../runtime/program.js';
import type { UserTokenShape } from './user-tokens.js';

/** What the network is told of the users. */
export interface UserInputs {
  /** The F attributes, as learned from training users. */
  readonly attributes: readonly AttributeGroups[];
  /** [users, F] each user's group of each attribute, −1 where it is not known. */
  readonly groups: Int32Array;
  /** [users] how much of each user's own vector counts; undefined where users have none. */
  readonly shares: Float32Array | undefined;
}

/** More attributes than this are mixed by a small network. */
const MOST_ADDED = 8;
const GENERATOR_WIDTH = 16;

export function userTokenShape({ attributes, shares }: UserInputs): UserTokenShape {
  return {
    groups: attributes.reduce((sum, { names }) => sum + names.length, 0),
    ids: shares?.length ?? 0,
    generator: attributes.length > MOST_ADDED ? GENERATOR_WIDTH : 0,
  };
}

/** [F] a user's groups; all −1 for the user −1, of whom nothing is known. */
export function knownGroups({ attributes, groups }: UserInputs, user: number): Int32Array {
  const width = attributes.length;
  return user === -1 ? new Int32Array(width).fill(-1) : groups.subarray(user * width, (user + 1) * width);
}

export function isKnown(inputs: UserInputs, user: number, groups: Int32Array): boolean {
  return groups.some((group) => group !== -1) || (user !== -1 && (inputs.shares?.[user] ?? 0) > 0);
}

/** The feeds of `userTokens` for B users, whose groups are given beside. */
export function userFeeds(
  inputs: UserInputs,
  users: readonly number[],
  groups: readonly Int32Array[],
): Record<string, Feed> {
  const { attributes, shares } = inputs;
  const { groups: all } = userTokenShape(inputs);
  const marks = new Float32Array(users.length * all);
  groups.forEach((own, b) => {
    let first = b * all;
    attributes.forEach(({ names }, attribute) => {
      if (own[attribute] !== -1) marks[first + own[attribute]!] = 1;
      first += names.length;
    });
  });
  return {
    ...(all > 0 && { userGroups: marks }),
    ...(shares && {
      users: BigInt64Array.from(users, (user) => BigInt(Math.max(user, 0))),
      userShares: Float32Array.from(users, (user) => (user === -1 ? 0 : shares[user]!)),
    }),
  };
}

/**
 * What training tells of users: of a share `rate` of them nothing, of the others each attribute with probability
 * 1 − rate, so that the network learns to do without.
 */
export function droppedUsers(
  inputs: UserInputs,
  users: readonly number[],
  rate: number,
  random: Random,
): { readonly users: readonly number[]; readonly groups: readonly Int32Array[] } {
  const told = users.map((user) => (random.uniform() < rate ? -1 : user));
  return {
    users: told,
    groups: told.map((user) => knownGroups(inputs, user).map((group) => (random.uniform() < rate ? -1 : group))),
  };
}

/**
 * [F] the groups of attributes that a request gives; a value that training users did not have says nothing.
 * @throws RECOMMEND_REQUEST for an attribute that the network does not know
 */
export function givenGroups(
  attributes: readonly AttributeGroups[],
  given: Readonly<Record<string, string>>,
): Int32Array {
  const names = attributes.map(({ attribute }) => attribute);
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new SoftpromptError('RECOMMEND_REQUEST', {
      found: `The user's attribute '${unknown}' is not known`,
      expected: `one that the recommender was fitted with: ${names.join(', ')}`,
      fix: 'Correct its name, or leave it out.',
    });
  }
  return Int32Array.from(attributes, (groups) =>
    Object.hasOwn(given, groups.attribute) ? groupOf(groups, given[groups.attribute]!) : -1,
  );
}
