import { countCodes, type InteractionData } from '../../data/interactions/interaction-data.js';
import { startOffsets } from '../../data/interactions/user-order.js';
import type { ProgramOptions } from '../../runtime/program.js';
import type { SavedRecommender } from '../folder/recommender-folder.js';
import { growCatalogue } from '../grow-catalogue.js';
import type { SasRec } from '../sequential/sasrec-model.js';
import { followTrend } from '../trend.js';

/**
 * A recommender that knows more interactions, of users and items that may be new; no weight changes. Histories grow, and
 * so do the counts that answer an empty one and those of what is popular lately. An item that nobody met and of which no
 * text was read waits for the next fit: it stands in histories, and is not recommended.
 * @param fresh each user's rows in the order of time
 */
export async function foldEvents(
  saved: SavedRecommender,
  fresh: InteractionData,
  options: ProgramOptions = {},
): Promise<SavedRecommender> {
  const items = withOthers(saved.recommender.items, fresh.items, fresh.item);
  const people = saved.life?.withoutHistories !== true;
  const users = people ? withOthers(saved.users, fresh.users, fresh.user) : saved.users;
  const grown = await withItems(saved, items, options);
  const itemCode = codesOf(items, fresh.items);
  const added = fresh.item.map((code) => itemCode[code]!);
  const counts = (grown.recommender.network.counts ?? grown.recommender.network.popularity).slice();
  for (const item of added) counts[item]! += 1;
  const network = { ...withUsers(grown.recommender.network, users.length), counts };
  const { trend } = grown.recommender;
  const following = trend && followTrend(trend, added, fresh.time);
  const userCode = codesOf(users, fresh.users);
  const rows = people ? fresh.user.map((code) => userCode[code]!) : new Int32Array(0);
  return {
    ...grown,
    recommender: { ...grown.recommender, network, ...(following && { trend: following }) },
    users,
    histories: appended(saved.histories, users.length, rows, added),
  };
}

/** Items without anything known of them, at the end. */
async function withItems(
  saved: SavedRecommender,
  items: readonly string[],
  options: ProgramOptions,
): Promise<SavedRecommender> {
  const { recommender, itemColumns } = saved;
  if (items.length === recommender.items.length) return saved;
  const { features } = recommender.network.inputs;
  const vectors = features && new Float32Array(items.length * features.width);
  vectors?.set(features!.vectors);
  const empty = (values: readonly string[]) => [...values, ...new Array(items.length - values.length).fill('')];
  return {
    ...saved,
    recommender: await growCatalogue(recommender, items, vectors, options),
    itemColumns: new Map(Array.from(itemColumns, ([name, values]) => [name, empty(values)])),
  };
}

/** New users have neither attributes nor vectors of their own. */
function withUsers(network: SasRec, users: number): SasRec {
  const { users: inputs, shape, weights } = network;
  if (inputs === undefined) return network;
  const groups = new Int32Array(users * inputs.attributes.length).fill(-1);
  groups.set(inputs.groups);
  const own = weights[OWN];
  if (!inputs.shares || !own || !shape.users) return { ...network, users: { ...inputs, groups } };
  const shares = new Float32Array(users);
  shares.set(inputs.shares);
  const vectors = new Float32Array(users * shape.width);
  vectors.set(own);
  return {
    ...network,
    shape: { ...shape, users: { ...shape.users, ids: users } },
    weights: { ...weights, [OWN]: vectors },
    users: { ...inputs, groups, shares },
  };
}

/** The users' own vectors among a network's weights, [users, d]. */
export const OWN = 'users.ids.weight';

/** The ids of rows behind those that are known. */
function withOthers(known: readonly string[], ids: readonly string[], rows: Int32Array): readonly string[] {
  const met = new Set(known);
  const counts = countCodes(rows, ids.length);
  const others = ids.filter((id, code) => counts[code]! > 0 && !met.has(id));
  return others.length === 0 ? known : [...known, ...others];
}

function codesOf(all: readonly string[], ids: readonly string[]): Int32Array {
  const codes = new Map(all.map((id, code) => [id, code]));
  return Int32Array.from(ids, (id) => codes.get(id) ?? -1);
}

/** Histories with more behind each. @param user, item [N] codes of rows */
function appended(
  histories: SavedRecommender['histories'],
  users: number,
  user: Int32Array,
  item: Int32Array,
): SavedRecommender['histories'] {
  if (user.length === 0 && users + 1 === histories.offsets.length) return histories;
  const counts = countCodes(user, users);
  const before = histories.offsets.length - 1;
  const end = (u: number) => histories.offsets[Math.min(u, before)]!;
  for (let u = 0; u < before; u++) counts[u]! += end(u + 1) - end(u);
  const offsets = startOffsets(counts);
  const items = new Int32Array(offsets[users]!);
  const next = offsets.slice(0, users);
  for (let u = 0; u < before; u++) {
    items.set(histories.items.subarray(end(u), end(u + 1)), next[u]!);
    next[u]! += end(u + 1) - end(u);
  }
  for (let row = 0; row < user.length; row++) items[next[user[row]!]!++] = item[row]!;
  return { offsets, items };
}
