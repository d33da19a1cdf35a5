import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../random.js';
import { CmaEs } from './cma-es.js';

/** The least value within so many evaluations, and where. */
function minimise(f: (x: Float64Array) => number, mean: readonly number[], sigma: number, evaluations: number) {
  const search = new CmaEs({ mean, sigma, random: new Random(1) });
  let best: { value: number; x: Float64Array } = { value: Number.POSITIVE_INFINITY, x: Float64Array.from(mean) };
  for (let done = 0; done < evaluations; done += search.population) {
    const points = search.ask();
    const values = points.map(f);
    for (const [i, value] of values.entries()) if (value < best.value) best = { value, x: points[i]! };
    search.tell(points, values);
  }
  return best;
}

const ten = Array.from({ length: 10 }, () => 3);

test('the sphere is minimised from afar as fast as in the tutorial: a factor of ten about every 10·n evaluations', () => {
  const { value } = minimise((x) => x.reduce((sum, one) => sum + one * one, 0), ten, 0.5, 2000);
  assert.ok(value < 1e-10, `${value}`);
});

test("Rosenbrock's valley is followed to its end", () => {
  const rosenbrock = (x: Float64Array) => {
    let sum = 0;
    for (let i = 0; i + 1 < x.length; i++) sum += 100 * (x[i + 1]! - x[i]! ** 2) ** 2 + (1 - x[i]!) ** 2;
    return sum;
  };
  const { value, x } = minimise(rosenbrock, [0, 0, 0, 0, 0, 0, 0, 0], 0.2, 12_000);
  assert.ok(value < 1e-9 && x.every((one) => Math.abs(one - 1) < 1e-3), `${value} at ${x}`);
});

test('an ellipsoid of condition 10⁶ in turned axes is no harder: the covariance learns its shape', () => {
  const ellipsoid = (x: Float64Array) => {
    let sum = 0;
    for (let i = 0; i < x.length; i++) {
      const turned = (x[i]! + x[(i + 1) % x.length]!) / Math.SQRT2 + (i === 0 ? x[0]! : 0);
      sum += 10 ** ((6 * i) / (x.length - 1)) * turned * turned;
    }
    return sum;
  };
  const { value } = minimise(ellipsoid, [1, 1, 1, 1, 1, 1], 0.5, 6000);
  assert.ok(value < 1e-9, `${value}`);
});

test('the same seed gives the same generations', () => {
  const run = () => {
    const search = new CmaEs({ mean: [0, 0, 0], sigma: 1, random: new Random(7) });
    for (let i = 0; i < 5; i++) {
      const points = search.ask();
      search.tell(
        points,
        points.map((x) => x[0]! ** 2 + Math.abs(x[1]! - 1)),
      );
    }
    return [...search.mean, search.sigma];
  };
  assert.deepEqual(run(), run());
});
