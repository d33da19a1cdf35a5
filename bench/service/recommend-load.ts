/**
 * 100 people at a time ask a recommender of ML-100K, ids and likeness of items alone; beside it what an event costs until
 * the next answer knows it.
 *
 *   npm run build && node dist/bench/service/recommend-load.js [seconds]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import autocannon from 'autocannon';
import { median, percentile } from '../../src/evaluation/percentile.js';
import { createClient } from '../../src/library/client.js';
import { fitRecommender } from '../../src/library/recommend.js';
import { Random } from '../../src/random.js';
import { machine, writeResult } from '../machine.js';
import { SHARED } from '../sst2-data.js';
import { figures, startServer } from './running-server.js';

const seconds = Number(process.argv[2] ?? 20);
const folder = mkdtempSync(join(tmpdir(), 'ml-100k-'));
await fitRecommender({
  interactions: join(SHARED, 'data/recommendation/ml-100k/u.data'),
  interactionTable: { format: 'tsv', names: ['user', 'item', 'rating', 'time'] },
  ...{ out: join(folder, 'shelf', 'films'), text: 'never', threads: 2 },
  network: { epochs: 2, patience: 2 },
} as Parameters<typeof fitRecommender>[0]);
const server = await startServer([join(folder, 'shelf'), '--store', join(folder, 'store')]);
await figures(server.url);
const random = new Random(3);
const result = await autocannon({
  ...{ url: server.url, connections: 100, duration: seconds, timeout: 60 },
  requests: [
    {
      ...{ method: 'POST', path: '/v1/recommenders/films/recommend', headers: { 'content-type': 'application/json' } },
      setupRequest: (request) => ({
        ...request,
        body: JSON.stringify({ user: String(1 + random.integer(943)), k: 10 }),
      }),
    },
  ],
});
const seen = await figures(server.url);
const client = createClient({ url: server.url });
const milliseconds: number[] = [];
let known = 0;
const before = await client.recommend('films', { user: 'newcomer' });
for (let i = 0; i < 30; i++) {
  const user = `newcomer ${i}`;
  const start = performance.now();
  await client.record(
    [50, 181, 172].map((item, j) => ({ event_id: `${i} ${j}`, user_id: user, item_id: String(item) })),
  );
  const { items } = await client.recommend('films', { user });
  milliseconds.push(performance.now() - start);
  if (items[0]!.item !== before.items[0]!.item || items[1]!.item !== before.items[1]!.item) known++;
}
await server.stop();
rmSync(folder, { recursive: true, force: true });
const { p50, p99 } = result.latency;
const refused = result.statusCodeStats?.['429']?.count ?? 0;
const report = {
  what: `100 connections ask a recommender of ML-100K (1,682 films) for ten films of a random user, for ${seconds} s, with PGlite`,
  machine: machine(),
  requestsPerSecond: result['2xx'] / result.duration,
  ...{ answered: result['2xx'], refused429: refused, otherStatus: result.non2xx - refused, errors: result.errors },
  milliseconds: { p50, p99 },
  eventLoopDelaySeconds: { p50: seen.nodejs_eventloop_lag_p50_seconds, p99: seen.nodejs_eventloop_lag_p99_seconds },
  eventThenAnswer: {
    ...{ of: milliseconds.length, changedTheList: known },
    milliseconds: { p50: median(milliseconds), p90: percentile(Float64Array.from(milliseconds).sort(), 0.9) },
  },
};
console.log(report);
writeResult('bench/results/service-recommend.json', report);
process.exit(0);
