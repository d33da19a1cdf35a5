import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Batcher } from './batcher.js';

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
    const batcher = new Batcher<number, number>({
      ...{ most: 1, wait: 0, queue: 100, patience: 90 },
      run: async (batch) => {
        await new Promise((later) => setTimeout(later, 30));
        return [...batch];
      },
    });
    await batcher.submit([1]); // 30 ms is its pace
    const asked = await Promise.allSettled(Array.from({ length: 20 }, (_, i) => batcher.submit([i])));
    const refused = asked.filter(({ status }) => status === 'rejected');
    assert.ok(refused.length > 10 && refused.length < 20, `${refused.length} are refused`);
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
