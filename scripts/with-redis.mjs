// Runs a command with SOFTPROMPT_TEST_QUEUE naming a Redis server of its own, which is gone afterwards:
//   node scripts/with-redis.mjs node scripts/run-tests.mjs queue
// The server is that of Debian's packages (or Valkey's), or of any PATH. Where there is none it says so and does nothing.
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort, runBeside } from './test-server.mjs';

const folders = (process.env.PATH ?? '').split(delimiter);
const programs = ['redis-server', 'valkey-server'].flatMap((name) => folders.map((folder) => join(folder, name)));
const program = programs.find((path) => existsSync(path));
if (program === undefined) {
  console.log('skipped: there is no Redis server here (Debian: apt-get install redis-server)');
  process.exit(0);
}

const folder = mkdtempSync(join(tmpdir(), 'redis-'));
const port = await freePort();
const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'];
await runBeside({ program, args, signal: 'SIGTERM', folder }, answers, {
  SOFTPROMPT_TEST_QUEUE: `redis://127.0.0.1:${port}`,
  SOFTPROMPT_TEST_REDIS_SERVER: program,
});

async function answers() {
  const { Redis } = await import('ioredis');
  const client = new Redis(port, '127.0.0.1', { maxRetriesPerRequest: 100, retryStrategy: () => 100 });
  client.on('error', () => {});
  await client.ping();
  client.disconnect();
}
