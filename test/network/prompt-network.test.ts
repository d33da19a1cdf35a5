/** What a network computes for a sequence must not depend on how the batch is laid out; checked by brute force. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { softPrompt } from '../../src/methods/soft-prompt.js';
import { readEmbeddingRows } from '../../src/network/checkpoint/embedding-rows.js';
import { type PromptNetwork, type PromptNetworkOptions, promptNetwork } from '../../src/network/prompt-network.js';
import { scoreSequences } from '../../src/network/score-sequences.js';
import { NOTHING } from '../../src/network/trainable.js';
import { learnedToken, type PromptSequence } from '../../src/prompt/sequence.js';
import { Random } from '../../src/random.js';
import { fixtureModels, randomPrompt, relativeError } from './fixtures.js';

const TOLERANCE = 1e-5;
const open = fixtureModels();
const checkpoint = await open('llama-tied');
const { vocabularySize: V, hiddenSize: d } = checkpoint.config;
const P = 3;
const prompt = randomPrompt(P * d);

const opened: PromptNetwork[] = [];
function network(options: Partial<PromptNetworkOptions> = {}): PromptNetwork {
  const made = promptNetwork(checkpoint, {
    loss: 'labels',
    trainable: softPrompt(P, d),
    sharedRows: 0,
    maxPositions: 64,
    ...options,
  });
  opened.push(made);
  return made;
}
after(() => Promise.all(opened.map((made) => made.release())));

/** What all contexts begin with; then each has a text of its own. */
const SHARED = [learnedToken(0), learnedToken(1), 1, learnedToken(2), 7];
const TEXT_LENGTHS = [1, 35, 4, 12, 3];
/** They share beginnings, one is the beginning of two others, and two end alike. */
const CANDIDATES = [[8, 30, 12], [8, 30, 12, 40], [8, 31, 12], [44], [8, 30]];
const ONE_TOKEN = [[8], [30], [44]];

function sequences(candidates: readonly number[][]): PromptSequence[] {
  const random = new Random(3);
  return TEXT_LENGTHS.map((length, i) => ({
    context: Int32Array.from([...SHARED, ...Array.from({ length }, () => random.integer(V))]),
    candidates: candidates.map((ids) => Int32Array.from(ids)),
    target: i % candidates.length,
  }));
}

function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  const error = relativeError(actual, expected);
  assert.ok(error < TOLERANCE, `relative error ${error}`);
}

test("a candidate's score is the sum of its tokens' log-probabilities, each from a run of the whole text before it", async () => {
  const words = Array.from({ length: V }, (_, word) => Int32Array.of(word));
  const one = network();
  const logProbability = async (context: Int32Array, token: number): Promise<number> => {
    const logits = await one.logits(prompt, [{ context, candidates: words, target: undefined }]);
    return logits[token]! - Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
  };
  const batch = sequences(CANDIDATES).slice(0, 3);
  const expected: number[] = [];
  for (const { context } of batch) {
    for (const candidate of CANDIDATES) {
      let sum = 0;
      for (const [j, token] of candidate.entries()) {
        sum += await logProbability(Int32Array.from([...context, ...candidate.slice(0, j)]), token);
      }
      expected.push(sum);
    }
  }
  assertClose(await one.logits(prompt, batch), expected);
});

test('many candidates of one sequence are computed in parts, with what one run gives', async () => {
  const random = new Random(9);
  const many = Array.from({ length: 60 }, (_, c) => [8 + (c % 5), 2 + c, ...(c % 3 === 0 ? [random.integer(V)] : [])]);
  const batch = sequences(many);
  const limits = { rows: 30, ends: 12 };
  for (const sharedRows of [0, SHARED.length]) {
    const [whole, parts] = [network({ sharedRows }), network({ sharedRows, limits })];
    assertClose(await parts.logits(prompt, batch), await whole.logits(prompt, batch));
    assertClose(await parts.logLikelihoods(prompt, batch), await whole.logLikelihoods(prompt, batch));
    const [expected, actual] = [await whole.lossAndGradient(prompt, batch), await parts.lossAndGradient(prompt, batch)];
    assertClose([actual.loss], [expected.loss]);
    assertClose(actual.gradient, expected.gradient);
    assertClose(await parts.attributions(prompt, batch[1]!), await whole.attributions(prompt, batch[1]!));
    const weights = Float32Array.from(many, () => random.normal());
    assertClose(
      await parts.likelihoodAttributions(prompt, batch[1]!, weights),
      await whole.likelihoodAttributions(prompt, batch[1]!, weights),
    );
  }
});

test('candidates that stand as trees behind their context have the scores, gradients and losses that they have in one tree', async () => {
  const random = new Random(11);
  const many = Array.from({ length: 80 }, (_, c) => [
    8 + (c % 7),
    c % V,
    random.integer(V),
    ...(c % 3 === 0 ? [5] : []),
  ]);
  const batch = sequences(many).slice(0, 2);
  for (const sharedRows of [0, SHARED.length]) {
    const one = network({ sharedRows });
    const alone = async (read: (sequence: PromptSequence) => Promise<Float32Array>) =>
      (await Promise.all(batch.map(read))).flatMap((values) => [...values]);
    // one sequence alone is laid out as trees, two together each as one
    assertClose(
      await alone((sequence) => one.logLikelihoods(prompt, [sequence])),
      await one.logLikelihoods(prompt, batch),
    );
    const together = await one.lossAndGradient(prompt, batch);
    const [a, b] = [await one.lossAndGradient(prompt, [batch[0]!]), await one.lossAndGradient(prompt, [batch[1]!])];
    assertClose([(a.loss + b.loss) / 2], [together.loss]);
    assertClose(
      a.gradient.map((value, i) => (value + b.gradient[i]!) / 2),
      together.gradient,
    );
    const parts = await network({ sharedRows, limits: { rows: 150, ends: 140 } }).lossAndGradient(prompt, [batch[0]!]);
    assertClose([parts.loss], [a.loss]);
    assertClose(parts.gradient, a.gradient);
  }
});

test('what contexts happen to begin with is computed once where that is asked for, and changes nothing', async () => {
  const batch = sequences(ONE_TOKEN);
  const shared = network({ shareBeginnings: true });
  assertClose(await shared.logits(prompt, batch), await network().logits(prompt, batch));
  assertClose(
    await shared.logLikelihoods(prompt, sequences(CANDIDATES)),
    await network().logLikelihoods(prompt, sequences(CANDIDATES)),
  );
});

test('what is added to other scores: nothing changes with none, and the gradient is that of finite differences', async () => {
  const plain = sequences(CANDIDATES);
  const random = new Random(5);
  const residual = (offset: number, weight: number) => ({
    offsets: Float32Array.from(CANDIDATES, () => offset * random.normal()),
    weights: Float32Array.from(CANDIDATES, () => (weight === 1 ? 1 : weight * random.uniform())),
  });
  const one = network();
  const asPlain = plain.map((sequence, i) => (i % 2 === 0 ? { ...sequence, residual: residual(0, 1) } : sequence));
  const [expected, actual] = [await one.lossAndGradient(prompt, plain), await one.lossAndGradient(prompt, asPlain)];
  assertClose([actual.loss], [expected.loss]);
  assertClose(actual.gradient, expected.gradient);

  const added = plain.map((sequence) => ({ ...sequence, residual: residual(2, 0.5) }));
  const logLikelihoods = await one.logLikelihoods(prompt, plain);
  const scores = logLikelihoods.map((value, at) => {
    const { offsets, weights } = added[Math.floor(at / CANDIDATES.length)]!.residual;
    return offsets[at % CANDIDATES.length]! + weights[at % CANDIDATES.length]! * value;
  });
  assertClose(await one.logits(prompt, added), scores);
  const { gradient } = await one.lossAndGradient(prompt, added);
  const direction = Float32Array.from(prompt, () => random.normal());
  const along = async (step: number) =>
    (
      await one.lossAndGradient(
        prompt.map((value, i) => value + step * direction[i]!),
        added,
      )
    ).loss;
  const slope = ((await along(2e-3)) - (await along(-2e-3))) / 4e-3;
  const told = gradient.reduce((sum, value, i) => sum + value * direction[i]!, 0);
  assert.ok(Math.abs(told - slope) < 0.01 * Math.abs(slope), `${told} and ${slope}`);
  const wrong = { ...added[0]!, residual: { ...added[0]!.residual, weights: new Float32Array(2) } };
  await assert.rejects(one.logits(prompt, [wrong]), { code: 'SEQUENCE_INVALID', message: /residual of 2 numbers/ });
});

test('labels of one token have logits that can be compared, however many there are', async () => {
  const words = Array.from({ length: V }, (_, word) => [word]);
  const [whole, parts] = [network(), network({ limits: { rows: 8, ends: 2 } })];
  const batch = sequences(words);
  assertClose(await parts.logits(prompt, batch), await whole.logits(prompt, batch));
  assertClose(await parts.logLikelihoods(prompt, batch), await whole.logLikelihoods(prompt, batch));
});

test('candidates scored together have the scores they have alone', async () => {
  const several = network();
  const batch = sequences(CANDIDATES);
  const together = await several.logits(prompt, batch);
  for (const [c, candidate] of CANDIDATES.entries()) {
    if (candidate.length === 1) continue; // alone, a single token has a score up to a constant
    const alone = await several.logits(
      prompt,
      batch.map((sequence) => ({ ...sequence, candidates: [sequence.candidates[c]!], target: 0 })),
    );
    assertClose(
      alone,
      batch.map((_, i) => together[i * CANDIDATES.length + c]!),
    );
  }
});

for (const [name, candidates] of [
  ['one-token labels', ONE_TOKEN],
  ['labels of several tokens', CANDIDATES],
] as const) {
  test(`${name}: shared rows, however many, change nothing`, async () => {
    const batch = sequences(candidates);
    const expectedScores = await network().logits(prompt, batch);
    for (const loss of ['labels', 'vocabulary'] as const) {
      const expected = await network({ loss }).lossAndGradient(prompt, batch);
      for (const sharedRows of [1, 2, SHARED.length]) {
        const shared = network({ loss, sharedRows });
        assertClose(await shared.logits(prompt, batch), expectedScores);
        const actual = await shared.lossAndGradient(prompt, batch);
        assertClose([actual.loss], [expected.loss]);
        assertClose(actual.gradient, expected.gradient);
      }
    }
  });

  test(`${name}: a sequence alone, in any company and in any order has the same scores`, async () => {
    const shared = network({ sharedRows: SHARED.length });
    const batch = sequences(candidates);
    const together = await shared.logits(prompt, batch);
    const C = candidates.length;
    for (const [i, sequence] of batch.entries()) {
      const expected = together.subarray(i * C, (i + 1) * C);
      assertClose(await shared.logits(prompt, [sequence]), expected);
      const turned = await shared.logits(prompt, [...batch.slice(i), sequence, ...batch.slice(0, i)]);
      assertClose(turned.subarray(0, C), expected);
      assertClose(turned.subarray((batch.length - i) * C, (batch.length - i + 1) * C), expected);
    }
    assertClose(await scoreSequences(shared, prompt, batch), together);
  });

  test(`${name}: pieces of a batch add up to its loss and gradient`, async () => {
    const batch = sequences(candidates);
    for (const loss of ['labels', 'vocabulary'] as const) {
      const whole = network({ loss, sharedRows: 3 });
      const expected = await whole.lossAndGradient(prompt, batch);
      const sum = { loss: 0, gradient: new Float64Array(P * d) };
      for (const piece of [batch.slice(0, 1), batch.slice(1, 3), batch.slice(3)]) {
        const part = await whole.lossAndGradient(prompt, piece, 1 / batch.length);
        sum.loss += part.loss;
        part.gradient.forEach((slope, i) => {
          sum.gradient[i]! += slope;
        });
      }
      assertClose([sum.loss], [expected.loss]);
      assertClose(sum.gradient, expected.gradient);
    }
  });

  test(`${name}: the loss is what the scores say`, async () => {
    const batch = sequences(candidates);
    const scores = await network().logits(prompt, batch);
    const C = candidates.length;
    const losses = batch.map(({ target }, i) => {
      const row = scores.subarray(i * C, (i + 1) * C);
      return Math.log(row.reduce((sum, score) => sum + Math.exp(score), 0)) - row[target!]!;
    });
    const { loss } = await network().lossAndGradient(prompt, batch);
    assertClose([loss], [losses.reduce((sum, x) => sum + x, 0) / batch.length]);
  });

  test(`${name}: attributions are gradient × input, as if every token of the context were learned`, async () => {
    const sequence = sequences(candidates)[2]!;
    const T = sequence.context.length;
    const rows = await Promise.all(
      Array.from(sequence.context, async (id) =>
        id < 0 ? prompt.subarray((-1 - id) * d, -id * d) : readEmbeddingRows(checkpoint, [id]),
      ),
    );
    const learned = Float32Array.from(rows.flatMap((row) => [...row]));
    const context = Int32Array.from({ length: T }, (_, t) => learnedToken(t));
    const { gradient } = await network({ trainable: softPrompt(T, d) }).lossAndGradient(learned, [
      { ...sequence, context },
    ]);
    const expected = rows.map((row, t) => row.reduce((sum, x, j) => sum - x * gradient[t * d + j]!, 0));
    for (const sharedRows of [0, SHARED.length]) {
      assertClose(await network({ sharedRows }).attributions(prompt, sequence), expected);
    }
  });
}

test('a written prompt, with no learned token, is scored', async () => {
  const written = sequences(CANDIDATES).map(({ context, ...rest }) => ({
    context: context.filter((id) => id >= 0),
    ...rest,
  }));
  const fixed = await network({ trainable: NOTHING, sharedRows: 2 }).logits(new Float32Array(0), written);
  const unused = await network().logits(prompt, written);
  assertClose(fixed, unused);
});

test('what would be computed wrongly is refused before it runs', async () => {
  const [first, ...others] = sequences(CANDIDATES);
  const short = network({ maxPositions: 20 });
  await assert.rejects(short.logits(prompt, [first!, ...others]), { code: 'SEQUENCE_TOO_LONG' });
  const unlabelled = [{ ...first!, target: undefined }];
  assert.equal((await short.logits(prompt, unlabelled)).length, CANDIDATES.length);
  await assert.rejects(short.lossAndGradient(prompt, unlabelled), { code: 'SEQUENCE_INVALID' });
  await assert.rejects(short.attributions(prompt, unlabelled[0]!), { code: 'SEQUENCE_INVALID' });
});
