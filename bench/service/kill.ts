/**
 * A process that adds events is killed with SIGKILL at a random moment, again and again: every acknowledged event must be
 * there, none twice. On PGlite, and on PostgreSQL where SOFTPROMPT_TEST_DATABASE names a server.
 *
 *   npm run build && node scripts/with-postgres.mjs node dist/bench/service/kill.js [rounds]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openInteractionStore } from '../../src/interaction-store/open-store.js';
import { Random } from '../../src/random.js';
import { machine, writeResult } from '../machine.js';

const rounds = Number(process.argv[2] ?? 100);
const folder = mkdtempSync(join(tmpdir(), 'killed-'));
const random = new Random(1);
const places = [
  ['PGlite', join(folder, 'store')],
  ['PostgreSQL', process.env.SOFTPROMPT_TEST_DATABASE],
] as const;

/** @returns what was acknowledged before it was killed */
async function writeUntilKilled(place: string, prefix: string): Promise<string[]> {
  const writer = spawn(process.execPath, ['dist/test/interaction-store/keep-adding.js', place, prefix]);
  const exit = once(writer, 'exit');
  const acknowledged: string[] = [];
  const delay = random.uniform() * 200;
  for await (const line of createInterface({ input: writer.stdout })) {
    if (acknowledged.push(line) === 1) setTimeout(() => writer.kill('SIGKILL'), delay);
  }
  await exit;
  return acknowledged;
}

const results = [];
for (const [name, place] of places) {
  if (place === undefined) continue;
  const acknowledged: string[] = [];
  for (let round = 0; round < rounds; round++) {
    acknowledged.push(...(await writeUntilKilled(place, `kill-${round}`)));
    if (round % 10 === 9) console.log(`${name}: ${round + 1} kills, ${acknowledged.length} acknowledged`);
  }
  const store = await openInteractionStore(place);
  const kept = new Map<string, number>();
  for await (const { eventId } of store.all()) kept.set(eventId, (kept.get(eventId) ?? 0) + 1);
  await store.close();
  results.push({
    ...{ store: name, kills: rounds, acknowledged: acknowledged.length },
    lost: acknowledged.filter((id) => !kept.has(id)).length,
    twice: [...kept.values()].filter((times) => times > 1).length,
  });
  console.log(results.at(-1));
}
rmSync(folder, { recursive: true, force: true });
writeResult('bench/results/service-kill.json', {
  what: 'kill -9 of a process that adds events, at a random moment within 0.2 s of its first acknowledged event',
  machine: machine(),
  results,
});
