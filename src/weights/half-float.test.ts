import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../random.js';
import { halfToFloatBits, toHalfFloats } from './half-float.js';

const halves = new Float32Array(halfToFloatBits().buffer);
/** All finite halves by value, one zero. */
const finite = Array.from({ length: 65536 }, (_, half) => half)
  .filter((half) => (half & 0x7c00) !== 0x7c00 && half !== 0x8000)
  .sort((a, b) => halves[a]! - halves[b]!);

/** The half nearest to a number among all halves; of two as near, the one with an even fraction. */
function nearest(x: number): number {
  let low = 0;
  let high = finite.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (halves[finite[middle]!]! <= x) low = middle;
    else high = middle;
  }
  const [a, b] = [finite[low]!, finite[high]!];
  const [down, up] = [x - halves[a]!, halves[b]! - x];
  if (down !== up) return down < up ? a : b;
  return a % 2 === 0 ? a : b;
}

test('every half comes back as itself', () => {
  const found = toHalfFloats(halves);
  for (let half = 0; half < 65536; half++) {
    if (Number.isNaN(halves[half]!)) assert.ok((found[half]! & 0x7fff) > 0x7c00);
    else assert.equal(found[half], half);
  }
});

test('the nearest half, ties to even: middles of neighbours, their neighbours, and random numbers', () => {
  const random = new Random(1);
  const values: number[] = [];
  const step = new Int32Array(1);
  const single = new Float32Array(step.buffer);
  for (let i = 0; i < finite.length - 1; i += 7) {
    const middle = (halves[finite[i]!]! + halves[finite[i + 1]!]!) / 2;
    single[0] = middle;
    step[0]! += 1;
    const beyond = single[0]!;
    step[0]! -= 2;
    values.push(middle, beyond, single[0]!);
  }
  for (let i = 0; i < 20_000; i++) values.push(random.normal() * 10 ** (8 * random.uniform() - 9));
  const singles = Float32Array.from(values).filter((x) => Math.abs(x) < 65520);
  const found = toHalfFloats(singles);
  singles.forEach((x, i) => {
    const expected = nearest(x);
    if ((expected & 0x7fff) === 0) assert.equal(found[i]! & 0x7fff, 0, `${x}`);
    else assert.equal(found[i], expected, `${x}`);
  });
  const huge = Float32Array.of(65519.99, 65520, -1e9, 1e-45, -1e-45, Number.NaN);
  assert.deepEqual([...toHalfFloats(huge)], [0x7bff, 0x7c00, 0xfc00, 0, 0x8000, 0x7e00]);
});
