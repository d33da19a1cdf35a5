import type { InteractionData } from '../../data/interactions/interaction-data.js';
import { nothingHeldOut } from '../../data/interactions/interaction-splits.js';
import { largest } from '../../extremes.js';
import type { ProgramOptions } from '../../runtime/program.js';
import { fitSasRec } from '../sequential/fit-sasrec.js';
import { sasRecScorer } from '../sequential/sasrec.js';
import type { PreferenceRow } from './preference-rows.js';

/** How likely an item comes next after liked items, by SASRec; undefined for an item that it never met. */
export interface SasRecScores {
  /** Log probabilities, a case each. */
  score(
    cases: readonly { readonly liked: readonly string[]; readonly item: string }[],
  ): Promise<(number | undefined)[]>;
  release(): Promise<void>;
}

const EPOCHS = 30;
const AT_ONCE = 64;

/** SASRec on the ids of what training users liked, as `recommend fit` learns it; undefined where nobody liked two items. */
export async function fitSasRecScores(
  train: readonly PreferenceRow[],
  seed: number,
  options: ProgramOptions & { readonly signal?: AbortSignal | undefined } = {},
): Promise<SasRecScores | undefined> {
  const likes = train.filter(({ liked }) => liked);
  const codes = (of: 'user' | 'item') => [...new Set(likes.map((row) => row[of]))];
  const [users, items] = [codes('user'), codes('item')];
  if (users.length === likes.length) return undefined;
  const codeOf = (ids: readonly string[]) => new Map(ids.map((id, code) => [id, code]));
  const [userOf, itemOf] = [codeOf(users), codeOf(items)];
  const data: InteractionData = {
    ...{ users, items, rating: undefined },
    user: Int32Array.from(likes, ({ user }) => userOf.get(user)!),
    item: Int32Array.from(likes, ({ item }) => itemOf.get(item)!),
    time: Float64Array.from(likes, ({ time }) => time),
  };
  const { model } = await fitSasRec(nothingHeldOut(data), { seed, maxLength: 50 }, { ...options, fixedEpochs: EPOCHS });
  const scorer = await sasRecScorer(model, options);
  return {
    score: async (cases) => {
      const scores: (number | undefined)[] = [];
      for (let start = 0; start < cases.length; start += AT_ONCE) {
        const some = cases.slice(start, start + AT_ONCE);
        const histories = some.map(({ liked }) => Int32Array.from(liked.flatMap((item) => itemOf.get(item) ?? [])));
        const all = await scorer.score(new Int32Array(some.length).fill(-1), histories);
        some.forEach(({ item }, i) => {
          const row = all.subarray(i * items.length, (i + 1) * items.length);
          const code = itemOf.get(item);
          const most = largest(row);
          const sum = row.reduce((total, score) => total + Math.exp(score - most), 0);
          scores.push(code === undefined ? undefined : row[code]! - most - Math.log(sum));
        });
      }
      return scores;
    },
    release: scorer.release,
  };
}
