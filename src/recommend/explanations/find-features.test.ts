import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainingSentence, featuresIn, sentencesOf } from './explanation-sentences.js';
import { findFeatures } from './find-features.js';

test('features are words that stand where nouns do, the most frequent first', () => {
  const texts = [
    'I love the strings. The price is right and the tone of this guitar sings.',
    'The strings are bright, and their price, well.',
    'My strings broke; the tone was thin, though the price is low.',
    'A tone to love. I love it. These strings are really good, really.',
    'Really good price for the strings, really. The tone, the tone!',
  ];
  const found = findFeatures(texts);
  assert.deepEqual(found.slice(0, 3).toSorted(), ['price', 'strings', 'tone']);
  for (const word of ['love', 'really', 'good', 'the']) assert.ok(!found.includes(word), word);
  assert.deepEqual(findFeatures([]), []);
});

test('a sentence explains that is neither long nor short and names a feature', () => {
  assert.deepEqual(sentencesOf('It works.I like it!  We\ndo too. 很好。便宜。'), [
    'It works.',
    'I like it!',
    'We do too.',
    '很好。',
    '便宜。',
  ]);
  const features = new Set(['price', 'battery life', 'tone']);
  assert.deepEqual(featuresIn('The battery life, and the PRICE, and the price-tag', features), [
    'battery life',
    'price',
  ]);
  const review = 'Good price. I have had it for two years now. The tone of it is warm. The price of it is fair too.';
  assert.deepEqual(explainingSentence(review, features, { whole: false }), {
    text: 'The tone of it is warm.',
    features: ['tone'],
  });
  assert.equal(
    explainingSentence(review, features, { whole: false, feature: 'price' })?.text,
    'The price of it is fair too.',
  );
  assert.equal(explainingSentence('Nothing here names any of them.', features, { whole: false }), undefined);
  assert.equal(explainingSentence('', features, { whole: true }), undefined);
  assert.equal(explainingSentence(review, features, { whole: true })?.text, review);
  assert.equal(
    explainingSentence('这把吉他的音色很好听。', new Set(), { whole: false })?.text,
    '这把吉他的音色很好听。',
  );
});
