import { createHash } from 'node:crypto';
import type { InteractionSplits } from '../data/interactions/interaction-splits.js';
import { pairedGain } from '../evaluation/paired-gain.js';
import { median } from '../evaluation/percentile.js';
import { metricPerUser, RANK_METRICS } from '../evaluation/ranking/ranking-metrics.js';
import type { JobInputs } from '../jobs/job.js';
import { endPart } from '../jobs/parts.js';
import { bestEpoch } from '../training/train-network.js';
import { type Choice, choose } from './choices.js';
import type { FitHooks } from './fit-events.js';
import type { FitPlan } from './fit-options.js';
import type { ItemReader } from './item-reader.js';
import { basisOf, keptTraining, networkPart } from './kept-training.js';
import type { RankingTask } from './measure-ranking.js';
import { rankHeldOut } from './rank-held-out.js';
import type { FrozenStart } from './sequential/chosen-encoder.js';
import { type FittedSasRec, fitSasRec } from './sequential/fit-sasrec.js';
import { sasRecScorer } from './sequential/sasrec.js';
import type { SasRec } from './sequential/sasrec-model.js';
import { SASREC_DEFAULTS } from './sequential/sasrec-options.js';
import type { UserInputs } from './sequential/user-inputs.js';

/** What networks can be told of items and users. */
export interface Known {
  readonly reader: ItemReader | undefined;
  readonly users: UserInputs | undefined;
  readonly frozen: FrozenStart | undefined;
}

/** The network that validation chose, with what it was told. */
export interface TrainedNetwork {
  readonly model: SasRec;
  readonly validNdcg: number;
  readonly withText: boolean;
  readonly withUsers: boolean;
  /** Epochs trained, the best of them, and those over which the rate fell. */
  readonly epochs: number;
  readonly bestEpoch: number;
  readonly scheduledEpochs: number;
}

/**
 * Trains the network with the texts, without them, or both ways; then the chosen one with the users' tokens. Texts, which
 * also tell of items that nobody met, are left out only where ids alone validate better by more than a standard error;
 * users' tokens are kept only where they do.
 * @returns no network where interrupted
 */
export async function trainNetworks(
  task: RankingTask,
  known: Known,
  options: FitPlan,
  hooks: FitHooks,
): Promise<{
  readonly trained: TrainedNetwork | undefined;
  readonly choices: readonly Choice[];
  readonly interactionsPerSecond: number;
}> {
  const { userTokens } = options;
  const speeds: number[] = [];
  const choices: Choice[] = [];
  let best: (TrainedNetwork & { readonly perUser: Float64Array }) | undefined;
  /** Whether it was trained to the end. */
  const attempt = async (withText: boolean, withUsers: boolean): Promise<boolean> => {
    const one = told(known, withText, withUsers);
    const { ended, model, validNdcg, state, epochs } = await trainNetwork(task, one, options, hooks, speeds);
    if (ended === 'interrupted') return false;
    const perUser = chooses ? await validationOf(task, model, options.threads) : new Float64Array(0);
    const choice = withText === best?.withText ? 'userTokens' : 'idsAlone';
    if (best !== undefined && !choose(choices, choice, pairedGain(perUser, best.perUser), hooks)) return true;
    const trained = { epochs: state.history.length, bestEpoch: bestEpoch(state)!, scheduledEpochs: epochs };
    best = { model, validNdcg: validNdcg!, perUser, withText, withUsers, ...trained };
    return true;
  };
  // a resumed fit may have no epoch left to train
  const usualSpeed = () => (speeds.length > 0 ? median(speeds) : 0);
  const stopped = () => ({ trained: undefined, choices, interactionsPerSecond: usualSpeed() });
  const always = known.users !== undefined && userTokens === 'always';
  const ways = firstTold(known, options).map(({ reader }) => reader !== undefined);
  const chooses = ways.length > 1 || (known.users !== undefined && !always);
  for (const withText of ways) {
    if (!(await attempt(withText, always))) return stopped();
  }
  if (known.users !== undefined && !always) {
    await hooks.parts?.gather([networkPart(networkName(told(known, best!.withText, true)))]);
    if (!(await attempt(best!.withText, true))) return stopped();
  }
  return { trained: best, choices, interactionsPerSecond: usualSpeed() };
}

/** [users] NDCG@10 of validation. */
async function validationOf(task: RankingTask, model: SasRec, threads: number | undefined): Promise<Float64Array> {
  const scorer = await sasRecScorer(model, { threads });
  try {
    const { splits, candidates, validUsers } = task;
    const { targets } = await rankHeldOut(scorer.score, splits, { part: 'valid', candidates, users: validUsers, k: 0 });
    return metricPerUser(targets, RANK_METRICS.ndcg, 10);
  } finally {
    await scorer.release();
  }
}

/**
 * Trains the chosen network anew, on splits that hold nothing out: as many epochs as were best, along the same schedule
 * of the rate.
 * @param known what the network is told, and nothing else
 */
export async function retrainNetwork(
  splits: InteractionSplits,
  { model, bestEpoch, scheduledEpochs }: TrainedNetwork,
  known: Known,
  options: FitPlan,
  hooks: FitHooks,
): Promise<FittedSasRec> {
  const { network, fit } = settingsOf(known, options);
  const { width } = model.shape;
  const chosen = { ...network, epochs: scheduledEpochs, width };
  const basis = basisOf(splits, ...toldOf(known), `${bestEpoch} of ${scheduledEpochs} epochs, ${width} wide`);
  return fitSasRec(splits, chosen, {
    ...fit,
    ...(await keptTraining(options.out, 'refit', basis)),
    fixedEpochs: bestEpoch,
    signal: hooks.signal,
    onEpoch: ({ epoch, trainLoss }, { seconds, interactions, epochs }) =>
      hooks.onEvent?.({ event: 'refit', epoch, epochs, trainLoss, interactionsPerSecond: interactions / seconds }),
  });
}

async function trainNetwork(
  task: RankingTask,
  known: Known,
  options: FitPlan,
  hooks: FitHooks,
  speeds: number[],
): Promise<FittedSasRec> {
  const { network, fit } = settingsOf(known, options);
  const way = wayOf(known);
  const name = networkName(known);
  const basis = basisOf(task.splits, ...toldOf(known));
  const fitted = await fitSasRec(task.splits, network, {
    ...fit,
    candidates: task.candidates,
    validUsers: task.validUsers,
    ...(await keptTraining(options.out, name, basis)),
    signal: hooks.signal,
    onEpoch: (line, { seconds, interactions, epochs }) => {
      const interactionsPerSecond = interactions / seconds;
      speeds.push(interactionsPerSecond);
      const validation = line.validation!;
      hooks.onEvent?.({ event: 'epoch', network: NAMES[way], epochs, interactionsPerSecond, ...line, validation });
    },
  });
  if (fitted.ended !== 'interrupted') endPart(hooks, name);
  return fitted;
}

const wayOf = ({ reader, users }: Known) => (reader ? (users ? 'text-users' : 'text') : users ? 'ids-users' : 'ids');

/** Under which name a network's training is kept. */
const networkName = (known: Known): string => `${known.frozen ? 'frozen-' : ''}${wayOf(known)}`;

/** What networks are told that surely are trained, in turn. */
function firstTold(known: Known, { text, userTokens, network }: FitPlan): Known[] {
  const always = known.users !== undefined && userTokens === 'always';
  const needsText = text === 'always' || !network.itemVectors;
  const ways = known.reader === undefined ? [false] : [true, ...(needsText ? [] : [false])];
  return ways.map((withText) => told(known, withText, always));
}

const told = ({ reader, users, frozen }: Known, withText: boolean, withUsers: boolean): Known => ({
  ...{ reader: withText ? reader : undefined, users: withUsers ? users : undefined, frozen },
});

/** Networks that are trained in any case, as parts of a fit. */
export const networkParts = (known: Known, options: FitPlan): string[] => firstTold(known, options).map(networkName);

/** Trains the one network that was asked for as a part; leaves by `endPart`. */
export async function trainPart(task: RankingTask, known: Known, options: FitPlan, hooks: FitHooks): Promise<void> {
  const all = [true, false].flatMap((text) => [true, false].map((users) => told(known, text, users)));
  const asked = all.find((one) => networkName(one) === hooks.parts?.only);
  if (asked !== undefined) await trainNetwork(task, asked, options, hooks, []);
}

function settingsOf({ reader, users, frozen }: Known, options: FitPlan) {
  const { seed, network: asked } = options;
  const maxLength = asked.maxLength ?? defaultLength(asked, frozen);
  const network = { ...asked, maxLength, seed };
  return {
    network: { ...network, itemFeatures: reader?.features, users },
    fit: { threads: options.threads, frozen },
  };
}

/** The usual longest history, or what a frozen encoder has positions for, behind its prompt and with the end. */
function defaultLength({ taskTokens }: FitPlan['network'], frozen: FrozenStart | undefined): number {
  const { maxLength } = SASREC_DEFAULTS;
  if (frozen === undefined) return maxLength;
  return Math.max(1, Math.min(maxLength, frozen.checkpoint.config.maxPositions - taskTokens - 1));
}

/** Hashes of what the networks of a fit learn from. */
export function fitInputs(splits: InteractionSplits, known: Known): JobInputs {
  const [texts, users, model] = toldOf(known);
  return {
    interactions: basisOf(splits),
    ...(texts && { 'item texts, or the model that reads them': texts }),
    ...(users && { users: createHash('sha256').update(users).digest('hex') }),
    ...(model && { model }),
  };
}

/** What tells one network's training from another's, beside the interactions. */
function toldOf({ reader, users, frozen }: Known) {
  return [reader?.fingerprint, users && JSON.stringify([users.attributes, [...users.groups]]), frozen?.checkpoint.hash];
}

const NAMES = {
  ids: 'ids',
  text: 'ids and texts',
  'ids-users': 'ids and users',
  'text-users': 'ids, texts and users',
} as const;
