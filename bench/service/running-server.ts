import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface RunningProcess {
  readonly url: string;
  readonly child: ChildProcess;
  /** From its start until it listened. */
  readonly startSeconds: number;
  stop(): Promise<void>;
}

/** `softprompt serve` in a process of its own. */
export async function startServer(args: readonly string[]): Promise<RunningProcess> {
  const start = performance.now();
  const child = spawn(
    process.execPath,
    ['dist/src/cli/main.js', 'serve', '--json', '--no-log', '--port', '0', '--rate-limit', '2000000000', ...args],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const lines = createInterface({ input: child.stdout! });
  for await (const line of lines) {
    const { event, url } = JSON.parse(line) as { event?: string; url?: string };
    if (event === 'listening') return { ...running(child, url!), startSeconds: (performance.now() - start) / 1000 };
  }
  throw new Error('the server ended before it listened');
}

export function running(child: ChildProcess, url: string): Omit<RunningProcess, 'startSeconds'> {
  return {
    ...{ child, url },
    stop: async () => {
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      await exit;
    },
  };
}

/** Figures of `/metrics` by name, those without labels. */
export async function figures(url: string): Promise<Readonly<Record<string, number>>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.split('\n').filter((line) => /^\w+ [\d.e+-]+$/.test(line));
  return Object.fromEntries(lines.map((line) => [line.split(' ')[0]!, Number(line.split(' ')[1])]));
}
