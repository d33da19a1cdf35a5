import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ErrorCode } from '../errors.js';
import { learnedToken, type PromptSequence } from '../prompt/sequence.js';
import { type BatchLimits, checkBatch } from './check-batch.js';

const limits: BatchLimits = {
  config: { vocabularySize: 10, maxPositions: 9 },
  learnedTokens: 2,
  sharedRows: 2,
  maxPositions: 8,
  targetsNeeded: true,
};
const sequence = (context: number[], candidates: number[][] = [[7], [8, 9]], target?: number): PromptSequence => ({
  context: Int32Array.from(context),
  candidates: candidates.map((ids) => Int32Array.from(ids)),
  target,
});
const good = sequence([learnedToken(0), 1, 9, 0, 5, learnedToken(1)], undefined, 1);

test('a batch that fits is accepted', () => {
  checkBatch([good, { ...good, context: good.context.subarray(0, 1) }], limits);
  checkBatch([sequence([1])], { ...limits, targetsNeeded: false });
});

const refused: readonly [string, PromptSequence[], RegExp, ErrorCode?][] = [
  ['no sequence', [], /no sequences/],
  ['an empty context', [sequence([], undefined, 0)], /context of sequence 0 is empty/],
  ['no candidate', [sequence([1], [], 0)], /no candidates/],
  ['an empty candidate', [sequence([1], [[7], []], 0)], /or an empty one/],
  [
    'a sequence longer than the network was opened for',
    [good, sequence([learnedToken(0), 1, 2, 3, 4, 5, 6], undefined, 0)],
    /Sequence 1 has 9 tokens: 7 before the label and 2 .* at most 8\./,
    'SEQUENCE_TOO_LONG',
  ],
  ['an id outside the vocabulary', [sequence([1, 10], undefined, 0)], /token id 10\. Expected ids from 0 to 9/],
  ['a candidate id outside the vocabulary', [sequence([1], [[7], [8, 12]], 0)], /token id 12/],
  ['a learned token in a candidate', [sequence([1], [[7], [learnedToken(0)]], 0)], /token id -1/],
  ['a learned token that does not exist', [sequence([learnedToken(2)], undefined, 0)], /learned token 2/],
  ['no target', [good, { ...good, target: undefined }], /Sequence 1 has no right candidate/],
  ['a target outside the candidates', [{ ...good, target: 2 }], /right candidate 2/],
  ['candidates that differ in number', [good, sequence([learnedToken(0), 1], [[7]], 0)], /Sequence 1 has 1 candidates/],
  [
    'beginnings that are not shared',
    [good, sequence([learnedToken(0), 2, 9], undefined, 0)],
    /0 and 1 differ at token 1/,
  ],
];
for (const [name, batch, message, code = 'SEQUENCE_INVALID'] of refused) {
  test(`refused: ${name}`, () => {
    assert.throws(() => checkBatch(batch, limits), { name: 'SoftpromptError', code, message });
  });
}

test("the model's own positions are a limit too", () => {
  const long = sequence([1, 2, 3, 4, 5, 6, 7, 8], [[1, 2]], 0);
  assert.throws(() => checkBatch([long], { ...limits, maxPositions: 100 }), {
    code: 'SEQUENCE_TOO_LONG',
    message: /at most 9, the positions the model has/,
  });
});
