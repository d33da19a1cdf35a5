import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

/** What a `softprompt` process said and how it ended. */
export interface Ended {
  /** The exit code; null when a signal killed it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface SpawnOptions {
  readonly cwd?: string;
  /** Variables beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Called with each line of standard output. */
  readonly onLine?: (line: string, child: ChildProcess) => void;
  /** No file may grow beyond so many blocks of 512 bytes: writing fails as on a full disk. */
  readonly fileBlocks?: number;
}

const MAIN = resolve('dist/src/cli/main.js');

/** Runs the command line as a user does, in a process of its own, without network. */
export async function softprompt(args: readonly string[], options: SpawnOptions = {}): Promise<Ended> {
  const command = [process.execPath, MAIN, ...args];
  const limited =
    options.fileBlocks === undefined ? [] : ['sh', '-c', `ulimit -f ${options.fileBlocks}; exec "$@"`, 'sh'];
  const [program, ...rest] = [...limited, ...command];
  const child = spawn(program!, rest, {
    cwd: options.cwd,
    env: { ...process.env, HF_HUB_OFFLINE: '1', NO_COLOR: '1', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr, line] = ['', '', ''];
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    const lines = (line + text).split('\n');
    line = lines.pop()!;
    for (const whole of lines) options.onLine?.(whole, child);
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, stdout, stderr };
}

export type JsonEvent = { readonly event: string } & Readonly<Record<string, unknown>>;

/** Standard output that is nothing but one JSON object a line. */
export function jsonEvents({ stdout }: Ended): JsonEvent[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as JsonEvent);
}
