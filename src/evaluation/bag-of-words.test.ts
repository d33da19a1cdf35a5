import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Random } from '../random.js';
import { fitBagOfWords, type LabelledText } from './bag-of-words.js';
import { predictLabels } from './predicted-labels.js';

const accuracy = (predicted: Int32Array, texts: readonly LabelledText[]) =>
  texts.filter(({ label }, i) => predicted[i] === label).length / texts.length;

describe('the bag-of-words baseline', () => {
  it('learns which words decide, in English and Chinese, for three labels', () => {
    const random = new Random(0);
    const telling = [['dull', '糟糕'], ['fair', '一般'], ['charming', '精彩']] as const; // biome-ignore format: a label a pair
    const make = (count: number): LabelledText[] =>
      Array.from({ length: count }, (_, i) => {
        const label = i % 3;
        const word = telling[label]![random.integer(2)]!;
        const noise = Array.from({ length: 6 }, () => `w${random.integer(50)}`);
        return { text: [...noise.slice(0, 3), word, ...noise.slice(3)].join(' '), label };
      });
    const [train, valid, test] = [make(150), make(30), make(300)];
    const model = fitBagOfWords(train, valid, 3);
    assert.ok(accuracy(predictLabels(model.score(test.map(({ text }) => text))), test) > 0.95);
  });

  it('fits separable texts at the smallest λ and its gradient vanishes', () => {
    // two texts, one word each: the optimum solves λ·w = σ(−m), with m the margin; checked through the scores' symmetry
    const texts = [{ text: 'good', label: 0 }, { text: 'bad', label: 1 }]; // biome-ignore format: short
    const { values } = fitBagOfWords(texts, texts, 2).score(['good', 'bad', 'unknown']);
    assert.ok(values[0]! - values[1]! > 1);
    assert.ok(Math.abs(values[0]! - values[3]!) < 1e-6 && Math.abs(values[1]! - values[2]!) < 1e-6);
    assert.ok(Math.abs(values[4]! - values[5]!) < 1e-6);
  });

  it('takes pairs of words into account', () => {
    const texts = ['not good', 'good not', 'not bad', 'bad not'].flatMap((text) =>
      Array.from({ length: 4 }, () => ({ text, label: text.startsWith('not') ? 1 : 0 })),
    );
    const model = fitBagOfWords(texts, texts, 2);
    assert.equal(accuracy(predictLabels(model.score(texts.map(({ text }) => text))), texts), 1);
  });
});
