import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startOffsets } from '../../data/interactions/user-order.js';
import { writeFileAtomically } from '../../files/atomic-file.js';
import { readJsonLines } from '../folder/json-lines-file.js';
import { USERS } from '../folder/recommender-files.js';
import type { SavedRecommender } from '../folder/recommender-folder.js';
import { keptOptions } from '../kept-options.js';
import type { SasRec } from '../sequential/sasrec-model.js';
import { unknownId } from '../unknown-id.js';
import { type BothNetworks, readBoth, replaceBoth, servingOf } from './both-networks.js';
import { OWN } from './fold-events.js';
import { forgetInTables, tableRowsOf } from './forget-in-tables.js';
import { INTERACTIONS, readEvents, SINCE_FIT, withoutUsers, writeEvents } from './kept-events.js';

export interface ForgetResult {
  readonly folder: string;
  readonly forgotten: number;
  /** Ids that the folder did not know. */
  readonly unknown: number;
  /** Interactions that were removed. */
  readonly events: number;
  /** Vectors that were learned for these people alone, and removed. */
  readonly vectors: number;
  /** Every file that was read again afterwards, and in how many places a forgotten id was found: 0. */
  readonly proof: { readonly files: readonly string[]; readonly found: number };
  /** What still rests on them, in words. */
  readonly remains: readonly string[];
}

/** Salted hashes of those who were forgotten, so that a refit from older files leaves them out. */
export const FORGOTTEN = 'forgotten.json';

/**
 * Removes people from a recommender's folder: their ids, histories, events, attributes and vectors; counts lose their
 * interactions. States of training go, since they rest on them. Then every file is read again to prove it.
 * @throws RECOMMENDER_INVALID; RECOMMEND_REQUEST where none of them is known
 */
export async function forgetUsers(
  folder: string,
  users: readonly string[],
  { skipUnknown = false }: { readonly skipUnknown?: boolean | undefined } = {},
): Promise<ForgetResult> {
  const before = await readBoth(folder);
  const old = servingOf(before);
  const asked = new Set(users);
  const logs = await Promise.all(
    [SINCE_FIT, INTERACTIONS].map(async (name) => [name, await readEvents(folder, name)] as const),
  );
  const known = new Set([...old.users, ...logs.flatMap(([, data]) => data?.users ?? [])]);
  const gone = new Set([...asked].filter((id) => known.has(id)));
  if (gone.size < asked.size && !skipUnknown)
    throw unknownId('user', [...asked].find((id) => !known.has(id))!, old.users, 'forgotten');
  const [, log] = logs[0]!;
  const since = log ? withoutUsers(log, (id) => !gone.has(id)) : undefined;
  const forget = (saved: SavedRecommender, role: 'measured' | 'serving') => without(saved, gone, role, since);
  const life = { ...old.life, forgotten: (old.life?.forgotten ?? 0) + gone.size };
  const after: BothNetworks = {
    measured: { ...forget(before.measured, 'measured'), life },
    serving: before.serving && { ...forget(before.serving, 'serving'), life },
  };
  const now = servingOf(after);
  if (gone.size > 0) {
    await replaceBoth(folder, after, async (copy) => {
      await rm(join(copy, 'training'), { recursive: true, force: true });
      for (const [name, data] of logs)
        if (data)
          await writeEvents(
            copy,
            name,
            withoutUsers(data, (id) => gone.has(id)),
          );
      await forgetInTables(copy, gone);
      await keepForgotten(copy, gone);
    });
  }
  const ownVectors = old.recommender.network.users?.shares ? old.users.length - now.users.length : 0;
  return {
    folder,
    forgotten: gone.size,
    unknown: asked.size - gone.size,
    events: old.histories.items.length - now.histories.items.length,
    vectors: ownVectors,
    proof: await prove(folder, gone),
    remains: [...remains(now), ...(await unreadFiles(folder))],
  };
}

function without(
  saved: SavedRecommender,
  gone: ReadonlySet<string>,
  role: 'measured' | 'serving',
  since: { readonly users: readonly string[]; readonly user: Int32Array } | undefined,
): SavedRecommender {
  const { users, histories, recommender } = saved;
  const kept = Int32Array.from(users.keys()).filter((user) => !gone.has(users[user]!));
  const sinceOf = new Map<string, number>();
  for (const user of since?.user ?? []) sinceOf.set(since!.users[user]!, (sinceOf.get(since!.users[user]!) ?? 0) + 1);
  const heldOut = role === 'measured' && keptOptions(saved.options).record?.split !== 'time' ? 2 : 0;
  const popularity = recommender.network.popularity.slice();
  const counts = recommender.network.counts?.slice();
  for (const [user, id] of users.entries()) {
    if (!gone.has(id)) continue;
    const own = histories.items.subarray(histories.offsets[user]!, histories.offsets[user + 1]!);
    const atFit = own.length - (sinceOf.get(id) ?? 0);
    const trained = own.subarray(0, atFit - (atFit >= 3 ? heldOut : 0));
    for (const item of trained) popularity[item] = Math.max(0, popularity[item]! - 1);
    if (counts) for (const item of own) counts[item] = Math.max(0, counts[item]! - 1);
  }
  const lengths = Int32Array.from(kept, (user) => histories.offsets[user + 1]! - histories.offsets[user]!);
  const offsets = startOffsets(lengths);
  const items = new Int32Array(offsets.at(-1)!);
  kept.forEach((user, i) => {
    items.set(histories.items.subarray(histories.offsets[user]!, histories.offsets[user + 1]!), offsets[i]!);
  });
  const network = { ...usersOf(recommender.network, kept), popularity, ...(counts && { counts }) };
  return {
    ...saved,
    users: Array.from(kept, (user) => users[user]!),
    histories: { offsets, items },
    recommender: { ...recommender, network },
  };
}

/** The rows of the users that stay. */
function usersOf(network: SasRec, kept: Int32Array): SasRec {
  const { users, shape, weights } = network;
  if (users === undefined) return network;
  const rows = <T extends Float32Array | Int32Array>(values: T, width: number): T => {
    const some = values.slice(0, kept.length * width) as T;
    for (const [i, user] of kept.entries()) some.set(values.subarray(user * width, (user + 1) * width), i * width);
    return some;
  };
  const groups = rows(users.groups, users.attributes.length);
  const own = weights[OWN];
  if (!users.shares || !own || !shape.users) return { ...network, users: { ...users, groups } };
  return {
    ...network,
    shape: { ...shape, users: { ...shape.users, ids: kept.length } },
    weights: { ...weights, [OWN]: rows(own, shape.width) },
    users: { ...users, groups, shares: rows(users.shares, 1) },
  };
}

interface ForgottenRecord {
  readonly salt: string;
  readonly hashes: readonly string[];
}

async function keepForgotten(folder: string, gone: ReadonlySet<string>): Promise<void> {
  const path = join(folder, FORGOTTEN);
  const { salt = randomBytes(16).toString('hex'), hashes = [] } = await readForgotten(path);
  const all = [...new Set([...hashes, ...Array.from(gone, (id) => hashed(salt, id))])];
  await writeFileAtomically(path, `${JSON.stringify({ salt, hashes: all })}\n`);
}

const hashed = (salt: string, id: string) => createHash('sha256').update(`${salt} ${id}`).digest('hex');

async function readForgotten(path: string): Promise<Partial<ForgottenRecord>> {
  if (!existsSync(path)) return {};
  return JSON.parse(await readFile(path, 'utf8')) as ForgottenRecord;
}

/** Whether someone was forgotten. */
export async function forgottenOf(folder: string): Promise<(user: string) => boolean> {
  const { salt = '', hashes = [] } = await readForgotten(join(folder, FORGOTTEN));
  const all = new Set(hashes);
  return (user) => all.size > 0 && all.has(hashed(salt, user));
}

/** Reads every file again: those of people by their ids, everything else that is JSON by its values. */
async function prove(folder: string, gone: ReadonlySet<string>): Promise<ForgetResult['proof']> {
  let found = 0;
  const files: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.push(path.slice(folder.length).replace(/^\//, ''));
    if (entry.name.endsWith('.jsonl') && entry.name !== 'items.jsonl' && entry.name !== 'catalogue.jsonl') {
      for await (const line of readJsonLines(path)) {
        const id = entry.name === USERS ? line : (line as { readonly user_id?: unknown }).user_id;
        if (gone.has(String(id))) found += 1;
      }
    } else if (entry.name.endsWith('.json')) {
      const { life: _, ...values } = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>; // ids of items
      found += textsIn(values).filter((text) => gone.has(text)).length;
    }
  }
  for await (const { lines } of tableRowsOf(folder, gone)) found += lines.length;
  return { files, found };
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** Files beside the recommender's own that are neither read nor changed. */
async function unreadFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && /\.(?:parquet|xlsx?|gz|html?)$/i.test(entry.name))
    .map((entry) => `${join(entry.parentPath, entry.name)}, which is left as it is: remove it if it tells of them`);
}

function remains({ recommender, options }: SavedRecommender): string[] {
  const source = keptOptions(options).record?.interactions;
  return [
    `the weights that all people share (${recommender.itemItem ? 'the sequence network and the item-item model' : 'the sequence network'}) were learned with their interactions among all others; a refit learns them without`,
    ...(recommender.trend
      ? ['what is popular lately was counted with them too: it fades, and a refit counts it without them']
      : []),
    ...(typeof source === 'string'
      ? [`the file of the fit, ${source}, if it still holds them: a refit leaves them out, other programs may not`]
      : ['the database of the fit, if it still holds them: a refit leaves them out']),
  ];
}
