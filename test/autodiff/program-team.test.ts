import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as op from '../../src/autodiff/build.js';
import { compile } from '../../src/runtime/program.js';
import { compileTeam, sumOfRuns } from '../../src/runtime/program-team.js';

/** y = the rows of x that `rows` names, summed. */
function network() {
  const feed = op.inputsByName();
  const rows = op.gather(feed('x', ['N', 2]), feed('rows', ['K'], 'int64'));
  return { y: op.reduceSum(rows, [0]) };
}
const run = (x: Float32Array, ...rows: readonly number[]) => ({
  feeds: { x, rows: BigInt64Array.from(rows, BigInt) },
  sizes: { N: x.length / 2, K: rows.length },
});
const X = Float32Array.of(1, 10, 2, 20, 3, 30, 4, 40);

for (const threads of [1, 2, 3]) {
  test(`the runs' results are added, by ${threads}`, async () => {
    const team = await compileTeam(network(), { threads });
    assert.equal(team.length, threads);
    const shared = new Float32Array(new SharedArrayBuffer(4 * X.length));
    shared.set(X);
    const view = new Float32Array([7, 7, ...X, 7]).subarray(2, 10);
    const runs = [run(X, 0), run(shared, 1, 2), run(view, 3), run(view, 0, 0), run(X.slice(2, 6), 1)];
    for (const count of [5, 1, 3]) {
      const { y } = await sumOfRuns(team, runs.slice(0, count));
      const sum = { 5: 1 + 5 + 4 + 2 + 3, 1: 1, 3: 1 + 5 + 4 }[count]!;
      assert.deepEqual([...y!], [sum, 10 * sum]);
    }
    assert.deepEqual([...X], [1, 10, 2, 20, 3, 30, 4, 40], 'what was fed is still there');
    for (const program of team) await program.release();
  });
}

test('no threads are as many as there are by default', async () => {
  const [none, left] = [await compileTeam(network(), { threads: 0 }), await compileTeam(network())];
  assert.equal(none.length, left.length);
  for (const program of [...none, ...left]) await program.release();
});

test('a team runs at once what one program runs in turn', async () => {
  const [first, second] = await compileTeam(network(), { threads: 2 });
  const order: string[] = [];
  const both = [first!.run(run(X, 0).feeds, run(X, 0).sizes), second!.run(run(X, 1).feeds, run(X, 1).sizes)];
  // no thread's answer is heard before the caller's own turns are over
  const goesOn = async () => {
    for (let turn = 0; turn < 50; turn++) await undefined;
    order.push('the caller goes on');
  };
  void goesOn();
  await Promise.all(both.map((done) => done.then(() => order.push('done'))));
  assert.equal(order[0], 'the caller goes on');
  await first!.release();
  await second!.release();
});

test('a run that fails says so, and the session goes on', async () => {
  const team = await compileTeam(network(), { threads: 2 });
  const fails = { code: 'GRAPH_RUN', message: /failed to run the network: .*indices/i };
  await assert.rejects(sumOfRuns(team, [run(X, 0), run(X, 9)]), fails);
  await assert.rejects(sumOfRuns(team, [run(X, 9), run(X, 0)]), fails);
  assert.deepEqual([...(await sumOfRuns(team, [run(X, 0), run(X, 1)])).y!], [3, 30]);
  for (const program of team) await program.release();
  await assert.rejects(team[0]!.run(run(X, 0).feeds, run(X, 0).sizes), { code: 'GRAPH_RUN', message: /has ended/ });
});

test('a model that does not load says so for the whole team', async () => {
  const place = { name: 'w', shape: [2], offset: 0, byteLength: 8 };
  const results = { y: op.exp(op.weight({ ...place, file: '/nowhere/weights.bin' })) };
  const loads = { code: 'GRAPH_RUN', message: /failed to load the network/ };
  await assert.rejects(compile(results, { threads: 1 }), loads);
  await assert.rejects(compileTeam(results, { threads: 2 }), loads);
});
