import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shareInterval } from './people.js';

test("Wilson's interval of a share is that of SciPy, and never leaves 0 to 1", () => {
  // scipy.stats.binomtest(count, n).proportion_ci(method='wilson')
  const near = (count: number, n: number, low: number, high: number) => {
    const interval = shareInterval(count, n);
    assert.ok(Math.abs(interval[0] - low) < 1e-6 && Math.abs(interval[1] - high) < 1e-6, `${interval}`);
  };
  near(133, 600, 0.19026019, 0.25661449);
  near(0, 20, 0, 0.161125);
  near(20, 20, 0.838875, 1);
});
