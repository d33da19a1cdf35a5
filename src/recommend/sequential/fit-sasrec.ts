import { multiplySizes, sizeValue } from '../../autodiff/size.js';
import { type InteractionSplits, sequenceOf } from '../../data/interactions/interaction-splits.js';
import { SoftpromptError } from '../../errors.js';
import { mean, metricPerUser, RANK_METRICS } from '../../evaluation/ranking/ranking-metrics.js';
import type { Random } from '../../random.js';
import type { ProgramOptions } from '../../runtime/program.js';
import { compileTeam, sumOfRuns } from '../../runtime/program-team.js';
import { epochBatches } from '../../training/batches.js';
import { type DropoutMasks, dropoutMasks } from '../../training/dropout-masks.js';
import { initialWeights } from '../../training/network-weights.js';
import { type EpochLine, type NetworkOutcome, type NetworkState, trainNetwork } from '../../training/train-network.js';
import { trainingPopularity } from '../baselines/popularity.js';
import { sampleHeldOut } from '../held-out-users.js';
import { rankHeldOut } from '../rank-held-out.js';
import { batchTables } from './batch-tables.js';
import { encoderShape, type FrozenStart } from './chosen-encoder.js';
import { startAtPrompt } from './frozen-encoder.js';
import type { ItemInputs } from './item-inputs.js';
import { dropShares, itemShares } from './item-shares.js';
import { packMaskedTraining } from './masked-items.js';
import { cutSequences, packTraining } from './packed-sequences.js';
import { openScorer } from './sasrec.js';
import type { SasRec } from './sasrec-model.js';
import { type DropoutInput, gradientName, type SasRecShape, sasRecLoss, sasRecWeights } from './sasrec-network.js';
import {
  checkSasRecOptions,
  networkWidth,
  SASREC_DEFAULTS,
  type SasRecOptions,
  trainingEpochs,
} from './sasrec-options.js';
import { programOptions, sequenceEncoder } from './sequence-encoder.js';
import { softmaxCandidates } from './softmax-candidates.js';
import { droppedUsers, userFeeds, userTokenShape } from './user-inputs.js';

/** How a fit is watched, interrupted and continued. */
export interface SasRecFit extends ProgramOptions {
  /** What the frozen encoder is made of, where the options ask for it. */
  readonly frozen?: FrozenStart | undefined;
  /** Epochs that are trained without validation, such as those that an earlier fit chose; the model is the last one. */
  readonly fixedEpochs?: number | undefined;
  /** Continue from here; options and splits must be those of the run that saved it. */
  readonly state?: NetworkState | undefined;
  readonly save?: ((state: NetworkState) => Promise<void>) | undefined;
  /** [I] 1 for the items that are ranked in validation. Default: all. */
  readonly candidates?: Uint8Array | undefined;
  /** Codes of the users who validate. Default: see `sampleHeldOut`. */
  readonly validUsers?: Int32Array | undefined;
  /**
   * Scores of the softmax that are held at once, all threads together: a batch over a large catalogue runs in pieces, a
   * sequence each at least, with the same result. Default: 2²⁵, 128 MiB, a few times in a run.
   */
  readonly scoresAtOnce?: number | undefined;
  readonly onEpoch?: ((line: EpochLine, done: EpochOfFit) => void) | undefined;
  /** After each update, of which `rows` items were predicted. */
  readonly onUpdate?:
    | ((update: { readonly step: number; readonly loss: number; readonly rows: number }) => void)
    | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What an epoch took. */
export interface EpochOfFit {
  /** Of training, validation not counted. */
  readonly seconds: number;
  /** Items that were predicted in these seconds. */
  readonly interactions: number;
  /** Epochs of the whole fit, at most. */
  readonly epochs: number;
}

export interface FittedSasRec extends NetworkOutcome {
  /** With the weights of the best epoch by validation NDCG@10; the latest ones if interrupted before any. */
  readonly model: SasRec;
  /** Over which the rate falls: training may have ended before. */
  readonly epochs: number;
  /** NDCG@10 of validation after that epoch. */
  readonly validNdcg: number | undefined;
}

/**
 * SASRec (Kang & McAuley 2018) on the training part, with the cross entropy over the whole catalogue at every position
 * (Klenitskiy & Vasilev 2023, "Turning dross into gold loss"). An epoch shows each user once (or some of them, see `epochUpdates`): his whole history, or a
 * random window of it where it is longer than `maxLength` + 1.
 * @throws RECOMMEND_DATA where nobody's history has a next item, TUNING_SETTING, TUNING_NOT_FINITE, GRAPH_RUN
 */
export async function fitSasRec(
  splits: InteractionSplits,
  chosen: Partial<SasRecOptions> = {},
  fit: SasRecFit = {},
): Promise<FittedSasRec> {
  const asked = { ...SASREC_DEFAULTS, ...chosen };
  const options = {
    ...asked,
    width: networkWidth(asked, splits.train.items.length),
    // recurrent units have a step for each place, whether any history reaches it or not
    ...(asked.encoder === 'gru' && { maxLength: Math.min(asked.maxLength, longestHistory(splits)) }),
  };
  const items = splits.items.length;
  checkSasRecOptions(options, items);
  const { maxLength, users } = options;
  const width = options.itemFeatures?.width ?? 0;
  const languageModel = options.encoder === 'frozen' ? fit.frozen?.checkpoint : undefined;
  const shape: SasRecShape = {
    ...encoderShape(options, fit.frozen, options.itemFeatures),
    items,
    itemVectors: options.itemVectors,
    features: width,
    itemShares: options.itemVectors && width > 0,
    users: users && userTokenShape(users),
  };
  const shares = shape.itemShares ? itemShares(splits.train, items, options.itemFade) : undefined;
  const inputs: ItemInputs = { features: options.itemFeatures, shares };
  const before = users ? 1 : 0; // rows in front of a history
  const trained = [...splits.users.keys()].filter((user) => sequenceOf(splits.train, user).length + before > 1);
  if (trained.length === 0) throw nothingToPredict(splits);
  const lengths = trained.map((user) => Math.min(sequenceOf(splits.train, user).length, maxLength + 1));
  const updates = Math.min(options.epochUpdates, Math.ceil(trained.length / options.batchSize));
  const epochs = trainingEpochs(options, updates);
  const popularity = trainingPopularity(splits.train, items);
  const softmax = softmaxCandidates(splits.train, items, options);
  const tables = batchTables(shape, softmax?.kind);
  const validUsers = fit.validUsers ?? sampleHeldOut(splits, 'valid', options.seed).users;
  const encoder = sequenceEncoder(shape, languageModel);
  const { results, dropouts } = sasRecLoss(shape, {
    languageModel,
    dropout: options.dropout > 0,
    competing: tables.competing,
    labelSmoothing: options.labelSmoothing,
  });
  const open: { release(): Promise<void> }[] = [];
  let rows = 0;
  let interactions = 0; // of the running epoch, since it began or was resumed
  try {
    const team = await compileTeam(results, programOptions(encoder, fit));
    open.push(...team);
    const batchSize = Math.min(options.batchSize, trained.length);
    const longestWindow = lengths.reduce((most, length) => Math.max(most, length), 0);
    const longest = longestMask({ ...options, batchSize }, { ...shape, maxLength: longestWindow });
    const { dropout, seed } = options;
    const masks = dropout > 0 ? dropoutMasks(dropout, longest, seed, team.length > 1) : undefined;
    const { fixedEpochs } = fit;
    const scorer =
      fixedEpochs === undefined ? await openScorer({ shape, popularity, users, languageModel }, fit) : undefined;
    if (scorer) open.push(scorer);
    const { scoresAtOnce = SCORES_AT_ONCE } = fit;
    const affordable = Math.floor(scoresAtOnce / ((softmax?.count ?? items) * team.length));
    const rowsAtOnce = Math.max(1, Math.min(encoder.rowsAtOnce, affordable));
    const outcome = await trainNetwork({
      ...fit,
      onUpdate: (step, loss) => {
        interactions += rows;
        fit.onUpdate?.({ step, loss, rows });
      },
      onEpoch: (line, seconds) => {
        fit.onEpoch?.(line, { seconds, interactions, epochs: fixedEpochs ?? epochs });
        interactions = 0;
      },
      stopAfter: fixedEpochs,
      settings: { ...options, epochs, ...(fixedEpochs !== undefined && { patience: Infinity }) },
      initial: () => ({
        ...initialWeights(sasRecWeights(shape), options.seed),
        ...(fit.frozen && shape.frozen && startAtPrompt(fit.frozen.prompt, shape, shape.frozen)),
      }),
      batches: (epoch) => epochBatches(lengths, options.batchSize, options.seed, epoch).slice(0, updates),
      lossAndGradients: async (weights, batch, random) => {
        const own = batch.map((i) => trained[i]!);
        const windows = own.map((user) => randomWindow(sequenceOf(splits.train, user), maxLength + 1, random));
        const told = users && droppedUsers(users, own, options.userDropout, random);
        const pieces = cutSequences(windows, rowsAtOnce, team.length).map((piece) => {
          const own = piece.of(windows);
          const { feeds, sizes } = shape.masked
            ? packMaskedTraining(own, encoder, options.maskShare, random)
            : packTraining(own, encoder, users !== undefined);
          const ofUsers = told && userFeeds(users, piece.of(told.users), piece.of(told.groups));
          return { feeds: { ...feeds, ...ofUsers, ...dropoutFeeds(dropouts, masks, sizes, random) }, sizes };
        });
        const targets = BigInt64Array.from(pieces.flatMap(({ feeds }) => [...feeds.targets]));
        rows = targets.length;
        const competing = softmax?.draw(targets, random);
        const histories = pieces.map(({ feeds }) => feeds.items as BigInt64Array);
        const batchOf = tables.take(weights, inputs, histories, competing, (all) =>
          dropShares(all, options.itemDropout, random),
        );
        let row = 0;
        const runs = pieces.map(({ feeds, sizes }, piece) => {
          const scored = feeds.targets.length;
          const places = (competing?.feeds.targets ?? targets).slice(row, row + scored);
          row += scored;
          const ofBatch = { items: batchOf.items[piece]!, targets: places, rowShare: Float32Array.of(1 / rows) };
          return {
            feeds: { ...weights, ...feeds, ...competing?.feeds, ...batchOf.feeds, ...ofBatch },
            sizes: { ...sizes, ...batchOf.sizes },
          };
        });
        const { loss, ...results } = await sumOfRuns(team, runs);
        const gradients = batchOf.gradients(results);
        const named = Object.keys(sasRecWeights(shape)).map((name) => [name, gradients[gradientName(name)]!] as const);
        return { loss: loss![0]!, gradients: Object.fromEntries(named) };
      },
      validate: async (weights) => {
        if (scorer === undefined) return undefined;
        const { targets } = await rankHeldOut(scorer.score(weights, inputs), splits, {
          part: 'valid',
          candidates: fit.candidates,
          users: validUsers,
          k: 0,
        });
        return mean(metricPerUser(targets, RANK_METRICS.ndcg, 10));
      },
    });
    const { best, weights } = outcome.state;
    const model = { shape, inputs, popularity, users, languageModel, weights: best?.weights ?? weights };
    return { ...outcome, model, epochs, validNdcg: best?.validation };
  } finally {
    for (const one of open) await one.release();
  }
}

function nothingToPredict({ users, protocol }: InteractionSplits): SoftpromptError {
  return new SoftpromptError('RECOMMEND_DATA', {
    found: `none of the ${users.length} users has two interactions to learn from (${protocol})`,
    expected: 'histories in which an item follows another',
    fix: 'Give more interactions a user, or another --split.',
  });
}

const SCORES_AT_ONCE = 2 ** 25;

function longestHistory({ users, train }: InteractionSplits): number {
  return users.reduce((longest, _, user) => Math.max(longest, sequenceOf(train, user).length), 1);
}

/** A mask for every place of dropout. */
function dropoutFeeds(
  dropouts: readonly DropoutInput[],
  masks: DropoutMasks | undefined,
  sizes: Readonly<Record<string, number>>,
  random: Random,
): Record<string, Float32Array> {
  const symbols = new Map(Object.entries(sizes));
  return Object.fromEntries(
    dropouts.map(({ name, shape }) => [name, masks!.draw(sizeValue(multiplySizes(...shape), symbols), random)]),
  );
}

/** Numbers of the largest mask a batch can need: inside a layer, or over attention. */
function longestMask({ batchSize, users }: SasRecOptions, { maxLength, width, heads, frozen }: SasRecShape): number {
  const rows = maxLength + (users ? 1 : 0);
  if (frozen) return batchSize * rows * Math.max(width, frozen.modelWidth);
  return batchSize * rows * Math.max(4 * width, heads * rows);
}

function randomWindow(history: Int32Array, length: number, random: Random): Int32Array {
  if (history.length <= length) return history;
  const start = random.integer(history.length - length + 1);
  return history.subarray(start, start + length);
}
