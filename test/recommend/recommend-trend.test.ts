/** What is popular lately: tried by a split by time, kept where it gains, served, and followed by updates. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  evaluateRecommender,
  fitRecommender,
  forgetUsers,
  inspectRecommender,
  openRecommender,
  type RecommendOptions,
  recommendFor,
  updateRecommender,
} from '../../src/library/recommend.js';
import { Random } from '../../src/random.js';

const folder = await mkdtemp(join(tmpdir(), 'softprompt-trend-'));
after(() => rm(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

const DAY = 86_400;
const ITEMS = 40;
const random = new Random(7);
/** Five items a week, the next five in the next. */
const ofWeek = (week: number) => `i${(week * 5 + random.integer(5)) % ITEMS}`;
const rows = ['user_id,item_id,timestamp'];
for (let week = 0; week < 8; week++)
  for (let event = 0; event < 150; event++)
    rows.push(`u${random.integer(80)},${ofWeek(week)},${(week * 7 + random.integer(7)) * DAY}`);
await writeFile(at('weeks.csv'), `${rows.join('\n')}\n`);
const options = (out: string, changes: Partial<RecommendOptions> = {}): RecommendOptions => ({
  ...{ interactions: at('weeks.csv'), out: at(out), split: 'time', validShare: 0.04, testShare: 0.04, threads: 1 },
  network: { width: 8, layers: 1, maxLength: 8, batchSize: 32, epochs: 2, patience: 2 },
  ...changes,
});
const listOf = async (out: string, user: string, k = 5) => {
  const open = await openRecommender(at(out), { threads: 1 });
  const list = (await recommendFor(open, { user }, { k, includeSeen: true })).map(({ item }) => item);
  await open.close();
  return list;
};

test('where every week has its own items, they are recommended; an update follows the next week', async () => {
  const result = await fitRecommender(options('weekly'));
  const without = await fitRecommender(options('without', { trend: false }));
  assert.ok(result.trend && result.trend.halfLife < 14 * DAY, JSON.stringify(result.choices));
  assert.ok(result.choices?.some(({ choice, kept }) => choice === 'trend' && kept));
  assert.deepEqual([without.trend, without.choices?.some(({ choice }) => choice === 'trend')], [null, false]);
  const [told, untold] = [result.test!['ndcg@10']!, without.test!['ndcg@10']!];
  assert.ok(told > untold + 0.05, `NDCG@10 ${told}, without ${untold}`);
  const measured = await evaluateRecommender(at('weekly'), { threads: 1 });
  assert.equal(measured.test['ndcg@10'], told, 'the folder holds what was measured');

  const last = ['i35', 'i36', 'i37', 'i38', 'i39'];
  assert.deepEqual(
    [...(await listOf('weekly', 'u1'))].sort(),
    last,
    'the last week of all interactions, from the refit',
  );
  const fresh = ['user_id,item_id,timestamp'];
  for (let event = 0; event < 150; event++)
    fresh.push(`u${random.integer(80)},i${10 + random.integer(5)},${(63 + random.integer(7)) * DAY}`);
  await writeFile(at('fresh.csv'), `${fresh.join('\n')}\n`);
  await updateRecommender(at('weekly'), { interactions: at('fresh.csv'), threads: 1 });
  assert.deepEqual([...(await listOf('weekly', 'u1'))].sort(), ['i10', 'i11', 'i12', 'i13', 'i14']);
  const { parts } = await inspectRecommender(at('weekly'));
  assert.deepEqual([...parts.trend!.items].sort(), ['i10', 'i11', 'i12', 'i13', 'i14']);
  assert.equal(parts.trend!.halfLifeDays, result.trend.halfLife / DAY);
  const { remains } = await forgetUsers(at('weekly'), ['u1']);
  assert.ok(remains.some((text) => text.startsWith('what is popular lately was counted with them too')));
});

test('a leave-one-out split does not try it', async () => {
  const { trend, choices } = await fitRecommender(options('leave-one-out', { split: 'leave-one-out' }));
  assert.deepEqual([trend, choices?.some(({ choice }) => choice === 'trend')], [null, false]);
});
