import * as op from '../../autodiff/build.js';
import { gradient } from '../../autodiff/gradient.js';
import { type InteractionSplits, sequenceOf } from '../../data/interactions/interaction-splits.js';
import { mean, metricPerUser, RANK_METRICS } from '../../evaluation/ranking/ranking-metrics.js';
import { Random } from '../../random.js';
import { compile, type ProgramOptions } from '../../runtime/program.js';
import { constantStart, initialWeights, type NetworkWeights, normalStart } from '../../training/network-weights.js';
import { type RowGradient, rowsOf } from '../../training/row-gradient.js';
import {
  type EpochLine,
  type NetworkOutcome,
  type NetworkSettings,
  type NetworkState,
  trainNetwork,
} from '../../training/train-network.js';
import { rankHeldOut } from '../rank-held-out.js';
import type { BatchScorer } from '../scorer.js';
import { trainingEpochs } from '../sequential/sasrec-options.js';
import { distinctHistories } from './distinct-histories.js';
import type { TuningBasis } from './tune-baseline.js';

export interface BprSettings extends Omit<NetworkSettings, 'epochs'> {
  /** d */
  readonly width: number;
  /** Pairs of what a user met and what he did not, an update. */
  readonly batchSize: number;
  /** See `trainingEpochs`. */
  readonly epochs: number | 'auto';
}

const DEFAULTS: BprSettings = {
  width: 64,
  batchSize: 1024,
  epochs: 'auto',
  patience: 20,
  learningRate: 3e-3,
  warmUp: 0,
  decay: 'linear',
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.1,
  clipNorm: 5,
  seed: 0,
};

export interface BprFit extends ProgramOptions, TuningBasis {
  readonly state?: NetworkState | undefined;
  readonly save?: ((state: NetworkState) => Promise<void>) | undefined;
  readonly onEpoch?:
    | ((
        line: EpochLine,
        done: { readonly seconds: number; readonly interactions: number; readonly epochs: number },
      ) => void)
    | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface BprModel {
  readonly width: number;
  readonly items: number;
  /** `users` [U, d], `items` [I, d], `bias` [I, 1] */
  readonly weights: NetworkWeights;
}

export interface FittedBpr extends NetworkOutcome {
  readonly model: BprModel;
  readonly validNdcg: number | undefined;
}

/** User, item and item bias tables. */
const TABLES = ['users', 'items', 'bias'] as const;

/**
 * Matrix factorisation learned by BPR (Rendle et al. 2009, "BPR: Bayesian Personalized Ranking from Implicit Feedback",
 * section 4.1): for an item i that user u met and a drawn one j that he did not, −log σ(u·i + bᵢ − u·j − bⱼ), by lazy AdamW,
 * whose weight decay is the regularisation. An epoch shows every interaction once; the best by validation is kept.
 * @throws TUNING_NOT_FINITE
 */
export async function fitBpr(
  splits: InteractionSplits,
  chosen: Partial<BprSettings> = {},
  fit: BprFit = {},
): Promise<FittedBpr> {
  const settings = { ...DEFAULTS, ...chosen };
  const { width: d, batchSize, seed } = settings;
  const items = splits.items.length;
  const met = distinctHistories(splits.train);
  const userOf = new Int32Array(met.items.length);
  for (let user = 0; user < splits.users.length; user++) userOf.fill(user, met.offsets[user], met.offsets[user + 1]);
  const pairs = Array.from(userOf.keys()).filter((at) => sequenceOf(met, userOf[at]!).length < items);
  const updates = Math.max(1, Math.ceil(pairs.length / batchSize));
  const epochs = trainingEpochs(settings, updates);
  const shapes = { users: ['U', d], items: ['I', d], bias: ['I', 1] } as const; // of the rows that a batch uses
  const feed = op.inputsByName();
  const table = (name: keyof typeof shapes) => feed(name, shapes[name]);
  const rows = (name: keyof typeof shapes, places: string) => op.gather(table(name), feed(places, ['N'], 'int64'));
  const user = rows('users', 'user places');
  const scored = (places: string) =>
    op.add(op.reduceSum(op.multiply(user, rows('items', places)), [1]), op.reshape(rows('bias', places), ['N', 1]));
  const apart = op.subtract(scored('met places'), scored('drawn places')); // [N, 1]
  const losses = op.negate(op.log(op.sigmoid(apart)));
  const loss = op.reshape(op.multiply(op.reduceSum(losses, [0]), feed('share', [1, 1])), []);
  const gradients = gradient(
    loss,
    TABLES.map((name) => table(name)),
  );
  const program = await compile(
    { loss, ...Object.fromEntries(TABLES.map((name, i) => [`gradient ${name}`, gradients[i]!])) },
    fit,
  );
  const scorer = await openScorer(d, items, fit);
  try {
    const outcome = await trainNetwork<Int32Array>({
      ...fit,
      settings: { ...settings, epochs },
      onEpoch: (line, seconds) => fit.onEpoch?.(line, { seconds, interactions: pairs.length, epochs }),
      initial: () =>
        initialWeights(
          {
            users: normalStart(0.1 / Math.sqrt(d), [splits.users.length, d]),
            items: normalStart(0.1 / Math.sqrt(d), [items, d]),
            bias: constantStart(0, [items, 1]),
          },
          seed,
        ),
      batches: (epoch) => {
        const order = new Random(Math.imul(seed, 1_000_003) + epoch).shuffle(pairs.slice());
        return Array.from({ length: updates }, (_, b) =>
          Int32Array.from(order.slice(b * batchSize, (b + 1) * batchSize)),
        );
      },
      lossAndGradients: async (weights, batch, random) => {
        const users = batch.map((at) => userOf[at]!);
        const known = batch.map((at) => met.items[at]!);
        const drawn = users.map((code) => drawUnmet(sequenceOf(met, code), items, random));
        const ofUsers = rowsInUse([users]);
        const ofItems = rowsInUse([known, drawn]);
        const N = batch.length;
        const results = await program.run(
          {
            users: rowsOf(weights.users!, ofUsers.rows, d),
            items: rowsOf(weights.items!, ofItems.rows, d),
            bias: rowsOf(weights.bias!, ofItems.rows, 1),
            'user places': ofUsers.places[0]!,
            'met places': ofItems.places[0]!,
            'drawn places': ofItems.places[1]!,
            share: Float32Array.of(1 / N),
          },
          { N, U: ofUsers.rows.length, I: ofItems.rows.length },
        );
        const ofRows = (name: (typeof TABLES)[number], used: Int32Array): RowGradient => ({
          rows: used,
          values: results[`gradient ${name}`]!,
        });
        return {
          loss: results.loss![0]!,
          gradients: {
            users: ofRows('users', ofUsers.rows),
            items: ofRows('items', ofItems.rows),
            bias: ofRows('bias', ofItems.rows),
          },
        };
      },
      validate: async (weights) => {
        const asked = { part: 'valid', candidates: fit.candidates, users: fit.validUsers, k: 0 } as const;
        const { targets } = await rankHeldOut(scorer.score(weights), splits, asked);
        return mean(metricPerUser(targets, RANK_METRICS.ndcg, 10));
      },
    });
    const { best, weights } = outcome.state;
    return { ...outcome, model: { width: d, items, weights: best?.weights ?? weights }, validNdcg: best?.validation };
  } finally {
    await program.release();
    await scorer.release();
  }
}

/** Scores by the users' learned vectors, whatever history is given; a new user gets the biases. Errors: GRAPH_RUN. */
export async function bprScorer({ width, items, weights }: BprModel, options: ProgramOptions = {}) {
  const { score, release } = await openScorer(width, items, options);
  return { score: score(weights), release };
}

async function openScorer(width: number, items: number, options: ProgramOptions = {}) {
  const feed = op.inputsByName();
  const scores = op.add(
    op.linear(feed('users', ['B', width]), feed('items', [items, width])),
    feed('bias', [1, items]),
  );
  const program = await compile({ scores }, options);
  const score =
    (weights: NetworkWeights): BatchScorer =>
    async (users) => {
      const known = rowsOf(weights.users!, users, width); // row −1, a new user's, is empty: zeros
      const result = await program.run(
        { users: known, items: weights.items!, bias: weights.bias! },
        { B: users.length },
      );
      return result.scores!;
    };
  return { score, release: () => program.release() };
}

/** An item that is not among a user's, who has not met all. @param own ascending */
function drawUnmet(own: Int32Array, items: number, random: Random): number {
  for (;;) {
    const item = random.integer(items);
    if (!own.includes(item)) return item;
  }
}

/** The rows of a table that lists of codes name, each once, and the codes as places among them. */
function rowsInUse(lists: readonly Int32Array[]) {
  const place = new Map<number, bigint>();
  const places = lists.map((codes) =>
    BigInt64Array.from(codes, (code) => {
      const known = place.get(code) ?? BigInt(place.size);
      place.set(code, known);
      return known;
    }),
  );
  return { rows: Int32Array.from(place.keys()), places };
}
