import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type InteractionData, selectRows } from '../../data/interactions/interaction-data.js';
import { readInteractions } from '../../data/interactions/read-interactions.js';
import type { OutputRow } from '../../data/writing/output-table.js';
import { writeTable } from '../../data/writing/write-table.js';
import { eventKey } from '../unknown-events.js';

/** What came since the fit, and, after a refit, all that it learned from: tables of a recommender's folder. */
export const SINCE_FIT = 'since-fit.jsonl';
export const INTERACTIONS = 'interactions.jsonl';
export const CATALOGUE = 'catalogue.jsonl';

const COLUMNS = [
  { name: 'user_id', type: 'id' },
  { name: 'item_id', type: 'id' },
  { name: 'timestamp', type: 'number' },
  { name: 'rating', type: 'number' },
] as const;

/** How these tables are read, whatever their values look like. */
export const eventTable = ({ time, rating }: Pick<InteractionData, 'time' | 'rating'>) => ({
  columns: {
    ...{ user: 'user_id', item: 'item_id' },
    time: time ? 'timestamp' : null,
    rating: rating ? 'rating' : null,
  },
  ...(time && { timeUnit: 'seconds' as const }),
});

/** Undefined where the folder has no such table. @throws the errors of readInteractions */
export async function readEvents(folder: string, name: string): Promise<InteractionData | undefined> {
  const path = join(folder, name);
  if (!existsSync(path)) return undefined;
  const kinds = await columnsOf(path);
  return (await readInteractions(path, eventTable(kinds))).data;
}

/** Which of the optional columns the first row has. */
async function columnsOf(path: string) {
  const { readTable } = await import('../../data/read-table.js');
  for await (const { values } of readTable(path)) {
    const has = (name: string) => (values.get(name) ? new Float64Array(0) : undefined);
    return { time: has('timestamp'), rating: has('rating') && new Float32Array(0) };
  }
  return { time: undefined, rating: undefined };
}

/** @throws DATA_UNWRITABLE */
export async function writeEvents(folder: string, name: string, data: InteractionData): Promise<void> {
  const columns = COLUMNS.filter(
    ({ name }) => (name !== 'timestamp' || data.time !== undefined) && (name !== 'rating' || data.rating !== undefined),
  );
  await writeTable(join(folder, name), 'jsonl', columns, rowsOf(data));
}

function* rowsOf({ users, items, user, item, time, rating }: InteractionData): Generator<OutputRow> {
  for (let row = 0; row < user.length; row++) {
    const known = [...(time ? [time[row]!] : []), ...(rating ? [rating[row]!] : [])];
    yield [users[user[row]!]!, items[item[row]!]!, ...known];
  }
}

/** Both, the second behind the first. Times and ratings stay where both have them. */
export function joinEvents(first: InteractionData | undefined, second: InteractionData): InteractionData {
  if (first === undefined || first.user.length === 0) return second;
  const users = [...new Set([...first.users, ...second.users])];
  const items = [...new Set([...first.items, ...second.items])];
  const userCode = new Map(users.map((id, code) => [id, code]));
  const itemCode = new Map(items.map((id, code) => [id, code]));
  const codes = (own: readonly string[], all: ReadonlyMap<string, number>, rows: Int32Array) => {
    const renumbered = Int32Array.from(own, (id) => all.get(id)!);
    return rows.map((code) => renumbered[code]!);
  };
  const both = [first, second];
  return {
    users,
    items,
    user: Int32Array.from(both.flatMap((one) => [...codes(one.users, userCode, one.user)])),
    item: Int32Array.from(both.flatMap((one) => [...codes(one.items, itemCode, one.item)])),
    time: both.every(({ time }) => time) ? Float64Array.from(both.flatMap(({ time }) => [...time!])) : undefined,
    rating: both.every(({ rating }) => rating)
      ? Float32Array.from(both.flatMap(({ rating }) => [...rating!]))
      : undefined,
  };
}

/** Keys of what updates brought, of which an event that is told again is known; see eventKey. */
export async function broughtEvents(folder: string): Promise<ReadonlySet<string>> {
  return keysOf(await readEvents(folder, SINCE_FIT));
}

export function keysOf(log: InteractionData | undefined): ReadonlySet<string> {
  if (log?.time === undefined) return new Set();
  const { users, items, user, item, time } = log;
  return new Set(Array.from(user, (code, row) => eventKey(users[code]!, items[item[row]!]!, time[row]!)));
}

/** The rows of all but some people. */
export function withoutUsers(data: InteractionData, left: (user: string) => boolean): InteractionData {
  const gone = Uint8Array.from(data.users, (id) => (left(id) ? 1 : 0));
  return selectRows(
    data,
    Int32Array.from(data.user.keys()).filter((row) => gone[data.user[row]!] === 0),
  );
}
