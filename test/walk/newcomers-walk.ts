import { join } from 'node:path';
import { softpromptProgram } from '../../src/cli/program.js';
import { softprompt } from '../cli/spawn-softprompt.js';
import { type ShopSize, writeShop } from './made-up-shop.js';

/** A command of the walk, how long it took and what it said. */
export interface WalkStep {
  readonly what: string;
  readonly command: string;
  readonly seconds: number;
  readonly stdout: string;
}

const knowsReports = () => softpromptProgram().commands.some((command) => command.name() === 'report');

/** The folder that `recommend fit 订单.csv` makes. */
export const SHOP = '订单-recommender';

/**
 * What somebody does on his first day, each step one command without configuration: from a CSV that Excel wrote in GB18030 to
 * recommendations with reasons, an update with new orders and goods, a report, lists for all, and a customer who is forgotten.
 */
export async function newcomersWalk(folder: string, size: ShopSize): Promise<WalkStep[]> {
  writeShop(folder, size);
  const steps: readonly (readonly [what: string, ...words: string[]])[] = [
    ['fit', 'recommend', 'fit', '订单.csv', '--items', '商品.csv'],
    ['recommendations with reasons', 'recommend', 'for', SHOP, '--user', '客户7', '--explain'],
    ['update', 'recommend', 'update', SHOP, '--interactions', '新订单.csv', '--items', '新商品.csv'],
    ['recommendations for the new customer', 'recommend', 'for', SHOP, '--user', '新客户', '--explain'],
    ['lists for all', 'recommend', 'batch', SHOP, '--out', 'lists.csv', '--k', '5'],
    ...(knowsReports() ? [['report', 'report', SHOP] as const] : []),
    ['what the folder holds', 'recommend', 'inspect', SHOP],
    ['a customer forgotten', 'recommend', 'forget', SHOP, '客户7'],
  ];
  const done: WalkStep[] = [];
  for (const [what, ...words] of steps) {
    const started = performance.now();
    const { code, stdout, stderr } = await softprompt(words, {
      cwd: folder,
      env: { SOFTPROMPT_CACHE: join(folder, '.cache') },
    });
    if (code !== 0) throw new Error(`${words.join(' ')}: ${stderr}`);
    done.push({
      what,
      command: `softprompt ${words.join(' ')}`,
      seconds: (performance.now() - started) / 1000,
      stdout,
    });
  }
  return done;
}
