import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cutWindows, type TokenStream, TokenWindows } from './token-windows.js';

const LENGTH = 4;
/** Ids that tell their stream and place: 1000 · stream + place. */
const stream = (index: number, ids: number, share: number): TokenStream => ({
  ids: Uint16Array.from({ length: ids }, (_, place) => 1000 * index + place),
  share,
});
const STREAMS = [stream(0, 45, 1), stream(1, 22, 0.5), stream(2, 9, 2.5)];
const streamOf = (window: Int32Array) => Math.floor(window[0]! / 1000);
const windows = (seed = 7) => new TokenWindows(STREAMS, LENGTH, seed);

test('at any time each stream has its share, to less than one window', () => {
  const taken = windows().take(0, 400);
  const counts = [0, 0, 0];
  taken.forEach((window, n) => {
    counts[streamOf(window)]! += 1;
    STREAMS.forEach(({ share }, i) => {
      assert.ok(Math.abs(counts[i]! - ((n + 1) * share) / 4) < 1, `${counts} after ${n + 1} windows`);
    });
  });
});

test('windows are cut into shorter ones that overlap in one id', () => {
  const cut = cutWindows([Int32Array.of(0, 1, 2, 3, 4, 5), Int32Array.of(6, 7, 8, 9, 10, 11)], 2);
  assert.deepEqual(
    cut.map((window) => [...window]),
    [
      [0, 1, 2],
      [2, 3, 4],
      [6, 7, 8],
      [8, 9, 10],
    ],
  );
});

test('a round of a stream is each of its pieces once, in an order of its own', () => {
  const own = windows()
    .take(0, 400)
    .filter((window) => streamOf(window) === 0);
  const pieces = 11; // (45 − 1) / 4
  const starts = own.map((window) => window[0]!);
  const [first, second] = [starts.slice(0, pieces), starts.slice(pieces, 2 * pieces)];
  const inOrder = Array.from({ length: pieces }, (_, piece) => piece * LENGTH);
  for (const round of [first, second])
    assert.deepEqual(
      [...round].sort((a, b) => a - b),
      inOrder,
    );
  assert.notDeepEqual(first, second);
  assert.notDeepEqual(first, inOrder);
  for (const window of own)
    assert.deepEqual(
      [...window],
      [0, 1, 2, 3, 4].map((i) => window[0]! + i),
    );
});

test('which windows an update gets follows from seed and place alone', () => {
  const all = windows().take(0, 60);
  const later = windows();
  assert.deepEqual(later.take(40, 20), all.slice(40));
  assert.deepEqual(later.take(10, 3), all.slice(10, 13), 'going back');
  assert.deepEqual(
    Array.from({ length: 60 }, (_, n) => windows().take(n, 1)[0]),
    all,
  );
  assert.notDeepEqual(windows(8).take(0, 60), all);
});
