import type { LoadModelOptions } from '../../network/load-model.js';
import { Random } from '../../random.js';
import type { ScoringOptions } from '../../tasks/task.js';
import { halfOf, openHeldBack } from './held-back.js';
import type { TitleCase } from './title-task.js';

export interface TitleCases {
  readonly train: readonly TitleCase[];
  readonly valid: readonly TitleCase[];
}

/** Of the recommender's best so many may be what came next. */
const DEPTH = 50;
/** Share of the users who choose the best prompt. */
const VALID_SHARE = 0.2;

/**
 * What a prompt is learned from that is to add to a recommender's scores: positions that are held back from the recommender's
 * network, so that it has not seen what came next, each with some of its own best items beside it, drawn by the seed. Users whose next item is not
 * among the best cannot be helped by another order, and are left out. Half of the users are looked at; `weigh-words` asks the others.
 */
export async function residualCases(
  folder: string,
  {
    negatives,
    maxHistory,
    trainUsers,
    validUsers,
    seed,
    ...options
  }: LoadModelOptions & {
    readonly negatives: number;
    readonly maxHistory: number;
    readonly trainUsers: number;
    readonly validUsers: number;
    readonly seed: number;
    readonly threads?: number | undefined;
    readonly titleColumn?: string | undefined;
  },
  { onProgress, signal }: ScoringOptions = {},
): Promise<TitleCases> {
  const held = await openHeldBack(folder, 'A prompt that adds to its scores is learned', options);
  try {
    const random = new Random(seed);
    const users = random.shuffle(halfOf(held.users, 0));
    const validating = Math.min(validUsers, Math.ceil(VALID_SHARE * users.length));
    const looked = users.slice(0, validating + trainUsers);
    const parts: { train: TitleCase[]; valid: TitleCase[] } = { train: [], valid: [] };
    let place = -1;
    for await (const one of held.cases(looked, { items: DEPTH, history: maxHistory })) {
      const { history, best, scores, target } = one;
      place += 1;
      signal?.throwIfAborted();
      onProgress?.(place, looked.length);
      if (target === -1 || held.titles[best[target]!] === '') continue;
      // drawn and not the first, beside which what came next would seem worse than it is
      const others = random.shuffle([...best.keys()].filter((at) => at !== target && held.titles[best[at]!] !== ''));
      const places = [target, ...others.slice(0, negatives)];
      if (places.length <= negatives) continue;
      parts[place < validating ? 'valid' : 'train'].push({
        history: history.map((item) => held.titles[item]!),
        candidates: places.map((at) => held.titles[best[at]!]!),
        scores: Float64Array.from(places, (at) => scores[at]!),
      });
    }
    return parts;
  } finally {
    await held.close();
  }
}
