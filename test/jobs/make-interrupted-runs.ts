// Makes test/fixtures/interrupted-runs: a run of each kind, interrupted halfway, with @WORLD@ in place of the folder of
// its data. Those that are committed were written before `src/jobs` kept the folders of runs, and must go on for ever.
//   npx tsc && node dist/test/jobs/make-interrupted-runs.js
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { interruptedAt, makeWorld, RUN_KINDS } from './runs.js';

const world = mkdtempSync(join(tmpdir(), 'softprompt-interrupted-runs-'));
makeWorld(world);
for (const kind of RUN_KINDS) {
  const out = resolve('test/fixtures/interrupted-runs', kind.name);
  rmSync(out, { recursive: true, force: true });
  const { ended } = await interruptedAt((hooks) => kind.start(world, out, {}, hooks), kind.halfway);
  if (ended !== 'interrupted') throw new Error(`${kind.name}: ${ended}`);
  const training = join(out, 'training');
  for (const name of readdirSync(training).filter((name) => name.endsWith('.json'))) {
    const text = readFileSync(join(training, name), 'utf8');
    const moved = text.replaceAll(out, '@OUT@').replaceAll(world, '@WORLD@').replaceAll(process.cwd(), '@WORLD@');
    writeFileSync(join(training, name), moved);
  }
  console.log(kind.name, readdirSync(out, { recursive: true }).join(' '));
}
rmSync(world, { recursive: true });
