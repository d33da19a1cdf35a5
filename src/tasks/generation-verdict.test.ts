import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluateGeneration } from '../evaluation/generation/generation-report.js';
import { areNearer, generationVerdict } from './generation-verdict.js';
import type { MeasuredGeneration } from './measure-generation.js';

const RIGHT = [
  'the red boat leaves at noon',
  'a small house by the sea',
  'she reads an old letter',
  'rain falls on the hill',
];

/** Texts of which so many are right and the others have nothing in common with what is right. */
function measured(count: number, right: number, perplexity = 2, from = 0): MeasuredGeneration {
  const references = Array.from({ length: count }, (_, i) => [RIGHT[i % RIGHT.length]!]);
  const predictions = references.map(([text], i) => (i >= from && i < from + right ? text! : 'zzz yyy'));
  const likelihoods = references.map(() => ({ nll: 10 * Math.log(perplexity), tokens: 10 }));
  const input = { predictions, references, likelihoods, seed: 0, resamples: 200 };
  const answers = predictions.map((text, i) => ({ example: { id: `${i}`, fields: {}, label: undefined }, text }));
  return { report: evaluateGeneration(input), input, answers };
}

test('texts that come nearer to the right ones by the whole interval are worth using, and the other way round', () => {
  const better = generationVerdict(measured(120, 90), measured(120, 40), 'test');
  assert.equal(better.kind, 'better');
  assert.equal(better.next, 'use');
  assert.match(
    better.text,
    /^On 120 test texts, the prompt has ROUGE-L 0\.750 \(written prompt 0\.333: measurably better\)\. It is worth using/,
  );
  const worse = generationVerdict(measured(120, 40), measured(120, 90), 'test');
  assert.equal(worse.kind, 'worse');
  assert.equal(worse.next, 'use-baseline');
  assert.match(
    generationVerdict(measured(120, 40), measured(120, 90), 'test', true).text,
    /The written prompt is kept in its place\.$/,
  );
});

test('where no difference can be told, few texts call for more, many for another model, and validation rows for others', () => {
  const next = (count: number, split: 'test' | 'validation') =>
    generationVerdict(measured(count, count / 2), measured(count, count / 2), split).next;
  assert.equal(next(98, 'test'), 'more-data');
  assert.equal(next(100, 'test'), 'another-model');
  assert.equal(next(120, 'validation'), 'test-data');
});

test('where no text was generated the perplexity judges: less is better', () => {
  const bare = (perplexity: number) => {
    const all = measured(120, 0, perplexity);
    const { predictions: _, ...input } = all.input;
    const none = { ...input, predictions: [], references: [] };
    return { report: evaluateGeneration(none), input: none, answers: [] };
  };
  const verdict = generationVerdict(bare(2), bare(5), 'test');
  assert.equal(verdict.measure, 'perplexity');
  assert.equal(verdict.kind, 'better');
  assert.match(verdict.text, /a perplexity of 2\.0 \(written prompt 5\.0: measurably better\)/);
  assert.equal(generationVerdict(bare(5), undefined, 'test').against.length, 0);
});

test('the written prompt is kept where its texts are nearer by more than one standard error', () => {
  const learned = measured(120, 60);
  assert.ok(!areNearer(measured(120, 60), learned));
  assert.ok(!areNearer(measured(120, 63, 2, 20), learned), 'three more of 43 that differ');
  assert.ok(areNearer(measured(120, 73, 2, 20), learned), 'thirteen more of 53');
  assert.ok(areNearer(measured(120, 70), learned));
  assert.ok(!areNearer(learned, measured(120, 70)));
});
