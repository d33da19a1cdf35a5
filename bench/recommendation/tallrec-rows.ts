import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A row as `softprompt recommend preference fit` reads it. */
export interface TallRecRow {
  readonly user_id: string;
  readonly item_id: string;
  readonly label: number;
  readonly history: string;
  readonly disliked: string;
}

const HISTORY = 10;
const LIKE = 3;
const [TRAIN, VALID, TEST] = [8000, 1000, 1000];

/**
 * TALLRec's movies (Bao et al. 2023) from ML-100K: users in the order of their first line, each one's ratings by time; a row for
 * each rating from the eleventh on, with the ten before it; of the last 10,000 rows 8,000 to draw from, 1,000 and 1,000.
 */
export function tallRecRows(folder: string): { train: TallRecRow[]; valid: TallRecRow[]; test: TallRecRow[] } {
  const users = new Map<string, { item: string; rating: number; time: number }[]>();
  for (const line of readFileSync(join(folder, 'u.data'), 'utf8').trim().split('\n')) {
    const [user = '', item = '', rating, time] = line.split('\t');
    const own = users.get(user) ?? [];
    own.push({ item, rating: Number(rating), time: Number(time) });
    users.set(user, own);
  }
  const rows: TallRecRow[] = [];
  for (const [user, own] of users) {
    own.sort((a, b) => a.time - b.time);
    own.forEach(({ item, rating }, place) => {
      if (place < HISTORY) return;
      const before = own.slice(place - HISTORY, place);
      const ids = (liked: boolean) => before.filter((one) => one.rating > LIKE === liked).map((one) => one.item);
      rows.push({
        ...{ user_id: user, item_id: item, label: Number(rating > LIKE) },
        ...{ history: ids(true).join(' '), disliked: ids(false).join(' ') },
      });
    });
  }
  const last = rows.slice(-(TRAIN + VALID + TEST));
  return { train: last.slice(0, TRAIN), valid: last.slice(TRAIN, TRAIN + VALID), test: last.slice(TRAIN + VALID) };
}

/** `item_id`, `title` and the genres, as CSV. */
export function movieLensItems(folder: string): string {
  const genres = readFileSync(join(folder, 'u.genre'), 'latin1')
    .trim()
    .split('\n')
    .map((line) => line.split('|')[0]!);
  const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const lines = readFileSync(join(folder, 'u.item'), 'latin1')
    .trim()
    .split('\n')
    .map((line) => {
      const [id = '', title = '', , , , ...flags] = line.split('|');
      return [id, quote(title), quote(genres.filter((_, i) => flags[i]?.trim() === '1').join('|'))].join(',');
    });
  return `item_id,title,genres\n${lines.join('\n')}\n`;
}
