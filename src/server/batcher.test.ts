import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Batcher } from './batcher.js';

const later = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const slowly = (milliseconds: number) => async (batch: readonly number[]) => {
  await later(milliseconds);
  return batch;
};

/** Doubles numbers; each batch waits to be let through. */
function doubling(queue: number, most = 2) {
  const batches: number[][] = [];
  const gates: (() => void)[] = [];
  const batcher = new Batcher<number, number>({
    ...{ most, wait: 1, queue },
    run: async (batch) => {
      batches.push([...batch]);
      await new Promise<void>((open) => gates.push(open));
      if (batch.includes(13)) throw new Error('thirteen');
      return batch.map((x) => 2 * x);
    },
  });
  const next = async () => {
    while (gates.length === 0) await new Promise((later) => setTimeout(later, 1));
    gates.shift()!();
  };
  return { batcher, batches, next };
}

describe('a batcher', () => {
  it('answers all that is asked, in batches that are as large as they may be', async () => {
    const { batcher, batches, next } = doubling(10);
    const first = batcher.submit([1]);
    const rest = [batcher.submit([2, 3]), batcher.submit([4]), batcher.submit([5])];
    for (let i = 0; i < 3; i++) await next();
    assert.deepEqual([await first, ...(await Promise.all(rest))], [[2], [4, 6], [8], [10]]);
    assert.deepEqual(batches, [[1, 2], [3, 4], [5]]);
  });

  it('refuses what does not fit, with when to ask again', async () => {
    const { batcher, next } = doubling(2);
    const asked = [batcher.submit([1, 2]), batcher.submit([3, 4])];
    await assert.rejects(batcher.submit([5]), { status: 429, headers: { 'retry-after': '1' } });
    await next();
    await next();
    assert.deepEqual(await Promise.all(asked), [
      [2, 4],
      [6, 8],
    ]);
  });

  it('refuses what would be answered too late', async () => {
    const batcher = new Batcher<number, number>({ most: 1, wait: 0, queue: 100, limit: 150, run: slowly(30) });
    await batcher.submit([1]); // 30 ms is its pace
    const asked = await Promise.allSettled(Array.from({ length: 20 }, (_, i) => batcher.submit([i])));
    const refused = asked.filter(({ status }) => status === 'rejected');
    assert.ok(refused.length > 10 && refused.length < 20, `${refused.length} are refused`);
    await assert.rejects(batcher.submit(Array(100).fill(1)), { status: 413 });
  });

  it('takes one batch more, and no other, before it knows how slow it is', async () => {
    const batcher = new Batcher<number, number>({ most: 2, wait: 0, queue: 100, limit: 1e4, run: slowly(20) });
    const asked = Array.from({ length: 9 }, (_, i) => batcher.submit([i]));
    const ended = await Promise.allSettled(asked);
    assert.equal(ended.filter(({ status }) => status === 'fulfilled').length, 4, 'what runs, and one batch that waits');
  });

  it('counts what an item costs, so that a long text is no short one', async () => {
    const batches: number[] = [];
    const run = async (batch: readonly number[]) => {
      batches.push(batch.length);
      await later(batch.reduce((total, one) => total + one, 0));
      return batch;
    };
    const batcher = new Batcher({ most: 8, wait: 0, queue: 100, limit: 400, cost: (item) => item, run });
    await batcher.submit([10]); // 1 ms a unit
    await batcher.submit([60, 60, 60]);
    assert.deepEqual(batches, [1, 1, 1, 1], 'a batch takes a quarter of the time at most');
    await assert.rejects(batcher.submit(Array(9).fill(60)), { status: 413 });
    assert.equal((await batcher.submit(Array(9).fill(1))).length, 9);
  });

  it('refuses before it runs what has become late since it was accepted', async () => {
    let milliseconds = 5;
    const ran: number[] = [];
    const run = async (batch: readonly number[]) => {
      ran.push(...batch);
      await later(milliseconds);
      return batch;
    };
    const batcher = new Batcher<number, number>({ most: 1, wait: 0, queue: 100, limit: 300, run });
    await batcher.submit([0]);
    milliseconds = 100; // the machine has something else to do now
    const asked = await Promise.allSettled([1, 2, 3, 4, 5, 6].map((i) => batcher.submit([i])));
    const refused = asked.flatMap((one) => (one.status === 'rejected' ? [one.reason.status] : []));
    assert.ok(refused.length >= 2, `${refused.length} are refused`);
    assert.ok(refused.every((status) => status === 429));
    assert.ok(ran.length < 7 - refused.length + 1, 'and are not run');
  });

  it('does not run what nobody waits for any more', async () => {
    const { batcher, batches, next } = doubling(10);
    const running = batcher.submit([1, 2]);
    const leaving = new AbortController();
    const left = batcher.submit([3, 4], leaving.signal);
    const staying = batcher.submit([5]);
    leaving.abort(new Error('gone'));
    await assert.rejects(left, /gone/);
    await next();
    await next();
    assert.deepEqual(await running, [2, 4]);
    assert.deepEqual(await staying, [10]);
    assert.deepEqual(batches, [[1, 2], [5]]);
    await assert.rejects(batcher.submit([6], leaving.signal), /gone/);
  });

  it('tells a failure to its batch alone, and ends when all is answered', async () => {
    const { batcher, next } = doubling(10);
    const failing = batcher.submit([13, 1]);
    const fine = batcher.submit([2]);
    const drained = batcher.drain();
    await next();
    await assert.rejects(failing, /thirteen/);
    await next();
    assert.deepEqual(await fine, [4]);
    await drained;
    assert.equal(batcher.length, 0);
  });
});
