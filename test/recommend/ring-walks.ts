import { writeFile } from 'node:fs/promises';
import { Random } from '../../src/random.js';

/** Items on the ring, i0 to i23. */
export const RING_ITEMS = 24;

/** Interactions of users who walk in steps of 1 or 5 through items on a ring: the last two items tell the next one. */
export async function writeWalks(path: string): Promise<void> {
  const random = new Random(11);
  const lines = ['user_id,item_id,timestamp'];
  for (let u = 0; u < 60; u++) {
    const start = random.integer(RING_ITEMS);
    const length = 6 + random.integer(8);
    for (let t = 0; t < length; t++) {
      lines.push(`u${u},i${(start + t * (u % 2 === 0 ? 1 : 5)) % RING_ITEMS},${1000 + t}`);
    }
  }
  await writeFile(path, `${lines.join('\n')}\n`);
}
