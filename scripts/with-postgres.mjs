// Runs a command with SOFTPROMPT_TEST_DATABASE naming a PostgreSQL server of its own, which is gone afterwards:
//   node scripts/with-postgres.mjs node scripts/run-tests.mjs interaction-store server
// The server is that of Debian's packages, or of any PATH. Where there is none it says so and does nothing.
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort, runBeside } from './test-server.mjs';

const debian = '/usr/lib/postgresql';
const folders = [
  ...(existsSync(debian) ? readdirSync(debian).map((version) => join(debian, version, 'bin')) : []),
  ...(process.env.PATH ?? '').split(delimiter),
];
const bin = folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));
if (bin === undefined) {
  console.log('skipped: there is no PostgreSQL server here (Debian: apt-get install postgresql)');
  process.exit(0);
}

// the server refuses to run as root
const root = process.getuid?.() === 0;
const [uid, gid] = root ? ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, 'nobody']))) : [];
const user = root ? { uid, gid } : {};
const folder = mkdtempSync(join(tmpdir(), 'postgres-'));
if (root) chownSync(folder, uid, gid);
chmodSync(folder, 0o700);
const env = { ...process.env, HOME: folder, LC_ALL: 'C' };
const data = join(folder, 'data');
execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'softprompt', '-A', 'trust', '-E', 'UTF8'], {
  ...user,
  env,
  cwd: folder,
  stdio: 'ignore',
});
const port = await freePort();
const args = [
  '-D',
  data,
  '-p',
  String(port),
  '-c',
  'listen_addresses=127.0.0.1',
  '-c',
  `unix_socket_directories=${folder}`,
];
const url = `postgres://softprompt@127.0.0.1:${port}/postgres`;
await runBeside(
  { program: join(bin, 'postgres'), args, options: { ...user, env, cwd: folder }, signal: 'SIGINT', folder },
  answers,
  { SOFTPROMPT_TEST_DATABASE: url, SOFTPROMPT_TEST_POSTGRES_BIN: bin },
);

async function answers() {
  const { default: pg } = await import('pg');
  for (let attempt = 0; ; attempt++) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      return await client.end();
    } catch (error) {
      if (attempt === 100) throw error;
      await new Promise((later) => setTimeout(later, 100));
    }
  }
}
