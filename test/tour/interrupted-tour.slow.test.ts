import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { jsonEvents, softprompt } from '../cli/spawn-softprompt.js';

const folder = mkdtempSync(join(tmpdir(), 'softprompt-tour-'));
after(() => rmSync(folder, { recursive: true }));

const QUICK = ['start', '--out', 'my tour', '--max-steps', '12', '--epochs', '2'];
const of = (event: string) => (line: string) => line.includes(`"event":"${event}"`);

/** Runs a tour until so many lines of a kind have come. */
async function until(kind: (line: string) => boolean, count: number, ...flags: string[]) {
  let met = 0;
  const ended = await softprompt([...QUICK, ...flags], {
    cwd: folder,
    onLine: (line, child) => {
      if (kind(line)) met += 1;
      if (met >= count && !child.killed) child.kill('SIGINT');
    },
  });
  assert.equal(ended.code, 130, ended.stderr);
  return ended;
}

test('an interrupted tour goes on with what is left of it when it is asked again', async () => {
  const begun = await until((line) => line.startsWith('1  A prompt'), 1);
  assert.match(begun.stdout, /^ {2}npx softprompt start --out "my tour" --max-steps 12 --epochs 2$/m);

  const first = await until(of('step'), 2, '--json');
  assert.deepEqual(jsonEvents(first).at(-1), {
    event: 'result',
    ended: 'interrupted',
    out: join('my tour', 'sentiment-zh'),
  });

  const second = await until(of('epoch'), 1, '--json');
  const steps = jsonEvents(second).flatMap(({ event, step }) => (event === 'step' ? [step] : []));
  const [chinese, english] = [steps.slice(0, -12), steps.slice(-12)];
  assert.ok(chinese.length < 12, 'the first prompt is not begun anew');
  assert.equal(chinese.at(-1), 12);
  assert.deepEqual(
    english,
    Array.from(english, (_, i) => i + 1),
  );
  assert.deepEqual(jsonEvents(second).at(-1), { event: 'result', ended: 'interrupted', out: join('my tour', 'books') });
});

test('a tour overwrites neither one with other settings nor what is not its own', async () => {
  const refused = async (...args: string[]) => {
    const ended = await softprompt(['start', ...args], { cwd: folder });
    assert.equal(ended.code, 1, ended.stdout);
    return ended.stderr;
  };
  assert.match(
    await refused('--out', 'my tour', '--max-steps', '13'),
    /^PROMPT_FOLDER_EXISTS: .*"maxSteps":12.*--overwrite/s,
  );
  const own = join(folder, 'my tour', 'sentiment-zh', 'training');
  rmSync(own, { recursive: true });
  assert.match(await refused('--out', 'my tour'), /^PROMPT_FOLDER_EXISTS: .*--overwrite/s);
});
