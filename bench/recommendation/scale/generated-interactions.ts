import { once } from 'node:events';
import { createWriteStream, existsSync, renameSync } from 'node:fs';
import { Random } from '../../../src/random.js';

/** Sizes of generated interactions. */
export interface GeneratedSize {
  readonly users: number;
  readonly items: number;
  /** A user has 3 to 17 or more of them, this many on the average. */
  readonly perUser: number;
}

/** Items of a kind: a history stays in a few kinds, so that there is something to learn. */
const KIND = 500;
const KINDS_A_USER = 3;
const START = 1_600_000_000;
const YEAR = 31_536_000;

/**
 * Writes interactions as a CSV of user_id, item_id and timestamp, in the order of users. A user's kinds are drawn by a
 * skewed law, and so is the item within a kind, by a skew that gives the most popular item some thousand times what
 * most have. The same size gives the same file.
 */
export async function writeGenerated(path: string, { users, items, perUser }: GeneratedSize): Promise<void> {
  if (existsSync(path)) return;
  const random = new Random(users + items);
  const file = createWriteStream(`${path}.part`);
  const kinds = Math.ceil(items / KIND);
  const skewed = (count: number) => Math.floor(count * random.uniform() ** 2.5);
  let lines = 'user_id,item_id,timestamp\n';
  for (let user = 0; user < users; user++) {
    const own = Array.from({ length: KINDS_A_USER }, () => skewed(kinds));
    const length = 3 + Math.floor(-(perUser - 2.5) * Math.log(1 - random.uniform()));
    let time = START + random.integer(YEAR);
    for (let at = 0; at < length; at++) {
      const kind = random.uniform() < 0.1 ? random.integer(kinds) : own[random.integer(KINDS_A_USER)]!;
      const item = Math.min(items - 1, kind * KIND + skewed(KIND));
      time += random.integer(100_000);
      lines += `u${user},i${item},${time}\n`;
    }
    if (lines.length < 1 << 20) continue;
    if (!file.write(lines)) await once(file, 'drain');
    lines = '';
  }
  file.end(lines);
  await once(file, 'finish');
  renameSync(`${path}.part`, path);
}
