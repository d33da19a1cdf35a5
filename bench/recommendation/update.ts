/**
 * How long `recommend update` and `forget` take on a folder of ML-1M's size (6,040 users, 3,416 items, a million
 * interactions, 64 wide; random weights, since no weight matters to the time). Run: node dist/bench/recommendation/update.js
 */
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '../../src/random.js';
import { writeRecommender } from '../../src/recommend/folder/recommender-folder.js';
import { randomRecommender } from '../../test/recommend/random-recommender.js';
import { lastJson, machine, writeResult } from '../machine.js';

const EVENTS = 10_000;
const SIZES = { items: 3416, users: 6040, width: 64, historyLength: 165, maxLength: 50 };

const folder = mkdtempSync(join(tmpdir(), 'softprompt-update-'));
try {
  const shop = join(folder, 'shop');
  await writeRecommender(shop, randomRecommender(SIZES));
  const random = new Random(3);
  const rows = Array.from(
    { length: EVENTS },
    (_, i) => `u${random.integer(SIZES.users)},i${random.integer(SIZES.items)},${1_000_000 + i}`,
  );
  const events = join(folder, 'new.csv');
  writeFileSync(events, `${['user_id,item_id,timestamp', ...rows].join('\n')}\n`);
  const bytes = readdirSync(shop).reduce((sum, name) => sum + statSync(join(shop, name)).size, 0);
  const run = (...words: string[]) => {
    const started = performance.now();
    const result = lastJson('node', ['dist/src/cli/main.js', 'recommend', ...words, '--json']);
    return { result, wallSeconds: (performance.now() - started) / 1000 };
  };
  const update = run('update', shop, '--interactions', events);
  const forget = run('forget', shop, 'u1');
  writeResult('bench/results/recommendation-update.json', {
    machine: { ...machine(), load: Number(loadavg()[0]!.toFixed(1)) },
    of: { ...SIZES, events: EVENTS, folderMib: Math.round(bytes / 2 ** 20) },
    update: {
      wallSeconds: update.wallSeconds,
      seconds: update.result.seconds,
      peakRssMib: update.result.peak_rss_mib,
      events: update.result.events,
    },
    forget: { wallSeconds: forget.wallSeconds },
  });
} finally {
  rmSync(folder, { recursive: true });
}
