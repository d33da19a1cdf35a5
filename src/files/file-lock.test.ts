import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { withFileLock } from './file-lock.js';

const scratch = mkdtempSync(join(tmpdir(), 'softprompt-lock-'));
after(() => rmSync(scratch, { recursive: true }));

/** A promise to be settled from outside. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

test('a holder whose lock was taken over leaves the lock of its successor alone', async () => {
  const path = join(scratch, 'taken-over', 'a.lock');
  const [first, second, secondHolds] = [gate(), gate(), gate()];
  const order: string[] = [];
  const one = withFileLock(path, undefined, async () => {
    utimesSync(path, 1, 1); // as if it had slept for long
    await first.opened;
  });
  const two = withFileLock(path, undefined, async () => {
    secondHolds.open();
    await second.opened;
    order.push('second');
  });
  await secondHolds.opened;
  first.open();
  await one;
  assert.equal(readdirSync(join(scratch, 'taken-over')).length, 1, "the successor's lock is there");
  const three = withFileLock(path, undefined, async () => {
    order.push('third');
  });
  second.open();
  await Promise.all([two, three]);
  assert.deepEqual(order, ['second', 'third']);
  assert.deepEqual(readdirSync(join(scratch, 'taken-over')), []);
});

test('of many that find the lock of a dead process one goes first, and no two at once', async () => {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  const path = join(scratch, 'b.lock');
  for (let round = 0; round < 2; round++) {
    writeFileSync(path, JSON.stringify({ host: hostname(), pid }));
    let [inside, done] = [0, 0];
    const contender = () =>
      withFileLock(path, undefined, async () => {
        assert.equal(++inside, 1);
        await new Promise((resolve) => setTimeout(resolve, 1));
        inside--;
        done++;
      });
    await Promise.all(Array.from({ length: 6 }, contender));
    assert.equal(done, 6);
  }
});

test('the lock of a live process of this machine, or of one elsewhere, is waited for', async () => {
  const path = join(scratch, 'c.lock');
  for (const holder of [
    { host: hostname(), pid: process.pid },
    { host: 'elsewhere', pid: 1 },
  ]) {
    writeFileSync(path, JSON.stringify(holder));
    const waiting = withFileLock(path, AbortSignal.timeout(500), async () => 'entered');
    await assert.rejects(waiting, { name: 'TimeoutError' });
  }
});
