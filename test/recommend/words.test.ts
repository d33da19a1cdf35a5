/** Titles ranked by a frozen model: against brute force through the network's logits, and against finite differences. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { softPrompt } from '../../src/methods/soft-prompt.js';
import { loadModel } from '../../src/network/load-model.js';
import { promptNetwork } from '../../src/network/prompt-network.js';
import { learnedToken } from '../../src/prompt/sequence.js';
import { attributeTitle, occludeTitles } from '../../src/recommend/titles/explain-titles.js';
import { historyContext } from '../../src/recommend/titles/history-context.js';
import { openTitleScorer } from '../../src/recommend/titles/open-title-scorer.js';
import { titleLikelihoods } from '../../src/recommend/titles/title-likelihoods.js';
import { randomPrompt, relativeError, stories } from '../network/fixtures.js';
import { logitsEverywhere } from '../network/logits-everywhere.js';
import { TINY_MODEL } from '../tasks/word-task.js';

const TEMPLATE = 'liked {history|keep=end}. next {label}.';
const HISTORY = ['old film', 'the sea', 'a day'];
/** Some begin alike, one is the beginning of another, and two are the same. */
const TITLES = ['the sea two', 'the sea', 'the sky', 'old', 'older', 'old', 'z'];

const open = await openTitleScorer(TINY_MODEL, { template: TEMPLATE });
const { scorer, model } = open;
const { network, prompt, tokenizer } = scorer;
after(() => open.close());

/** log P(continuation | context), a full run of the network for each pair, softmax by hand in float64. */
async function bruteForce(context: readonly number[], continuation: readonly number[]): Promise<number> {
  const [logits] = await logitsEverywhere(model.checkpoint, [[...context, ...continuation]], 0);
  return continuation.reduce((sum, id, j) => {
    const row = Float64Array.from(logits![context.length - 1 + j]!);
    const top = row.reduce((a, b) => Math.max(a, b));
    return sum + row[id]! - top - Math.log(row.reduce((total, value) => total + Math.exp(value - top), 0));
  }, 0);
}
const encode = (text: string) => tokenizer.encode(text, true);
const bos = tokenizer.bos === undefined ? [] : [tokenizer.bos];
const withHistory = [
  ...bos,
  ...tokenizer.encode('liked', false),
  ...encode(` ${HISTORY.join(', ')}`),
  ...encode('. next'),
];

test("a title's likelihood is that of its tokens one after the other, whatever is scored beside it", async () => {
  const expected: number[] = [];
  for (const title of TITLES) expected.push(await bruteForce(withHistory, [...encode(` ${title}`), ...encode('.')]));
  const { logLikelihoods, context } = await scorer.score(HISTORY, TITLES);
  assert.deepEqual([...context.ids], withHistory);
  assert.ok(relativeError(logLikelihoods, expected) < 1e-5);
  const ids = TITLES.map(scorer.encodeTitle);
  for (const rowsARun of [1, 6, 20]) {
    const pieces = await titleLikelihoods(network, prompt, context.ids, ids, { rowsARun });
    assert.ok(relativeError(pieces, expected) < 1e-5, `${rowsARun} rows a run`);
  }
  assert.equal(logLikelihoods[3], logLikelihoods[5]);
});

test('a question about a title is scored by the log odds of yes, with or without the history', async () => {
  const asking = await openTitleScorer(TINY_MODEL, {
    template: 'liked {history|keep=end}. is {label} next',
    form: 'yes-no',
    scoring: { prior: 0.5, lengthPower: 1 },
  });
  try {
    const { scorer: asked } = asking;
    const odds = async (context: readonly number[], title: string) => {
      const question = [...encode(` ${title}`), ...encode(' next')];
      const [yes, no] = [' yes', ' no'].map((word) => [...question, ...encode(word)]);
      return (await bruteForce(context, yes!)) - (await bruteForce(context, no!));
    };
    const context = [...withHistory.slice(0, -encode('. next').length), ...encode('. is')];
    const without = [...bos, ...tokenizer.encode('is', false)];
    const expected: number[] = [];
    const priors: number[] = [];
    for (const title of TITLES) {
      expected.push(await odds(context, title));
      priors.push(await odds(without, title));
    }
    const { logLikelihoods, scores } = await asked.score(HISTORY, TITLES);
    assert.ok(
      expected.every((value, i) => Math.abs(value - logLikelihoods[i]!) < 1e-4),
      `${expected} ${logLikelihoods}`,
    );
    assert.ok(scores.every((score, i) => Math.abs(score - (expected[i]! - 0.5 * priors[i]!)) < 1e-4));
    const effects = await occludeTitles(asked, HISTORY, ['the sea']);
    assert.ok(effects[0]!.some((effect) => effect !== 0));
  } finally {
    await asking.close();
  }
});

test('titles of one token each are comparable with others', async () => {
  const ids = ['z', 'q', 'zq'].map((title) => Int32Array.from(encode(title)));
  const context = Int32Array.from(withHistory);
  const together = await titleLikelihoods(network, prompt, context, ids);
  const apart = await titleLikelihoods(network, prompt, context, ids, { rowsARun: 1 });
  assert.ok(relativeError(apart, together) < 1e-5);
});

test('scores: likelihood, mean a token, and what the history adds', async () => {
  const without = [...bos, ...tokenizer.encode('next', false)];
  const { logLikelihoods } = await scorer.score(HISTORY, TITLES);
  for (const [prior, lengthPower] of [
    [0, 0],
    [0, 1],
    [1, 0],
    [0.5, 0.5],
  ] as const) {
    const other = await openTitleScorer(TINY_MODEL, { template: TEMPLATE, scoring: { prior, lengthPower } });
    const { scores } = await other.scorer.score(HISTORY, TITLES);
    await other.close();
    for (const [i, title] of TITLES.entries()) {
      const ids = [...encode(` ${title}`), ...encode('.')];
      const expected = (logLikelihoods[i]! - prior * (await bruteForce(without, ids))) / ids.length ** lengthPower;
      assert.ok(Math.abs(scores[i]! - expected) < 1e-3, `${title}: ${scores[i]}, ${expected}`);
    }
  }
});

test('a history that is too long loses its oldest titles, whole', async () => {
  const titles = Array.from({ length: 12 }, (_, i) => `film ${i}`);
  const short = await openTitleScorer(TINY_MODEL, { template: TEMPLATE, maxLength: 60 });
  after(() => short.close());
  const context = historyContext(short.scorer.open, titles, 10);
  assert.ok(context.kept > 1 && context.kept < 12, `${context.kept} kept`);
  const kept = [...context.ids.subarray(context.slot.start, context.slot.end)];
  assert.deepEqual(kept, encode(` ${titles.slice(-context.kept).join(', ')}`));
  const one = historyContext(short.scorer.open, ['first', 'x'.repeat(200)], 10);
  assert.equal(one.kept, 1);
  assert.equal(one.ids.length, 50);
  // a shorter answer leaves room for more
  assert.ok(historyContext(short.scorer.open, titles, 1).kept >= context.kept);
});

test('occlusion is the difference that leaving a title out makes', async () => {
  const effects = await occludeTitles(scorer, HISTORY, TITLES);
  const { logLikelihoods } = await scorer.score(HISTORY, TITLES);
  for (const [i] of HISTORY.entries()) {
    const rest = HISTORY.filter((_, other) => other !== i);
    const { logLikelihoods: without } = await scorer.score(rest, TITLES);
    for (const [t] of TITLES.entries()) {
      assert.ok(Math.abs(effects[t]![i]! - (logLikelihoods[t]! - without[t]!)) < 1e-4);
    }
  }
  const [first] = await occludeTitles(scorer, HISTORY, TITLES.slice(0, 1), TITLES.slice(1));
  for (const [i, effect] of first!.entries()) {
    const level = effects.slice(1).reduce((sum, other) => sum + other[i]!, 0) / (TITLES.length - 1);
    assert.ok(Math.abs(effect - (effects[0]![i]! - level)) < 1e-4);
  }
  const withItself = await occludeTitles(scorer, HISTORY, TITLES.slice(0, 1), TITLES);
  assert.ok(relativeError(withItself[0]!, first!) < 1e-5, 'a title is not compared with itself');
  const [alone] = await occludeTitles(scorer, ['a day'], ['the sea']);
  const { logLikelihoods: own } = await scorer.score(['a day'], ['the sea']);
  const { logLikelihoods: nothing } = await scorer.score([], ['the sea']);
  assert.ok(Math.abs(alone![0]! - (own[0]! - nothing[0]!)) < 1e-4);
});

test('attributions add up to those of all tokens, title by title', async () => {
  const parts = await attributeTitle(scorer, HISTORY, 'the sea two');
  assert.deepEqual(
    parts.flatMap((part) => (part.kind === 'history' ? [part.place] : [])),
    [0, 1, 2],
  );
  const context = Int32Array.from(withHistory);
  const sequence = { context, candidates: [scorer.encodeTitle('the sea two')], target: undefined };
  const values = await network.likelihoodAttributions(prompt, sequence, Float32Array.of(1));
  const sum = (numbers: Float32Array) => numbers.reduce((total, value) => total + value, 0);
  assert.ok(Math.abs(parts.reduce((total, { attribution }) => total + attribution, 0) - sum(values)) < 1e-4);
  const start = withHistory.length - encode('. next').length - encode(` ${HISTORY.join(', ')}`).length;
  const second = [start + encode(' old film,').length, start + encode(' old film, the sea,').length] as const;
  const compared = await attributeTitle(scorer, HISTORY, 'the sea two', ['old', 'the sky']);
  const others = [await attributeTitle(scorer, HISTORY, 'old'), await attributeTitle(scorer, HISTORY, 'the sky')];
  for (const [i, { attribution }] of compared.entries()) {
    const level = (others[0]![i]!.attribution + others[1]![i]!.attribution) / 2;
    assert.ok(Math.abs(attribution - (parts[i]!.attribution - level)) < 1e-4);
  }
  const withItself = await attributeTitle(scorer, HISTORY, 'the sea two', ['old', 'the sea two', 'the sky']);
  assert.deepEqual(withItself, compared, 'a title is not compared with itself');
  const place1 = parts.find((part) => part.kind === 'history' && part.place === 1)!;
  assert.ok(Math.abs(place1.attribution - sum(values.subarray(...second))) < 1e-5);
});

test('attributions are the derivative of the weighted likelihoods as an embedding is scaled', async () => {
  const { checkpoint } = await loadModel(TINY_MODEL);
  const P = 3;
  const d = checkpoint.config.hiddenSize;
  const learned = promptNetwork(checkpoint, {
    loss: 'labels',
    trainable: softPrompt(P, d),
    sharedRows: 8,
    maxPositions: 32,
  });
  after(() => learned.release());
  const values = randomPrompt(P * d);
  const context = Int32Array.of(learnedToken(0), 9, learnedToken(1), learnedToken(2));
  const candidates = [Int32Array.of(8, 12, 5), Int32Array.of(8, 3), Int32Array.of(20)];
  const sequence = { context, candidates, target: undefined };
  const weights = Float32Array.of(1, -0.5, 0.25);
  const attributions = await learned.likelihoodAttributions(values, sequence, weights);
  const total = async (scaled: number, by: number) => {
    const prompt = values.map((x, i) => (Math.floor(i / d) === scaled ? x * by : x));
    const likelihoods = await learned.logLikelihoods(prompt, [sequence]);
    return likelihoods.reduce((sum, value, c) => sum + value * weights[c]!, 0);
  };
  for (const [token, place] of [0, 2, 3].entries()) {
    const step = 0.02;
    const difference = ((await total(token, 1 + step)) - (await total(token, 1 - step))) / (2 * step);
    assert.ok(
      Math.abs(attributions[place]! - difference) < 2e-3 * (1 + Math.abs(difference)),
      `${attributions[place]}, ${difference}`,
    );
  }
});

test('stories260k: a name that was met comes next sooner, because it was met', { skip: stories.skip }, async () => {
  const tale = await openTitleScorer(stories.folder, {
    template: 'One day, {history} were playing. {label} said',
    scoring: { prior: 1 },
  });
  after(() => tale.close());
  const history = ['Lily', 'Tom', 'Max'];
  const { scores } = await tale.scorer.score(history, [...history, 'Ben', 'Sue', 'Mia']);
  assert.ok(Math.min(...scores.subarray(0, 3)) > Math.max(...scores.subarray(3)) + 1, `scores ${scores}`);
  const effects = await occludeTitles(tale.scorer, history, history);
  for (const [i, effect] of effects.entries()) {
    assert.equal(effect.indexOf(Math.max(...effect)), i, `${history[i]}: ${effect}`);
  }
});
