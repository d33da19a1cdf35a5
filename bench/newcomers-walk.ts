/**
 * How long each command of a newcomer's first day takes: a made-up shop of 600 customers and 800 goods, in GB18030 as Excel writes
 * it, with the embedded model. Held to: none over two minutes on 2 cores. Run: node dist/bench/newcomers-walk.js
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { newcomersWalk } from '../test/walk/newcomers-walk.js';
import { machine, writeResult } from './machine.js';

const SIZE = { customers: 600, goods: 800 };

const folder = mkdtempSync(join(tmpdir(), 'softprompt-walk-'));
try {
  const load = Number(loadavg()[0]!.toFixed(1));
  const steps = await newcomersWalk(folder, SIZE);
  const verdict = steps[0]!.stdout.split('\n').find((line) => line.startsWith('Of '));
  writeResult('bench/results/newcomers-walk.json', {
    machine: { ...machine(), load },
    of: SIZE,
    verdict,
    longestSeconds: Math.max(...steps.map(({ seconds }) => seconds)),
    steps: steps.map(({ what, command, seconds }) => ({ what, command, seconds: Number(seconds.toFixed(1)) })),
  });
} finally {
  rmSync(folder, { recursive: true });
}
