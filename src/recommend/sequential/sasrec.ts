import { compile, type Feed, type ProgramOptions } from '../../autodiff/program.js';
import { countCodes } from '../../data/interactions/interaction-data.js';
import type { Sequences } from '../../data/interactions/interaction-splits.js';
import type { NetworkWeights } from '../../tuning/network-weights.js';
import type { BatchScorer } from '../scorer.js';
import { packSequences } from './packed-sequences.js';
import { type SasRecShape, sasRecScores } from './sasrec-network.js';
import type { ItemFeatures } from './sasrec-options.js';
import { isKnown, knownGroups, type UserInputs, userFeeds } from './user-inputs.js';

/** A trained SASRec. */
export interface SasRec {
  readonly shape: SasRecShape;
  readonly weights: NetworkWeights;
  readonly inputs: ItemInputs;
  /** What is known of the users whose tokens stand in front of their histories; undefined where none do. */
  readonly users?: UserInputs | undefined;
  /** [I] training interactions: what an empty history is answered with. */
  readonly popularity: Float32Array;
}

/** What the network is told of the items. */
export interface ItemInputs {
  readonly features: ItemFeatures | undefined;
  /** [I] how much of each item's own vector counts. */
  readonly shares: Float32Array | undefined;
}

/** A SASRec ready to score. */
export interface SasRecScorer {
  /** Whole catalogues [users, I] after each history; only its last `maxLength` items count. */
  readonly score: BatchScorer;
  release(): Promise<void>;
}

export function trainingPopularity(train: Sequences, items: number): Float32Array {
  return Float32Array.from(countCodes(train.items, items));
}

/** Loads the network. Errors: GRAPH_RUN. */
export async function sasRecScorer(model: SasRec, options: ProgramOptions = {}): Promise<SasRecScorer> {
  const scorer = await openScorer(model.shape, model.popularity, model.users, options);
  return { score: scorer.score(model.weights, model.inputs), release: scorer.release };
}

/** A scorer whose weights are given with each use. */
export async function openScorer(
  shape: SasRecShape,
  popularity: Float32Array,
  users: UserInputs | undefined,
  options: ProgramOptions,
) {
  const program = await compile({ scores: sasRecScores(shape) }, options);
  const scoreKnown = async (weights: NetworkWeights, inputs: ItemInputs, requests: readonly ScoreRequest[]) => {
    const { feeds, sizes } = requestFeeds(shape, users, requests);
    const { scores } = await program.run({ ...weights, ...itemFeeds(inputs), ...feeds }, sizes);
    return scores!;
  };
  const score =
    (weights: NetworkWeights, inputs: ItemInputs): BatchScorer =>
    async (codes, histories, given) => {
      const requests = histories.map((history, i): ScoreRequest => {
        const user = codes[i]!;
        return { user, history, groups: given?.[i] ?? (users ? knownGroups(users, user) : new Int32Array(0)) };
      });
      const isTold = ({ user, history, groups }: ScoreRequest) =>
        history.length > 0 || (users !== undefined && isKnown(users, user, groups));
      const told = requests.filter(isTold);
      const scored = told.length === 0 ? new Float32Array(0) : await scoreKnown(weights, inputs, told);
      if (told.length === requests.length) return scored;
      const all = new Float32Array(requests.length * shape.items);
      let row = 0;
      requests.forEach((request, i) => {
        const known = isTold(request);
        const own = known ? scored.subarray(row * shape.items, (row + 1) * shape.items) : popularity;
        all.set(own, i * shape.items);
        if (known) row++;
      });
      return all;
    };
  return { score, release: () => program.release() };
}

/** A user and his history, as the network sees them. */
export interface ScoreRequest {
  /** −1 where he is not known. */
  readonly user: number;
  /** Not empty, unless a token stands for the user. */
  readonly history: Int32Array;
  /** His group of each attribute; empty where no tokens stand for users. */
  readonly groups: Int32Array;
}

/** The feeds of B requests: the latest items of their histories, behind the users' tokens where there are any. */
export function requestFeeds(
  { maxLength, heads }: SasRecShape,
  users: UserInputs | undefined,
  requests: readonly ScoreRequest[],
): { readonly feeds: Readonly<Record<string, Feed>>; readonly sizes: Readonly<Record<string, number>> } {
  const recent = requests.map(({ history }) => history.slice(-maxLength));
  const { feeds, sizes } = packSequences(recent, heads, users !== undefined);
  const codes = requests.map(({ user }) => user);
  const groups = requests.map((request) => request.groups);
  return { feeds: { ...feeds, ...(users && userFeeds(users, codes, groups)) }, sizes: { ...sizes } };
}

export function itemFeeds({ features, shares }: ItemInputs): Record<string, Float32Array> {
  return { ...(features && { features: features.vectors }), ...(shares && { itemShares: shares }) };
}
