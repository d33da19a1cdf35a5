import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../random.js';
import { fitResidual, judgeResidual, type ResidualCase, residualWords } from './residual.js';

const C = 8;
/** Cases whose next item is drawn by softmax(score + weight · (log P − prior · log P₀) / tokens^power). */
function cases(count: number, drawn: { weight: number; prior: number; lengthPower: number }, seed = 1): ResidualCase[] {
  const random = new Random(seed);
  const numbers = (size: number) => Float64Array.from({ length: C }, () => size * random.normal());
  return Array.from({ length: count }, () => {
    const one = {
      ...{ scores: numbers(1), logLikelihoods: numbers(6), priors: numbers(6), target: -1 },
      lengths: Float64Array.from({ length: C }, () => 1 + random.integer(9)),
    };
    const words = residualWords(one, drawn);
    const shares = one.scores.map((score, i) => Math.exp(score + drawn.weight * words[i]!));
    let point = random.uniform() * shares.reduce((sum, share) => sum + share, 0);
    const target = shares.findIndex((share) => {
      point -= share;
      return point < 0;
    });
    return { ...one, target };
  });
}

test('weights that targets were drawn by are found again', () => {
  for (const drawn of [
    { weight: 0.4, prior: 1, lengthPower: 0 },
    { weight: 1.5, prior: 0.5, lengthPower: 1 },
  ]) {
    const found = fitResidual(cases(3000, drawn));
    assert.deepEqual([found.prior, found.lengthPower], [drawn.prior, drawn.lengthPower]);
    assert.ok(Math.abs(found.weight - drawn.weight) < 0.1 * drawn.weight, `${found.weight}`);
  }
  const given = fitResidual(cases(300, { weight: 1, prior: 1, lengthPower: 0 }), { prior: 0, lengthPower: 0.3 });
  assert.deepEqual([given.prior, given.lengthPower], [0, 0.3]);
});

test('titles that say something gain more than chance, and others are not kept', () => {
  const told = judgeResidual(cases(1000, { weight: 1, prior: 1, lengthPower: 0 }));
  assert.ok(told.gain.gain > 5 * told.gain.standardError);
  const silent = judgeResidual(cases(1000, { weight: 0, prior: 1, lengthPower: 0 }));
  assert.ok(silent.weights.weight < 0.05 && silent.gain.gain < 2 * silent.gain.standardError);
});

test('a recommender that is too sure of itself, or not sure enough, is not mended by titles', () => {
  const drawn = { weight: 0.5, prior: 0, lengthPower: 0 };
  for (const size of [0.3, 1, 3]) {
    const sized = cases(3000, drawn).map((one) => ({ ...one, scores: one.scores.map((score) => size * score) }));
    const { scale, weight } = fitResidual(sized, { prior: 0, lengthPower: 0 });
    assert.ok(Math.abs(scale * size - 1) < 0.2, `${scale}`);
    assert.ok(Math.abs(weight / size - 0.5) < 0.1, `${weight}`);
    // of words that say what the scores say the other way round, the weight would be a cooler recommender
    const opposite = sized.map((one) => ({ ...one, logLikelihoods: one.scores.map((score) => -score) }));
    assert.equal(fitResidual(opposite, { prior: 0, lengthPower: 0 }).weight, 0);
  }
});

test('items without a title count as the mean of the others; without any target nothing is learned', () => {
  const [one] = cases(1, { weight: 1, prior: 0, lengthPower: 0 });
  const lengths = one!.lengths.map((length, i) => (i === 2 ? 0 : length));
  const words = residualWords({ ...one!, lengths }, { prior: 0, lengthPower: 0 });
  const others = [...words].filter((_, i) => i !== 2);
  assert.ok(Math.abs(words[2]! - others.reduce((sum, x) => sum + x, 0) / others.length) < 1e-12);
  const none = residualWords({ ...one!, lengths: new Float64Array(C) }, { prior: 0, lengthPower: 0 });
  assert.ok(none.every((word) => word === 0));
  const missed = [{ ...one!, target: -1 }];
  assert.equal(fitResidual(missed).weight, 0);
  assert.equal(judgeResidual(missed).gain.gain, 0);
});
