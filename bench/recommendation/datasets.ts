import { join } from 'node:path';
import { type AttributeTable, readAttributes } from '../../src/data/interactions/attribute-table.js';
import { type InteractionData, selectRows } from '../../src/data/interactions/interaction-data.js';
import { readInteractions } from '../../src/data/interactions/read-interactions.js';
import { tableRows } from '../../src/data/row-source.js';

/** A public data set, its item ids those of its texts. */
export interface RecommendationSet {
  readonly interactions: InteractionData;
  readonly items: AttributeTable;
  readonly users: AttributeTable | undefined;
  /** Where the order of a user's rows of the same time is part of the set. */
  readonly ties?: 'file';
}

const LATIN = 'windows-1252';
const PEOPLE = { delimiter: '|', names: ['id', 'age', 'gender', 'occupation', 'zip'] };

/** Readers of the sets below `../shared/data/recommendation`; each takes that folder. */
export const RECOMMENDATION_SETS = {
  /** Half of its rows have the same time as the one before: the order among those decides much, see byItemId. */
  async 'ml-100k'(folder: string): Promise<RecommendationSet> {
    const path = (name: string) => join(folder, 'ml-100k', name);
    const columns = ['id', 'title', 'released', 'video', 'imdb'];
    const genres = await readAttributes(path('u.genre'), 'item', { delimiter: '|', names: ['genre', 'id'] });
    const { data } = await readInteractions(path('u.data'), {
      format: 'tsv',
      names: ['user', 'item', 'rating', 'time'],
    });
    return {
      interactions: data,
      items: await readAttributes(path('u.item'), 'item', {
        delimiter: '|',
        names: [...columns, ...genres.columns.get('genre')!],
        encoding: LATIN,
      }),
      users: await readAttributes(path('u.user'), 'user', PEOPLE),
    };
  },

  /** As the PyTorch peer reads it: of a user's rows of the same time, the lower item id comes first. */
  async 'ml-100k-by-item-id'(folder: string): Promise<RecommendationSet> {
    const set = await RECOMMENDATION_SETS['ml-100k'](folder);
    return { ...set, interactions: byItemId(set.interactions), ties: 'file' };
  },

  async 'ml-1m'(folder: string): Promise<RecommendationSet> {
    const path = (name: string) => join(folder, 'ml-1m', name);
    const { data } = await readInteractions(path('ml-1m_sas.txt.gz'), { delimiter: ' ', names: ['user', 'item'] });
    const originals = async (name: string) => {
      const table = await readAttributes(path(name), 'item', { delimiter: ' ', names: ['id', 'original'] });
      return new Map(table.columns.get('original')!.map((original, row) => [table.ids[row]!, original]));
    };
    const itemIds = await originals('sas_to_original_items.txt');
    const userIds = await originals('sas_to_original_users.txt');
    return {
      interactions: {
        ...data,
        items: data.items.map((id) => itemIds.get(id)!),
        users: data.users.map((id) => userIds.get(id)!),
      },
      items: await readAttributes(path('movies.dat'), 'item', {
        delimiter: '::',
        names: ['id', 'title', 'genres'],
        encoding: LATIN,
      }),
      users: await readAttributes(path('users.dat'), 'user', {
        delimiter: '::',
        names: ['id', 'gender', 'age', 'occupation', 'zip'],
      }),
    };
  },

  async 'amazon-beauty'(folder: string): Promise<RecommendationSet> {
    const path = (name: string) => join(folder, 'amazon-beauty', name);
    const { data } = await readInteractions(path('sequences_s3rec.txt.gz'), {
      layout: 'sequences',
      delimiter: ' ',
      names: ['user', 'items'],
      restInLast: true,
    });
    const items = await readAttributes(path('items.tsv.gz'), 'item', { idColumn: 's3rec_item' });
    return { interactions: data, items, users: undefined };
  },

  async 'amazon-scientific'(folder: string): Promise<RecommendationSet> {
    const path = (name: string) => join(folder, 'amazon-scientific', name);
    const { data } = await readInteractions(path('Scientific.test.inter'), { layout: 'sequences' });
    const indices = await readAttributes(path('Scientific.item2index'), 'item', {
      format: 'tsv',
      names: ['asin', 'id'],
      idColumn: 'id',
    });
    const asins = new Map(indices.columns.get('asin')!.map((asin, row) => [indices.ids[row]!, asin]));
    return {
      interactions: { ...data, items: data.items.map((id) => asins.get(id)!) },
      items: await readAttributes(path('Scientific.text'), 'item', { format: 'recbole' }),
      users: undefined,
    };
  },

  /** What was liked, of CoLLM's rows of ML-1M: training, validation and test rows by time. */
  async 'collm-ml-1m'(folder: string): Promise<RecommendationSet> {
    const path = (name: string) => join(folder, 'collm-ml-1m', name);
    const liked: { user: string; item: string; time: number }[] = [];
    for (const part of ['train', 'valid', 'test']) {
      for await (const { values } of tableRows(path(`${part}.tsv.gz`))) {
        const { user_id: user, item_id: item, label, timestamp } = Object.fromEntries(values) as Record<string, string>;
        if (Number(label) === 1) liked.push({ user: user!, item: item!, time: Number(timestamp) });
      }
    }
    const users = [...new Set(liked.map(({ user }) => user))];
    const ids = [...new Set(liked.map(({ item }) => item))];
    const codes = (all: readonly string[]) => new Map(all.map((id, code) => [id, code]));
    const [userCodes, itemCodes] = [codes(users), codes(ids)];
    const data: InteractionData = {
      ...{ users, items: ids, rating: undefined },
      user: Int32Array.from(liked, ({ user }) => userCodes.get(user)!),
      item: Int32Array.from(liked, ({ item }) => itemCodes.get(item)!),
      time: Float64Array.from(liked, ({ time }) => time),
    };
    return { interactions: data, items: await readAttributes(path('items.tsv'), 'item'), users: undefined };
  },

  /** Reviews; of the items nothing is told but what was written about them, and that is not read here. */
  async 'amazon-musical-instruments'(folder: string): Promise<RecommendationSet> {
    const { data } = await readInteractions(join(folder, 'amazon-musical-instruments', 'reviews.jsonl.gz'));
    return { interactions: data, items: { ids: [], columns: new Map() }, users: undefined };
  },
};

function byItemId(data: InteractionData): InteractionData {
  const ids = Float64Array.from(data.item, (item) => Number(data.items[item]));
  return selectRows(
    data,
    Int32Array.from(data.item.keys()).sort((a, b) => ids[a]! - ids[b]! || a - b),
  );
}

export type RecommendationSetName = keyof typeof RECOMMENDATION_SETS;
