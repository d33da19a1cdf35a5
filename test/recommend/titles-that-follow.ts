import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../../src/random.js';
import type { LearnWordsOptions } from '../../src/recommend/titles/learn-words-options.js';
import { TINY_MODEL } from '../tasks/word-task.js';

/** Items of each of two kinds, `o a`, `o b`, … and `x a`, `x b`, …. */
export const KIND = 12;
export const letter = (i: number) => String.fromCharCode(97 + i);

/**
 * Writes interactions in which everyone begins with an item `o …` and goes on with items `x …`: what comes next is always of the
 * second kind. Gives the options that learn it, by the name of the folder for the prompt.
 */
export function titlesThatFollow(folder: string): (out: string) => LearnWordsOptions {
  const random = new Random(7);
  const rows = ['user_id,item_id,timestamp'];
  for (let u = 0; u < 80; u++) {
    rows.push(`u${u},o${random.integer(KIND)},0`);
    for (const [t, item] of random.sample(KIND, 3).entries()) rows.push(`u${u},x${item},${t + 1}`);
  }
  const items = ['item_id,title'];
  for (let i = 0; i < KIND; i++) items.push(`o${i},o ${letter(i)}`, `x${i},x ${letter(i)}`);
  writeFileSync(join(folder, 'rows.csv'), `${rows.join('\n')}\n`);
  writeFileSync(join(folder, 'items.csv'), `${items.join('\n')}\n`);
  return (out) => ({
    model: TINY_MODEL,
    interactions: join(folder, 'rows.csv'),
    items: join(folder, 'items.csv'),
    out: join(folder, out),
    template: '[soft:8]{history} {label}.',
    negatives: 5,
    maxSteps: 80,
    learningRate: 0.1,
    batchSize: 16,
    seed: 0,
  });
}
