/** Lists for some users from a fitted recommender, for `scale.ts`. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { openRecommender } from '../../../src/recommend/open-recommender.js';
import { recommendBatch } from '../../../src/recommend/recommend-batch.js';
import { stageClock } from './stages.js';

const { out, users } = JSON.parse(process.argv[2]!) as { out: string; users: number };
const { stages, end } = stageClock();
const open = await openRecommender(out, { threads: 1 });
end('open');
const step = Math.floor(open.saved.users.length / users);
const asked = Array.from({ length: users }, (_, i) => open.saved.users[i * step]!);
const lists = join(out, 'lists.parquet');
rmSync(lists, { force: true });
const { users: served } = await recommendBatch(open, { out: lists, onlyUsers: asked });
end('lists of 10');
await open.close();
console.log(JSON.stringify({ users: served, stages, peakRssMib: Math.round(process.resourceUsage().maxRSS / 1024) }));
