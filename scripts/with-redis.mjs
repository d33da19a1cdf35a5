// Runs a command with SOFTPROMPT_TEST_QUEUE naming a Redis server of its own, which is gone afterwards:
//   node scripts/with-redis.mjs node scripts/run-tests.mjs queue
// The server is that of Debian's packages (or Valkey's), or of any PATH. Where there is none it says so and does nothing.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const folders = (process.env.PATH ?? '').split(delimiter);
const programs = ['redis-server', 'valkey-server'].flatMap((name) => folders.map((folder) => join(folder, name)));
const program = programs.find((path) => existsSync(path));
if (program === undefined) {
  console.log('skipped: there is no Redis server here (Debian: apt-get install redis-server)');
  process.exit(0);
}

const folder = mkdtempSync(join(tmpdir(), 'redis-'));
const port = await freePort();
const server = spawn(
  program,
  ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'],
  { stdio: 'ignore' },
);
let status = 1;
try {
  await answers();
  const env = {
    ...process.env,
    SOFTPROMPT_TEST_QUEUE: `redis://127.0.0.1:${port}`,
    SOFTPROMPT_TEST_REDIS_SERVER: program,
  };
  const [command, ...rest] = process.argv.slice(2);
  status = spawnSync(command, rest, { stdio: 'inherit', env }).status ?? 1;
} finally {
  server.kill('SIGTERM');
  await new Promise((done) => server.once('exit', done));
  rmSync(folder, { recursive: true, force: true });
}
process.exit(status);

function freePort() {
  return new Promise((found) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => found(port));
    });
  });
}

async function answers() {
  const { Redis } = await import('ioredis');
  const client = new Redis(port, '127.0.0.1', { maxRetriesPerRequest: 100, retryStrategy: () => 100 });
  client.on('error', () => {});
  await client.ping();
  client.disconnect();
}
