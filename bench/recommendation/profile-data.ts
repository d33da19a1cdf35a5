import { join } from 'node:path';
import { loadInteractions } from '../../src/recommend/recommend-data.js';

const genres = Array.from({ length: 19 }, (_, i) => `genre ${i}`);

/** MovieLens 100K as profiles read it. */
export function profileData(folder: string) {
  const path = (name: string) => join(folder, 'ml-100k', name);
  return {
    interactions: path('u.data'),
    interactionTable: { format: 'tsv', names: ['user', 'item', 'rating', 'time'] },
    items: path('u.item'),
    itemTable: {
      delimiter: '|',
      names: ['id', 'title', 'released', 'video', 'imdb', ...genres],
      encoding: 'windows-1252',
    },
    users: path('u.user'),
    userTable: { delimiter: '|', names: ['id', 'age', 'gender', 'occupation', 'zip'] },
  } as const;
}

/** Every choice of everyone, and who chose what as words: a bag of these is a logistic regression on which items someone chose. */
export async function chosenItems(data: ReturnType<typeof profileData>) {
  const { data: chosen } = await loadInteractions({ ...data, kCore: 1, minRating: undefined });
  const itemsOf = new Map<string, string[]>();
  chosen.user.forEach((user, row) => {
    const id = chosen.users[user]!;
    itemsOf.set(id, [...(itemsOf.get(id) ?? []), `item${chosen.items[chosen.item[row]!]}`]);
  });
  return { chosen, wordsOf: (user: string) => itemsOf.get(user)!.join(' ') };
}
