import { sequenceOf } from '../data/interactions/interaction-splits.js';
import type { OpenRecommender } from './recommender-handle.js';
import type { NetworkRequest } from './sequential/network-request.js';
import { givenGroups, isKnown } from './sequential/user-inputs.js';
import { unknownId } from './unknown-id.js';

/** Whom to recommend to: a user of the interactions, or anyone by what he met, the oldest first. */
export type RecommendRequest = (
  | {
      readonly user: string;
      /** What he met since the fit, the oldest first: it follows his history. Items that are not known are left out. */
      readonly since?: readonly string[] | undefined;
    }
  | { readonly history: readonly string[] }
) & {
  /** His attributes by column, instead of what the users' table said of him. */
  readonly userAttributes?: Readonly<Record<string, string>> | undefined;
};

export interface RequestOptions {
  /** Whether items that are not known are left out of a history, with a note; else they are an error. */
  readonly skipUnknown?: boolean | undefined;
  /** Told what a user should know of how the request was understood. */
  readonly onNote?: ((text: string) => void) | undefined;
}

/** Ids to codes. @throws RECOMMEND_REQUEST for a user, an item or an attribute that is not known */
export function resolveRequest(
  open: OpenRecommender,
  request: RecommendRequest,
  { skipUnknown = false, onNote }: RequestOptions = {},
): NetworkRequest {
  const { saved, itemCodes, userCodes } = open;
  const groups = groupsOf(open, request, onNote);
  if ('user' in request) {
    const user = userCodes.get(request.user);
    if (user === undefined) throw unknownId('user', request.user, saved.users);
    const since = (request.since ?? []).flatMap((id) => itemCodes.get(id) ?? []);
    return { user, history: askedHistory(open, user, since), groups };
  }
  const unknown = request.history.filter((id) => !itemCodes.has(id));
  if (unknown.length > 0 && !skipUnknown) throw unknownId('item', unknown[0]!, saved.recommender.items);
  const known = request.history.filter((id) => itemCodes.has(id));
  if (unknown.length > 0) {
    onNote?.(`${unknown.length} of ${request.history.length} items of the history are not known: ${shown(unknown)}`);
  }
  const { users } = saved.recommender.network;
  if (known.length === 0 && !(users && groups && isKnown(users, -1, groups))) {
    onNote?.('the history is empty: the list is what is popular');
  }
  return { user: -1, history: Int32Array.from(known, (id) => itemCodes.get(id)!), groups };
}

/** What a user's list is made from: his history, and what follows it, without items of which nothing is known yet. */
export function askedHistory(open: OpenRecommender, user: number, since: readonly number[] = []): Int32Array {
  const known = historyOfUser(open, user);
  const history = since.length === 0 ? known : Int32Array.of(...known, ...since);
  const { waiting } = open;
  return waiting ? history.filter((item) => waiting[item] === 0) : history;
}

/** The groups that a request's attributes mean; undefined where it gives none, or the recommender uses none. */
function groupsOf(
  { saved }: OpenRecommender,
  { userAttributes }: RecommendRequest,
  onNote: RequestOptions['onNote'],
): Int32Array | undefined {
  if (userAttributes === undefined) return undefined;
  const { users } = saved.recommender.network;
  if (users) return givenGroups(users.attributes, userAttributes);
  onNote?.('this recommender knows no attributes of users, so these change nothing');
  return undefined;
}

export function historyOfUser({ saved: { histories } }: OpenRecommender, user: number): Int32Array {
  return sequenceOf({ ...histories, times: undefined, ratings: undefined }, user);
}

const SHOWN = 5;

/** A few ids of many. */
export function shown(ids: readonly string[]): string {
  return ids.slice(0, SHOWN).join(', ') + (ids.length > SHOWN ? ', …' : '');
}
