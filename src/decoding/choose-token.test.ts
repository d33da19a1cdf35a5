import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../random.js';
import { chooseToken, type DrawSettings } from './choose-token.js';

const LOGITS = Float32Array.from([2, 1, 0, 3, -1, 1.5]);
const PLAIN: DrawSettings = { temperature: 1, topK: 0, topP: 1, minP: 0 };

/** Probabilities by their definitions, one after the other. */
function expected({ temperature, topK, topP, minP }: DrawSettings): number[] {
  const weights = Array.from(LOGITS, (logit) => Math.exp(logit / temperature));
  const normal = (values: readonly number[]) => {
    const sum = values.reduce((a, b) => a + b, 0);
    return values.map((value) => value / sum);
  };
  let shares = normal(weights);
  const order = [...shares.keys()].sort((a, b) => shares[b]! - shares[a]!);
  if (topK > 0) shares = normal(shares.map((share, id) => (order.indexOf(id) < topK ? share : 0)));
  if (topP < 1) {
    let sum = 0;
    const kept = new Set<number>();
    for (const id of order) {
      if (sum >= topP) break;
      kept.add(id);
      sum += shares[id]!;
    }
    shares = normal(shares.map((share, id) => (kept.has(id) ? share : 0)));
  }
  const most = Math.max(...shares);
  return normal(shares.map((share) => (share >= minP * most ? share : 0)));
}

for (const settings of [
  PLAIN,
  { ...PLAIN, temperature: 0.5 },
  { ...PLAIN, topK: 3 },
  { ...PLAIN, topP: 0.8 },
  { ...PLAIN, minP: 0.2 },
  { temperature: 1.5, topK: 5, topP: 0.9, minP: 0.1 },
]) {
  test(`draws by ${JSON.stringify(settings)}`, () => {
    const random = new Random(1);
    const counts = new Array<number>(LOGITS.length).fill(0);
    const draws = 20_000;
    for (let i = 0; i < draws; i++) counts[chooseToken(LOGITS, settings, random)]!++;
    const shares = expected(settings);
    counts.forEach((count, id) => {
      const error = Math.abs(count / draws - shares[id]!);
      assert.ok(error < 0.015, `token ${id}: ${count / draws}, expected ${shares[id]}`);
      if (shares[id] === 0) assert.equal(count, 0, `token ${id} must not come`);
    });
  });
}

test('the likeliest, the first of equals', () => {
  assert.equal(chooseToken(Float32Array.of(1, 4, 4), { ...PLAIN, temperature: 0 }, new Random(0)), 1);
});
