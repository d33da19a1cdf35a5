import assert from 'node:assert/strict';
import { test } from 'node:test';
import { learnedToken, type PromptSequence } from '../prompt/sequence.js';
import { layOutRows, type RowLayout } from './row-layout.js';

const [A, B] = [learnedToken(0), learnedToken(1)];
const sequence = (context: number[], candidates: number[][], target?: number): PromptSequence => ({
  context: Int32Array.from(context),
  candidates: candidates.map((ids) => Int32Array.from(ids)),
  target,
});
const batch = [
  sequence([A, 5, 6], [[7, 8], [7, 8, 9], [7, 3, 9], [4]], 1),
  sequence([A, 5, B, 2], [[1], [1, 1, 1], [2], [2]], 0),
];

test('shared rows first, then each context, then its candidates as a tree', () => {
  const layout = layOutRows(batch, { sharedRows: 2, only: 'all' });
  assert.equal(layout.sharedRows, 2);
  //                                    shared   6, its tree: 7, 8, 3     B 2, its tree: 1, 1
  assert.deepEqual([...layout.ids], [0, 5, 6, 7, 8, 3, 0, 2, 1, 1]);
  assert.deepEqual([...layout.learned], [0, -1, -1, -1, -1, -1, 1, -1, -1, -1]);
  assert.deepEqual([...layout.positions], [0, 1, 2, 3, 4, 4, 2, 3, 4, 5]);
  assert.deepEqual(layout.examples, [
    { start: 2, predecessors: [-1, 0, 1, 1] },
    { start: 6, predecessors: [-1, 0, 1, 2] },
  ]);
  assert.deepEqual(
    layout.scored.map(({ example, candidate, row, token }) => [example, candidate, row, token]),
    [
      [0, 0, 0, 7],
      [0, 0, 1, 8],
      [0, 1, 0, 7],
      [0, 1, 1, 8],
      [0, 1, 2, 9],
      [0, 2, 0, 7],
      [0, 2, 1, 3],
      [0, 2, 3, 9],
      [0, 3, 0, 4],
      [1, 0, 1, 1],
      [1, 1, 1, 1],
      [1, 1, 2, 1],
      [1, 1, 3, 1],
      [1, 2, 1, 2],
      [1, 3, 1, 2],
    ],
  );
});

test('for the target alone, only its tokens have rows', () => {
  const layout = layOutRows(batch, { sharedRows: 0, only: 'target' });
  assert.deepEqual([...layout.ids], [0, 5, 6, 7, 8, 0, 5, 0, 2]);
  assert.deepEqual(layout.examples[0], { start: 0, predecessors: [-1, 0, 1, 2, 3] });
  assert.deepEqual(
    layout.scored.map(({ example, candidate, row, token }) => [example, candidate, row, token]),
    [
      [0, 1, 2, 7],
      [0, 1, 3, 8],
      [0, 1, 4, 9],
      [1, 0, 3, 1],
    ],
  );
});

test('every context keeps a row of its own, whose output predicts the label', () => {
  assert.equal(layOutRows(batch, { sharedRows: 3, only: 'all' }).sharedRows, 2);
  const shortest = layOutRows([...batch, sequence([A], [[1], [2], [3], [4]])], { sharedRows: 2, only: 'all' });
  assert.equal(shortest.sharedRows, 0);
  assert.deepEqual(shortest.examples[2], { start: 12, predecessors: [-1] });
});

test("reading a candidate's rows backwards gives the text before each of its tokens", () => {
  for (const sharedRows of [0, 1, 2]) {
    const { examples, scored, ids, learned, positions } = layOutRows(batch, { sharedRows, only: 'all' });
    const token = (row: number) => (learned[row] === -1 ? ids[row]! : learnedToken(learned[row]!));
    batch.forEach(({ context, candidates }, example) => {
      const { start, predecessors } = examples[example]!;
      candidates.forEach((candidate, c) => {
        const tokens = scored.filter((entry) => entry.example === example && entry.candidate === c);
        assert.deepEqual(
          tokens.map((entry) => entry.token),
          [...candidate],
        );
        tokens.forEach(({ row }, j) => {
          const line: number[] = [];
          for (let seen = row; seen >= 0; seen = predecessors[seen]!) line.unshift(start + seen);
          const rows = [...Array.from({ length: sharedRows }, (_, l) => l), ...line];
          assert.deepEqual(rows.map(token), [...context, ...candidate.slice(0, j)]);
          assert.deepEqual(
            rows.map((row) => positions[row]),
            rows.map((_, position) => position),
          );
        });
      });
    });
  }
});

test('candidates of one sequence as trees: each an example behind the whole context, which is shared', () => {
  const layout = layOutRows([batch[0]!], { sharedRows: 1, only: 'all', treeRows: 3 });
  assert.equal(layout.sharedRows, 2);
  //                                    shared 6 (4), 6 7 3, 6 7 8
  assert.deepEqual([...layout.ids], [0, 5, 6, 6, 7, 3, 6, 7, 8]);
  assert.deepEqual([...layout.positions], [0, 1, 2, 2, 3, 4, 2, 3, 4]);
  assert.deepEqual(layout.examples, [
    { start: 2, predecessors: [-1] },
    { start: 3, predecessors: [-1, 0, 1] },
    { start: 6, predecessors: [-1, 0, 1] },
  ]);
  const told = ({ scored }: RowLayout) =>
    scored.map((one) => `${one.sequence} ${one.candidate} ${one.token}`).toSorted();
  assert.deepEqual(told(layout), told(layOutRows([batch[0]!], { sharedRows: 1, only: 'all' })));
});
