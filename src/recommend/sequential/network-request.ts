import type { Feed } from '../../autodiff/program.js';
import { packSequences } from './packed-sequences.js';
import type { SasRec } from './sasrec.js';
import { sequenceEncoder } from './sequence-encoder.js';
import { isKnown, knownGroups, type UserInputs, userFeeds } from './user-inputs.js';

/** Whom a network is asked about. */
export interface NetworkRequest {
  /** Code, −1 for a new user. */
  readonly user: number;
  /** Item codes, the oldest first. */
  readonly history: Int32Array;
  /** His group of each attribute, where a request gives them instead of what is known of the user. */
  readonly groups?: Int32Array | undefined;
}

/** Whether there is anything to answer from: a history, or something known of the user. */
export function isTold(users: UserInputs | undefined, request: NetworkRequest): boolean {
  return request.history.length > 0 || (users !== undefined && isKnown(users, request.user, groupsOf(users, request)));
}

/** The feeds of a network for requests, none of which is empty; see `isTold`. */
export function packRequests(
  { shape, users, languageModel }: Pick<SasRec, 'shape' | 'users' | 'languageModel'>,
  requests: readonly NetworkRequest[],
): { readonly feeds: Readonly<Record<string, Feed>>; readonly sizes: Readonly<Record<string, number>> } {
  const recent = requests.map(({ history }) => history.slice(-shape.maxLength));
  const { feeds, sizes } = packSequences(recent, sequenceEncoder(shape, languageModel), users !== undefined);
  if (users === undefined) return { feeds, sizes: { ...sizes } };
  const told = userFeeds(
    users,
    requests.map(({ user }) => user),
    requests.map((request) => groupsOf(users, request)),
  );
  return { feeds: { ...feeds, ...told }, sizes: { ...sizes } };
}

const groupsOf = (users: UserInputs, { user, groups }: NetworkRequest) => groups ?? knownGroups(users, user);
