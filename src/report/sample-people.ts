import type { LoadModelOptions } from '../network/load-model.js';
import { Random } from '../random.js';
import { itemTitles } from '../recommend/item-titles.js';
import { openRecommender, recommendFor } from '../recommend/open-recommender.js';

/** Somebody, without a name: what he chose lately, and what he is shown. */
export interface SamplePerson {
  readonly lately: readonly string[];
  readonly list: readonly { readonly title: string; readonly because: readonly string[] }[];
}

const PEOPLE = 4;
const LATELY = 4;
const SUGGESTIONS = 5;
const REASONS = 2;
/** With shorter histories there is little to give reasons by. */
const HISTORY = 3;

/** A few people of a recommender's folder with their lists and reasons, in titles; none where it holds nobody. */
export async function samplePeople(
  folder: string,
  options: LoadModelOptions & { readonly threads?: number | undefined },
  seed = 0,
): Promise<SamplePerson[]> {
  const open = await openRecommender(folder, options);
  try {
    const { users, histories, recommender } = open.saved;
    const titles = itemTitles(open.saved);
    const titleOf = (code: number) => titles(code) ?? recommender.items[code]!;
    const titled = (id: string) => titleOf(open.itemCodes.get(id)!);
    const lengthOf = (user: number) => histories.offsets[user + 1]! - histories.offsets[user]!;
    const candidates = users.map((_, user) => user).filter((user) => lengthOf(user) >= HISTORY);
    const historyOf = (user: number) => histories.items.slice(histories.offsets[user]!, histories.offsets[user + 1]!);
    // two who did the same would be shown the same
    const different = new Map(new Random(seed).shuffle(candidates).map((user) => [historyOf(user).join(), user]));
    const chosen = [...different.values()].slice(0, PEOPLE);
    const people: SamplePerson[] = [];
    for (const user of chosen) {
      const history = historyOf(user);
      const list = await recommendFor(open, { user: users[user]! }, { k: SUGGESTIONS, explain: true });
      people.push({
        lately: [...new Set(Array.from(history, titleOf))].slice(-LATELY),
        list: list.map(({ item, because = [] }) => ({
          title: titled(item),
          because: because.slice(0, REASONS).map((reason) => titled(reason.item)),
        })),
      });
    }
    return people;
  } finally {
    await open.close();
  }
}
