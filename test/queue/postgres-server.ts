import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as later } from 'node:timers/promises';
import pg from 'pg';

export interface PostgresServer {
  readonly url: string;
  /** Resolves when it answers. */
  start(): Promise<void>;
  /** At once, as a crash. */
  crash(): Promise<void>;
  /** For good. */
  end(): Promise<void>;
}

/** A PostgreSQL server of a test's own, which it may end. @param bin the folder of its programs */
export function postgresServer(bin: string, port: number): PostgresServer {
  const root = process.getuid?.() === 0; // the server refuses to run as root
  const [uid, gid] = root ? ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, 'nobody']))) : [];
  const user = root ? { uid, gid } : {};
  const folder = mkdtempSync(join(tmpdir(), 'softprompt-postgres-')); // which that user may enter
  if (root) chownSync(folder, uid!, gid!);
  chmodSync(folder, 0o700);
  const options = {
    ...user,
    cwd: folder,
    env: { ...process.env, HOME: folder, LC_ALL: 'C' },
    stdio: 'ignore',
  } as const;
  const data = join(folder, 'data');
  execFileSync(join(bin, 'initdb'), ['-D', data, '-U', 'softprompt', '-A', 'trust', '-E', 'UTF8'], options);
  const settings = ['listen_addresses=127.0.0.1', `unix_socket_directories=${folder}`].flatMap((one) => ['-c', one]);
  const url = `postgres://softprompt@127.0.0.1:${port}/postgres`;
  let child: ChildProcess;
  const crash = async () => {
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGQUIT');
    await ended;
  };
  return {
    url,
    start: async () => {
      child = spawn(join(bin, 'postgres'), ['-D', data, '-p', String(port), ...settings], options);
      for (let attempt = 0; ; attempt++) {
        const client = new pg.Client({ connectionString: url });
        try {
          await client.connect();
          return await client.end();
        } catch (error) {
          if (attempt === 200) throw error;
          await later(100);
        }
      }
    },
    crash,
    end: async () => {
      await crash();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
