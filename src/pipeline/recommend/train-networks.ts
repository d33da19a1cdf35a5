import { median } from '../../evaluation/percentile.js';
import type { FrozenStart } from '../../recommend/sequential/chosen-encoder.js';
import { type FittedSasRec, fitSasRec } from '../../recommend/sequential/fit-sasrec.js';
import { SASREC_DEFAULTS } from '../../recommend/sequential/sasrec-options.js';
import type { UserInputs } from '../../recommend/sequential/user-inputs.js';
import type { FitHooks } from './fit-events.js';
import { definedOnly, RECOMMEND_DEFAULTS, type RecommendOptions } from './fit-options.js';
import type { ItemReader } from './item-reader.js';
import { basisOf, keptTraining } from './kept-training.js';
import type { RankingTask } from './measure-ranking.js';

/** What networks can be told of items and users. */
export interface Known {
  readonly reader: ItemReader | undefined;
  readonly users: UserInputs | undefined;
  readonly frozen: FrozenStart | undefined;
}

/**
 * Trains the network with the texts, without them, or both ways; then the better one with the users' tokens. What is best
 * by validation is kept.
 */
export async function trainNetworks(task: RankingTask, known: Known, options: RecommendOptions, hooks: FitHooks) {
  const { text, userTokens } = { ...RECOMMEND_DEFAULTS, ...definedOnly(options) };
  const speeds: number[] = [];
  let best: { readonly fitted: FittedSasRec; readonly withText: boolean; readonly withUsers: boolean } | undefined;
  /** Whether it was trained to the end. */
  const attempt = async (withText: boolean, withUsers: boolean): Promise<boolean> => {
    const told = {
      reader: withText ? known.reader : undefined,
      users: withUsers ? known.users : undefined,
      frozen: known.frozen,
    };
    const fitted = await trainNetwork(task, told, options, hooks, speeds);
    if (fitted.ended === 'interrupted') return false;
    if (best === undefined || fitted.validNdcg! > best.fitted.validNdcg!) best = { fitted, withText, withUsers };
    return true;
  };
  // a resumed fit may have no epoch left to train
  const usualSpeed = () => (speeds.length > 0 ? median(speeds) : 0);
  const stopped = () => ({ fitted: undefined, interactionsPerSecond: usualSpeed() });
  const always = known.users !== undefined && userTokens === 'always';
  const needsText = text === 'always' || options.network?.itemVectors === false;
  const ways = known.reader === undefined ? [false] : [true, ...(needsText ? [] : [false])];
  for (const withText of ways) {
    if (!(await attempt(withText, always))) return stopped();
  }
  if (known.users !== undefined && !always && !(await attempt(best!.withText, true))) return stopped();
  return { ...best!, interactionsPerSecond: usualSpeed() };
}

async function trainNetwork(
  task: RankingTask,
  { reader, users, frozen }: Known,
  options: RecommendOptions,
  hooks: FitHooks,
  speeds: number[],
): Promise<FittedSasRec> {
  const { seed, learnPrompt } = { ...RECOMMEND_DEFAULTS, ...definedOnly(options) };
  const network = { ...SASREC_DEFAULTS, ...definedOnly(options.network ?? {}), seed };
  const way = reader ? (users ? 'text-users' : 'text') : users ? 'ids-users' : 'ids';
  const told = [
    reader?.fingerprint,
    users && JSON.stringify([users.attributes, [...users.groups]]),
    frozen?.checkpoint.hash,
  ];
  const kept = await keptTraining(options.out, `${frozen ? 'frozen-' : ''}${way}`, basisOf(task.splits, ...told));
  return fitSasRec(
    task.splits,
    { ...network, itemFeatures: reader?.features, users },
    {
      threads: options.threads,
      frozen,
      reading: reader && learnPrompt && reader.reading.start.length > 0 ? reader.reading : undefined,
      candidates: task.candidates,
      validUsers: task.validUsers,
      ...kept,
      signal: hooks.signal,
      onEpoch: (line, { seconds, interactions, epochs }) => {
        speeds.push(interactions / seconds);
        hooks.onEvent?.({
          event: 'epoch',
          network: NAMES[way],
          epochs,
          interactionsPerSecond: interactions / seconds,
          ...line,
        });
      },
    },
  );
}

const NAMES = {
  ids: 'ids',
  text: 'ids and texts',
  'ids-users': 'ids and users',
  'text-users': 'ids, texts and users',
} as const;
