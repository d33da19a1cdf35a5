import { concatenate } from '../../concatenate.js';
import type { Feed } from '../../runtime/program.js';
import type { SequenceEncoder } from './encoder.js';
import { packAsking } from './masked-items.js';
import { cutSequences, packSequences } from './packed-sequences.js';
import type { SasRec } from './sasrec-model.js';
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

/** Who is asked about, with all that a run of the network needs to know of them. */
export interface PackedRequests {
  readonly feeds: Readonly<Record<string, Feed>>;
  readonly sizes: Readonly<Record<string, number>>;
}

type Network = Pick<SasRec, 'shape' | 'users' | 'languageModel'>;

/**
 * Asks a network, as many requests in a run as its encoder takes at once; the answers one after the other.
 * @param requests none is empty, see `isTold`
 */
export async function answerInPieces(
  network: Network,
  requests: readonly NetworkRequest[],
  run: (packed: PackedRequests) => Promise<Float32Array>,
): Promise<Float32Array> {
  const { shape, languageModel } = network;
  const encoder = sequenceEncoder(shape, languageModel);
  const recent = requests.map((request) => ({ ...request, history: request.history.slice(-shape.maxLength) }));
  const histories = recent.map(({ history }) => history);
  const pieces = cutSequences(histories, encoder.rowsAtOnce).map((piece) => piece.of(recent));
  const answers: Float32Array[] = [];
  for (const piece of pieces) answers.push(await run(packRequests(network, piece, encoder)));
  return answers.length === 1 ? answers[0]! : concatenate(answers, Float32Array);
}

function packRequests(
  { users, shape }: Network,
  requests: readonly NetworkRequest[],
  encoder: SequenceEncoder,
): PackedRequests {
  const histories = requests.map(({ history }) => history);
  const { feeds, sizes } = shape.masked
    ? packAsking(histories, encoder)
    : packSequences(histories, encoder, users !== undefined);
  if (users === undefined) return { feeds, sizes: { ...sizes } };
  const told = userFeeds(
    users,
    requests.map(({ user }) => user),
    requests.map((request) => groupsOf(users, request)),
  );
  return { feeds: { ...feeds, ...told }, sizes: { ...sizes } };
}

const groupsOf = (users: UserInputs, { user, groups }: NetworkRequest) => groups ?? knownGroups(users, user);
