// A server that one command has for itself, and that is gone afterwards.
import { spawn, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';

export function freePort() {
  return new Promise((found) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => found(port));
    });
  });
}

/**
 * Runs what the command line names while a server stands, and ends with its status.
 * @param server program, arguments, options of `spawn`, the signal that ends it, and a folder that goes with it
 * @param answers resolves when it answers @param env what the command is told of it
 */
export async function runBeside({ program, args, options, signal, folder }, answers, env) {
  const server = spawn(program, args, { ...options, stdio: 'ignore' });
  let status = 1;
  try {
    await answers();
    const [command, ...rest] = process.argv.slice(2);
    status = spawnSync(command, rest, { stdio: 'inherit', env: { ...process.env, ...env } }).status ?? 1;
  } finally {
    server.kill(signal);
    await new Promise((done) => server.once('exit', done));
    rmSync(folder, { recursive: true, force: true });
  }
  process.exit(status);
}
