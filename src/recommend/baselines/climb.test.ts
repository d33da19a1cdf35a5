import assert from 'node:assert/strict';
import { test } from 'node:test';
import { climb } from './climb.js';

const VALUES = [1, 3, 10, 30, 100, 300, 1000, 3000, 10_000];

/** The values that a search tried, and where it ended. */
async function searched(scoreOf: (value: number) => number, starts = [10, 100, 1000]) {
  const tried: number[] = [];
  const { value, score } = await climb(VALUES, starts, async (at) => {
    tried.push(at);
    return scoreOf(at);
  });
  assert.equal(score, scoreOf(value));
  assert.equal(new Set(tried).size, tried.length, 'none is tried twice');
  return { value, tried };
}

test('a peak is found wherever it is, its neighbours tried', async () => {
  for (const [place, peak] of VALUES.entries()) {
    const { value, tried } = await searched((at) => -Math.abs(Math.log(at / peak)));
    assert.equal(value, peak);
    for (const neighbour of [VALUES[place - 1], VALUES[place + 1]]) {
      if (neighbour !== undefined) assert.ok(tried.includes(neighbour), `${neighbour} beside ${peak}`);
    }
  }
});

test('no step is made where nothing is gained, and the end of the list is an end', async () => {
  assert.deepEqual(await searched(() => 1), { value: 10, tried: [10, 100, 1000, 3, 30] });
  assert.deepEqual(await searched((at) => at, [10_000]), { value: 10_000, tried: [10_000, 3000] });
});
