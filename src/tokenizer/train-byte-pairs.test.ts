import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTokenizer } from './hugging-face-tokenizer.js';
import { countPieces, trainBytePairs } from './train-byte-pairs.js';

const TEXTS = [
  "It's a good film, a good good film; the film is 100 % fine.",
  '这部电影很好看，这部电影真好看。 OK\n\n  好的 😀',
];

function counted(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of TEXTS) countPieces(text, counts);
  return counts;
}

/** An object lists keys that read as whole numbers first, so its order is not that of the ids. */
function byId(vocabulary: unknown): string[] {
  const ids = Object.entries(vocabulary as Record<string, number>);
  return ids.sort((a, b) => a[1] - b[1]).map(([name]) => name);
}

test('every character belongs to exactly one piece', () => {
  for (const text of TEXTS) {
    const counts = new Map<string, number>();
    countPieces(text, counts);
    const length = [...counts].reduce((sum, [piece, count]) => sum + piece.length * count, 0);
    assert.equal(length, text.length);
  }
});

test('merges are those of counting all pairs anew after each merge', () => {
  const json = trainBytePairs(counted(), 310, ['<eos>']);
  let words = [...counted()].map(([piece, count]) => ({ ids: [...Buffer.from(piece)].map((byte) => byte + 1), count }));
  const expected: string[] = [];
  const names = byId(json.model.vocab).slice(0, 257);
  while (names.length < 310) {
    const totals = new Map<string, number>();
    for (const { ids, count } of words) {
      ids.slice(1).forEach((right, i) => {
        const key = `${ids[i]} ${right}`;
        totals.set(key, (totals.get(key) ?? 0) + count);
      });
    }
    const ranked = [...totals].map(([key, count]) => ({ ids: key.split(' ').map(Number) as [number, number], count }));
    ranked.sort((a, b) => b.count - a.count || a.ids[0] - b.ids[0] || a.ids[1] - b.ids[1]);
    const best = ranked[0];
    if (best === undefined || best.count < 2) break;
    const [left, right] = best.ids;
    const merged = names.push(names[left]! + names[right]!) - 1;
    expected.push(names[merged]!);
    words = words.map(({ ids, count }) => {
      const next = [...ids];
      for (let i = 0; i + 1 < next.length; i++) {
        if (next[i] === left && next[i + 1] === right) next.splice(i, 2, merged);
      }
      return { ids: next, count };
    });
  }
  assert.ok(expected.length > 20);
  assert.deepEqual(byId(json.model.vocab).slice(257), expected);
});

test('the tokenizer gives every text back and has words of the texts as single tokens', () => {
  const tokenizer = createTokenizer(trainBytePairs(counted(), 400, ['<eos>']), undefined, 'trained');
  for (const text of [...TEXTS, 'unseen ñ 龘 \u0000']) assert.equal(tokenizer.decode(tokenizer.encode(text)), text);
  assert.equal(tokenizer.encode(' film').length, 1);
  assert.equal(tokenizer.encode('好看').length, 1);
  assert.deepEqual([...tokenizer.special], [0]);
});
