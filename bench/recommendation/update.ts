/**
 * How long `recommend update` and `forget` take, and how much memory, on a folder of ML-1M's size as a fit leaves it: 6,040 users, 3,416
 * items, a million interactions, two networks 64 wide (what was measured and what serves), each with an item-item model of 400 votes
 * an item; random numbers, since none matters to the time. The memory of the process itself is that of the same command on a folder of
 * ten users and items. Run: node dist/bench/recommendation/update.js
 */
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '../../src/random.js';
import type { SavedRecommender } from '../../src/recommend/folder/recommender-folder.js';
import { writeRecommender } from '../../src/recommend/folder/recommender-folder.js';
import { KEPT_VOTES, packRows } from '../../src/recommend/item-item-model.js';
import { type RandomSizes, randomRecommender } from '../../test/recommend/random-recommender.js';
import { lastJson, machine, writeResult } from '../machine.js';

const EVENTS = 10_000;
const SIZES = { items: 3416, users: 6040, width: 64, historyLength: 165, maxLength: 50 };
const TINY = { items: 10, users: 10, width: 64, historyLength: 5, maxLength: 50 };
/** So many of ten people and items are new for sure, so that this process asks its recommender too. */
const TINY_EVENTS = 100;

const folder = mkdtempSync(join(tmpdir(), 'softprompt-update-'));
const random = new Random(3);

/** A folder as a fit leaves it, and new events. */
async function shopOf(name: string, sizes: RandomSizes, events: number) {
  const path = join(folder, name);
  const measured = withVotes(randomRecommender(sizes));
  const { recommender } = withVotes(randomRecommender({ ...sizes, seed: 2 }));
  await writeRecommender(path, measured, { recommender, epochs: 1, interactions: 1 });
  const rows = Array.from(
    { length: events },
    (_, i) => `u${random.integer(sizes.users)},i${random.integer(sizes.items)},${1_000_000 + i}`,
  );
  const file = join(folder, `${name}.csv`);
  writeFileSync(file, `${['user_id,item_id,timestamp', ...rows].join('\n')}\n`);
  return { path, file, mib: readdirSync(path).reduce((sum, one) => sum + statSync(join(path, one)).size, 0) / 2 ** 20 };
}

function withVotes(saved: SavedRecommender): SavedRecommender {
  const { items } = saved.recommender;
  const kept = Math.min(KEPT_VOTES, items.length);
  const model = packRows(items.length, 1, () => ({
    targets: Int32Array.from({ length: kept }, () => random.integer(items.length)),
    weights: Float32Array.from({ length: kept }, () => random.normal()),
  }));
  const itemItem = { model, mixture: { weight: 0.5, floor: 1 } };
  return { ...saved, recommender: { ...saved.recommender, itemItem } };
}

function run(...words: string[]) {
  const started = performance.now();
  const result = lastJson('node', ['dist/src/cli/main.js', 'recommend', ...words, '--json']);
  return { result, wallSeconds: (performance.now() - started) / 1000 };
}

try {
  const shop = await shopOf('shop', SIZES, EVENTS);
  const tiny = await shopOf('tiny', TINY, TINY_EVENTS);
  const load = Number(loadavg()[0]!.toFixed(1));
  const bare = run('update', tiny.path, '--interactions', tiny.file);
  const update = run('update', shop.path, '--interactions', shop.file);
  const forget = run('forget', shop.path, 'u1');
  const peak = Number(update.result.peak_rss_mib);
  const alone = Number(bare.result.peak_rss_mib);
  writeResult('bench/results/recommendation-update.json', {
    machine: { ...machine(), load },
    of: { ...SIZES, events: EVENTS, folderMib: Math.round(shop.mib) },
    update: {
      ...{ wallSeconds: update.wallSeconds, seconds: update.result.seconds, events: update.result.events },
      ...{ peakRssMib: peak, processAloneMib: alone, foldersInMemory: (peak - alone) / shop.mib },
    },
    forget: { wallSeconds: forget.wallSeconds },
  });
} finally {
  rmSync(folder, { recursive: true });
}
