import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { exactMatch, tokenF1 } from './answer-match.js';
import { bleuCounts, corpusBleu } from './bleu.js';
import { chrfCounts, corpusChrf } from './chrf.js';
import { distinct, distinctSentences } from './distinct.js';
import { featureReport } from './features.js';
import { evaluateGeneration } from './generation-report.js';
import { perplexity } from './perplexity.js';
import { rouge } from './rouge.js';
import { type TokenUnit, tokenUnitOf } from './text-tokens.js';

interface Fixture {
  readonly cases: readonly {
    readonly name: string;
    readonly unit: TokenUnit;
    readonly predictions: readonly string[];
    readonly references: readonly (readonly string[])[];
    readonly exactMatch: readonly number[];
    readonly f1: readonly number[];
    readonly rouge: readonly { readonly rouge1: number; readonly rouge2: number; readonly rougeL: number }[];
    readonly bleu: number;
    readonly bleuSignature: string;
    readonly chrf: number;
    readonly chrfSignature: string;
    readonly bleuEach: readonly number[];
    readonly chrfEach: readonly number[];
    readonly distinct: readonly [number, number];
  }[];
}

const { cases } = JSON.parse(readFileSync('test/fixtures/metrics/generation.json', 'utf8')) as Fixture;
const near = (found: number, expected: number, what: string) =>
  assert.ok(Math.abs(found - expected) < 1e-9, `${what}: ${found}, expected ${expected}`);

for (const given of cases) {
  test(`${given.name}: the figures are those of SQuAD's script, rouge-score and sacreBLEU`, () => {
    const { predictions, references, unit } = given;
    const tokenizer = unit === 'characters' ? 'zh' : '13a';
    assert.equal(tokenUnitOf(references.flat()), unit);
    predictions.forEach((prediction, i) => {
      const right = references[i]!;
      const what = `'${prediction}'`;
      near(exactMatch(prediction, right, unit), given.exactMatch[i]!, `exact match of ${what}`);
      near(tokenF1(prediction, right, unit), given.f1[i]!, `F1 of ${what}`);
      const scores = rouge(prediction, right, unit);
      for (const key of ['rouge1', 'rouge2', 'rougeL'] as const) {
        near(scores[key], given.rouge[i]![key], `${key} of ${what}`);
      }
      near(corpusBleu([bleuCounts(prediction, right, tokenizer)]), given.bleuEach[i]!, `BLEU of ${what}`);
      near(corpusChrf([chrfCounts(prediction, right)]), given.chrfEach[i]!, `chrF of ${what}`);
    });
    const report = evaluateGeneration({ predictions, references, seed: 0, resamples: 50 });
    near(report.bleu!, given.bleu, 'BLEU');
    near(report.chrf!, given.chrf, 'chrF');
    assert.deepEqual(report.signatures, { bleu: given.bleuSignature, chrf: given.chrfSignature });
    near(report.distinct1!, given.distinct[0], 'distinct-1');
    near(report.distinct2!, given.distinct[1], 'distinct-2');
    const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    near(report.f1!, mean(given.f1), 'mean F1');
    near(report.rougeL!, mean(given.rouge.map(({ rougeL }) => rougeL)), 'mean ROUGE-L');
    for (const name of ['f1', 'rougeL', 'bleu', 'chrf'] as const) {
      const [low, high] = report.intervals[name]!;
      assert.ok(low < report[name]! && report[name]! < high, `${name} in its interval`);
    }
  });
}

test('perplexity weighs by tokens', () => {
  const answers = [
    { nll: 2, tokens: 1 },
    { nll: 1, tokens: 4 },
  ];
  near(perplexity(answers), Math.exp(3 / 5), 'perplexity');
});

test('nothing repeats, everything repeats', () => {
  near(distinct(['a b', 'c d'], 1, 'words'), 1, 'distinct-1');
  near(distinct(['a a', 'a a'], 1, 'words'), 1 / 4, 'distinct-1');
  near(distinct([''], 2, 'words'), 0, 'distinct-2');
  near(distinctSentences(['good food', 'good  food', 'bad']), 2 / 3, 'distinct sentences');
});

test('explanations: features covered, matched and shared', () => {
  const explanations = ['The battery life is great.', 'great screen', 'The battery life is great.', 'nothing'];
  const report = featureReport(explanations, ['battery life', 'screen', 'screen', 'price']);
  near(report.coverage, 2 / 3, 'coverage');
  near(report.matching, 2 / 4, 'matching');
  near(report.diversity, 1 / 6, 'diversity'); // one of six pairs shares one feature
  near(featureReport(['这家的电池很好'], ['电池']).coverage, 1, 'Chinese');
});
