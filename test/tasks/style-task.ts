import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Random } from '../../src/random.js';

/**
 * Items of two styles, told apart by a word of their title; a user keeps to one style. Everyone of the light style met
 * `a0`; nobody met the items `cold-a` and `cold-b`; of `silent` nothing is known; `newcomer` met `b7` alone.
 */
export async function writeStyles(folder: string): Promise<{ interactions: string; items: string }> {
  const random = new Random(2);
  const rows = ['user_id,item_id,timestamp'];
  for (let u = 0; u < 60; u++) {
    const style = u % 2 === 0 ? 'a' : 'b';
    for (let t = 0; t < 8; t++) {
      const item = style === 'a' && t === 2 ? 0 : random.integer(20);
      rows.push(`u${u},${style}${item},${1000 + t}`);
    }
  }
  rows.push('newcomer,b7,1000');
  const name = (i: number) => String.fromCharCode(97 + i, 97 + ((i * 7) % 20));
  const items = ['item_id,title,style,year'];
  for (let i = 0; i < 20; i++) {
    items.push(`a${i},sunny ${name(i)},light,${2000 + i}`, `b${i},MOODY ${name(i)},dark,${2000 + i}`);
  }
  items.push('cold-a,sunny zq,light,', 'cold-b,MOODY zq,dark,', 'silent,,,2020');
  const files = { interactions: join(folder, 'styles.csv'), items: join(folder, 'styles-items.csv') };
  await writeFile(files.interactions, `${rows.join('\n')}\n`);
  await writeFile(files.items, `${items.join('\n')}\n`);
  return files;
}
