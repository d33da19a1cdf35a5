import type { ChildProcess } from 'node:child_process';
import { type Ended, softprompt } from './spawn-softprompt.js';

export interface StartedService {
  readonly url: string;
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** `softprompt serve`; resolves when it listens. */
export function startService(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<StartedService> {
  return new Promise((resolve, reject) => {
    const ended = softprompt(['serve', '--json', '--threads', '1', ...args], {
      env,
      onLine: (line, child) => {
        const { event, url } = JSON.parse(line) as { event?: string; url?: string };
        if (event === 'listening') resolve({ url: url!, child, ended });
      },
    });
    ended.then(({ stderr }) => reject(new Error(`it ended before it listened: ${stderr}`)), reject);
  });
}

export async function stopService({ child, ended }: StartedService): Promise<Ended> {
  child.kill('SIGTERM');
  return ended;
}
