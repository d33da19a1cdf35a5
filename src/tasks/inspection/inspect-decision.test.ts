import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { softPrompt } from '../../methods/soft-prompt.js';
import { readEmbeddingRows } from '../../network/checkpoint/embedding-rows.js';
import { loadModel } from '../../network/load-model.js';
import { promptNetwork } from '../../network/prompt-network.js';
import { asLearnedToken, learnedToken, type PromptSequence } from '../../prompt/sequence.js';
import type { Tokenizer } from '../../tokenizer/tokenizer.js';
import { readPeftPrompt } from '../prompt-folder/read-prompt.js';
import { textTask } from '../text-task.js';
import { explainDecision, summarizeDecisions } from './inspect-decision.js';
import { formatDecision, formatDecisionSummary } from './inspect-format.js';

const scratch = mkdtempSync(join(tmpdir(), 'softprompt-inspect-'));
const model = await loadModel('test/fixtures/peft/model', { cacheFolder: scratch });
const { embeddings } = await readPeftPrompt('test/fixtures/peft/prompt');
const prompt = embeddings.values;
const width = embeddings.width;

/** A task with labels of one token or of several. */
const taskWith = (labels: Record<string, string>) =>
  textTask(model, {
    template: '[soft:2]{text} is[soft:2]{label}',
    labels,
    maxLength: 64,
    loss: 'labels',
    threads: 1,
  });
const oneToken = taskWith({ x: 'b', y: 'k', z: 'Q' });
const severalTokens = taskWith({ x: 'cat', y: 'dog' });
after(async () => {
  rmSync(scratch, { recursive: true });
  for (const { network } of [oneToken, severalTokens]) await network.release();
});
const encode = (task: typeof oneToken, text: string, label?: string) =>
  task.compiled.encode({ id: 'a', fields: { text }, label });

/**
 * log of the target's share among the candidates when every token of the context is scaled by its factor. The words
 * take part as learned tokens that hold their embeddings, so that the network can be fed any number in their place.
 */
async function scaledScorer(sequence: PromptSequence, target: number) {
  const rows = await readEmbeddingRows(
    model.checkpoint,
    [...sequence.context].map((id) => Math.max(id, 0)),
  );
  sequence.context.forEach((id, t) => {
    const k = asLearnedToken(id);
    if (k !== undefined) rows.set(prompt.subarray(k * width, (k + 1) * width), t * width);
  });
  const network = promptNetwork(model.checkpoint, {
    loss: 'labels',
    trainable: softPrompt(sequence.context.length, width),
    sharedRows: 0,
    maxPositions: 64,
    threads: 1,
  });
  const learned = { ...sequence, context: sequence.context.map((_, t) => learnedToken(t)) };
  const scoreAt = async (factors: readonly number[]) => {
    const scaled = rows.map((x, i) => x * factors[Math.floor(i / width)]!);
    const scores = [...(await network.logits(scaled, [learned]))];
    return scores[target]! - Math.log(scores.reduce((sum, score) => sum + Math.exp(score), 0));
  };
  return { scoreAt, release: () => network.release() };
}

for (const [name, task] of Object.entries({ oneToken, severalTokens })) {
  test(`attributions are the score's change as embeddings grow, token by token and in all (${name})`, async () => {
    const sequence = encode(task, 'Hello, W');
    const explanation = await explainDecision(task, prompt, sequence);
    const target = task.labelKeys.indexOf(explanation.predicted);
    const { scoreAt, release } = await scaledScorer(sequence, target);
    const T = sequence.context.length;
    assert.equal(explanation.pieces.length, T);
    const slope = async (grows: (t: number) => boolean) => {
      const at = (change: number) => scoreAt(Array.from({ length: T }, (_, t) => (grows(t) ? 1 + change : 1)));
      // fourth-order central difference
      const [a, b, c, d] = [await at(-0.04), await at(-0.02), await at(0.02), await at(0.04)];
      return (a - 8 * b + 8 * c - d) / 0.24;
    };
    const tolerance = 2e-4;
    for (const [t, { attribution }] of explanation.pieces.entries()) {
      const expected = await slope((other) => other === t);
      assert.ok(Math.abs(attribution - expected) < tolerance, `token ${t}: ${attribution}, expected ${expected}`);
    }
    const sum = explanation.pieces.reduce((total, { attribution }) => total + attribution, 0);
    const expected = await slope(() => true);
    assert.ok(Math.abs(expected) > 100 * tolerance, `${expected} would show little`);
    assert.ok(Math.abs(sum - expected) < T * tolerance, `sum ${sum}, expected ${expected}`);
    await release();
  });
}

test('an explanation names the answer, its probabilities and the tokens as people read them', async () => {
  const sequence = encode(oneToken, 'Hi!', 'y');
  const explanation = await explainDecision(oneToken, prompt, sequence);
  const scores = [...(await oneToken.network.logits(prompt, [sequence]))];
  const total = scores.reduce((sum, score) => sum + Math.exp(score), 0);
  for (const [c, key] of ['x', 'y', 'z'].entries()) {
    assert.ok(Math.abs(explanation.probabilities[key]! - Math.exp(scores[c]!) / total) < 1e-6);
  }
  assert.equal(explanation.predicted, ['x', 'y', 'z'][scores.indexOf(Math.max(...scores))]);
  assert.equal(explanation.right, 'y');
  const bos = model.tokenizer.bos === undefined ? [] : [model.tokenizer.describe(model.tokenizer.bos)];
  assert.deepEqual(
    explanation.pieces.map((piece) => (piece.kind === 'learned' ? piece.token : piece.text)),
    [0, 1, ...bos, 'H', 'i', '!', ' ', 'i', 's', 2, 3],
  );
  const shares = explanation.pieces.map(({ share }) => share);
  assert.ok(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1) < 1e-9);
  const learned = shares[0]! + shares[1]! + shares.at(-2)! + shares.at(-1)!;
  assert.ok(Math.abs(explanation.promptShare! - learned) < 1e-12);
  assert.deepEqual(JSON.parse(JSON.stringify(explanation)), explanation);
});

test('calibration moves the answer, and the explanation is of the answer given', async () => {
  const sequence = encode(severalTokens, 'Hi!');
  const plain = await explainDecision(severalTokens, prompt, sequence);
  const likes = severalTokens.labelKeys.indexOf(plain.predicted);
  const logBias = severalTokens.labelKeys.map((_, c) => (c === likes ? 50 : 0));
  const moved = await explainDecision(severalTokens, prompt, sequence, { method: 'contextual', logBias });
  assert.notEqual(moved.predicted, plain.predicted);
  assert.ok(moved.probabilities[moved.predicted]! > 0.99);
  assert.equal(moved.right, undefined);
  // with two labels what speaks for one speaks against the other
  moved.pieces.forEach((piece, i) => {
    assert.ok(piece.attribution * plain.pieces[i]!.attribution <= 0);
  });
});

test('tokens that are parts of a character are shown and counted as one', async () => {
  const bytes = new Map([
    [40, [0xe6]],
    [41, [0xad, 0xa3]],
    [42, [0x62]],
  ]);
  const byteLevel: Tokenizer = {
    ...model.tokenizer,
    decode: (ids) => Buffer.from(ids.flatMap((id) => bytes.get(id)!)).toString('utf8'),
    describe: (id) => (id === 42 ? 'b' : `part ${id}`),
  };
  const attributions = Float32Array.of(1, 0.5, -0.25, 4, 0.125, 8);
  const task: Parameters<typeof explainDecision>[0] = {
    labelKeys: ['x', 'y'],
    model: { ...model, tokenizer: byteLevel },
    network: {
      ...oneToken.network,
      logits: async () => Float32Array.of(0, 1),
      attributions: async (_, { target }) => attributions.map((a) => (target === 1 ? a : Number.NaN)),
    },
  };
  const context = Int32Array.of(learnedToken(0), 40, 41, 42, 40, learnedToken(1));
  const { pieces } = await explainDecision(task, prompt, { context, candidates: [], target: undefined });
  assert.deepEqual(
    pieces.map((piece) => [piece.kind === 'learned' ? piece.token : piece.text, piece.attribution]),
    [
      [0, 1],
      ['正', 0.25],
      ['b', 4],
      ['part 40', 0.125],
      [1, 8],
    ],
  );
});

test('many decisions are summed up by mean shares', async () => {
  const texts = ['Hello', 'a b', 'QWERTY?'];
  const all = await Promise.all(texts.map((text) => explainDecision(oneToken, prompt, encode(oneToken, text))));
  const { examples, promptShare, textShare, tokenShares } = summarizeDecisions(all, 4);
  assert.equal(examples, 3);
  assert.ok(Math.abs(promptShare! + textShare - 1) < 1e-9);
  assert.ok(Math.abs(promptShare! - all.reduce((sum, one) => sum + one.promptShare!, 0) / 3) < 1e-12);
  assert.ok(Math.abs(tokenShares.reduce((sum, share) => sum + share, 0) - promptShare!) < 1e-9);
  const ofFirst = all.map(({ pieces }) => pieces[0]!.share);
  assert.ok(Math.abs(tokenShares[0]! - ofFirst.reduce((sum, share) => sum + share, 0) / 3) < 1e-12);

  const text = formatDecisionSummary({ examples, promptShare, textShare, tokenShares });
  assert.match(text, /over 3 examples/);
  const order = [...text.matchAll(/\[(\d)\] ([\d.]+)%/g)];
  assert.equal(order.length, 4);
  assert.ok(order.every(([, , share], i) => i === 0 || Number(share) <= Number(order[i - 1]![2])));
});

test('a decision for a terminal: bars to the left against the answer, to the right for it, colour on demand', () => {
  const explanation = {
    predicted: 'good',
    right: 'bad',
    probabilities: { bad: 0.25, good: 0.75 },
    pieces: [
      { kind: 'learned', token: 0, attribution: 2, share: 0.5 },
      { kind: 'text', ids: [1], text: ' 正', attribution: -1, share: 0.25 },
      { kind: 'text', ids: [2, 3], text: '\u009b', attribution: 1, share: 0.25 },
    ],
    promptShare: 0.5,
  } as const;
  assert.equal(
    formatDecision(explanation),
    [
      'predicted good; right is bad (bad 25.0%, good 75.0%)',
      'what speaks for good (right) and against it (left), gradient × input; learned tokens 50.0%',
      'token   nats  share',
      '[0]        2  50.0%                  │████████████████',
      "' 正'     -1  25.0%          ████████│",
      "'\\x9B'     1  25.0%                  │████████",
    ].join('\n'),
  );
  const colored = formatDecision(explanation, { color: true });
  assert.ok(colored.includes('\u001b[31m████████\u001b[0m│'));
  assert.ok(colored.includes('│\u001b[32m████████████████\u001b[0m'));
  assert.equal(stripVTControlCharacters(colored).replaceAll(/ +$/gm, ''), formatDecision(explanation));
});
