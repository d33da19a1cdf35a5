import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SoftpromptError } from '../../errors.js';
import type { Checkpoint } from '../../network/checkpoint/checkpoint.js';
import { learnedToken, type PromptSequence } from '../../prompt/sequence.js';
import { describeBaseModel, matchBaseModel } from './base-model-match.js';
import { placementOf } from './placement.js';

const checkpoint: Checkpoint = {
  config: {
    family: 'llama',
    hiddenSize: 8,
    intermediateSize: 16,
    layers: 2,
    heads: 4,
    keyValueHeads: 2,
    headSize: 2,
    vocabularySize: 64,
    maxPositions: 128,
    normEpsilon: 1e-5,
    slidingWindow: undefined,
    tiedEmbeddings: false,
  },
  weights: new Map(),
  tokenizer: { kind: 'tokenizer.json', path: 'tokenizer.json' },
  source: 'models/tiny',
  hash: 'cd'.repeat(32),
};

test('a prompt knows its base model by the weights', () => {
  const learned = { method: 'soft', tokens: 1, options: {}, arrays: { prompt: [1, 8] } } as const;
  const baseModel = describeBaseModel(checkpoint);
  assert.equal(matchBaseModel({ learned, baseModel: { ...baseModel, source: 'another name' } }, checkpoint), 'same');
  assert.equal(matchBaseModel({ learned, baseModel: { ...baseModel, hash: '00' } }, checkpoint), 'other-weights');
  assert.equal(matchBaseModel({ learned, baseModel: 'models/tiny' }, checkpoint), 'unknown');
  assert.throws(
    () => matchBaseModel({ learned: { ...learned, tokens: 2, arrays: { prompt: [2, 4] } }, baseModel }, checkpoint),
    (error) => error instanceof SoftpromptError && error.code === 'PROMPT_BASE_MODEL',
  );
});

test('only learned tokens at the very start, in order, stand in front', () => {
  const placed = (...context: number[]) => {
    const sequence: PromptSequence = { context: Int32Array.from(context), candidates: [], target: undefined };
    return placementOf(sequence, 2);
  };
  const [a, b] = [learnedToken(0), learnedToken(1)];
  assert.equal(placed(a, b, 1, 5, 6), 'front');
  assert.equal(placed(1, a, b, 5), 'elsewhere');
  assert.equal(placed(a, 5, b), 'elsewhere');
  assert.equal(placed(b, a, 5), 'elsewhere');
  assert.equal(placed(a), 'elsewhere');
});
