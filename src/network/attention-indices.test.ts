import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AttentionFeeds, attentionFeeds } from './attention-indices.js';
import { maskName } from './attention-shape.js';
import { attentionWindows, type ModelConfig } from './checkpoint/config.js';
import { layOutRows, type RowLayout } from './row-layout.js';

const H = 4;
const KV = 2;
const G = H / KV;
const config: ModelConfig = {
  family: 'llama',
  hiddenSize: 8,
  intermediateSize: 8,
  layers: 2,
  heads: H,
  keyValueHeads: KV,
  headSize: 2,
  vocabularySize: 10,
  maxPositions: 64,
  normEpsilon: 1e-5,
  slidingWindow: undefined,
  tiedEmbeddings: true,
};
const batch = [
  { context: [1, 5, 6], candidates: [[7, 8, 9], [7, 3, 2], [4]] },
  { context: [1, 5, 6, 4, 3, 2], candidates: [[1], [1, 1], [2]] },
].map(({ context, candidates }) => ({
  context: Int32Array.from(context),
  candidates: candidates.map((ids) => Int32Array.from(ids)),
  target: undefined,
}));

const VARIANTS = [0, 2].flatMap((sharedRows) =>
  [undefined, 3].map((slidingWindow) => ({
    name: `${sharedRows} shared rows, ${slidingWindow === undefined ? 'no window' : `a window of ${slidingWindow}`}`,
    layout: layOutRows(batch, { sharedRows, only: 'all' }),
    config: { ...config, slidingWindow },
  })),
);

const numbers = ({ feeds }: AttentionFeeds, name: string): number[] =>
  Array.from<number | bigint, number>(feeds[name]!, Number);

/** The inverse that an index and its padding must have: for each of `count` things, the one place that holds it. */
function placesOf(index: readonly number[], real: (place: number) => boolean, count: number): number[] {
  const places = new Array<number>(count).fill(-1);
  index.forEach((thing, place) => {
    if (!real(place)) return;
    assert.equal(places[thing], -1, `${thing} stands in two places`);
    places[thing] = place;
  });
  return places;
}

for (const { name, layout, config } of VARIANTS) {
  const attention = attentionFeeds(layout, config, { windows: attentionWindows(config) });
  const mask = (kind: string) => maskName(kind, config.slidingWindow);
  const { N, B, T, L, R } = attention.sizes;
  const ofFeed = (feed: string) => (attention.feeds[feed] === undefined ? [] : numbers(attention, feed));
  /** Whether a place of [KV, B, T, each] holds a row, not padding. */
  const isRow = (each: number) => (place: number) => {
    const row = Math.floor(place / each);
    return row >= KV * B * T || row % T < layout.examples[Math.floor(row / T) % B]!.predecessors.length;
  };

  test(`${name}: sizes`, () => {
    assert.deepEqual(attention.sizes, { N: layout.ids.length, B: 2, T: 7 - L, L: layout.sharedRows, R: 4 });
  });

  test(`${name}: heads go to blocks by key head, example, row and group, and every one comes back`, () => {
    const [queryOwn, keyOwn] = [ofFeed('queryOwn'), ofFeed('keyOwn')];
    const rotated = [...queryOwn, ...keyOwn, ...ofFeed('queryShared'), ...ofFeed('keyShared')];
    for (let kv = 0; kv < KV; kv++) {
      layout.examples.forEach(({ start, predecessors }, b) => {
        predecessors.forEach((_, t) => {
          const place = (kv * B + b) * T + t;
          assert.equal(keyOwn[place], (start + t) * (H + KV) + H + kv);
          assert.equal(ofFeed('valueOwn')[place], (start + t) * KV + kv);
          for (let g = 0; g < G; g++) assert.equal(queryOwn[place * G + g], (start + t) * (H + KV) + kv * G + g);
        });
      });
      for (let l = 0; l < L; l++) {
        assert.equal(ofFeed('keyShared')[kv * L + l], l * (H + KV) + H + kv);
        assert.equal(ofFeed('valueShared')[kv * L + l], l * KV + kv);
        for (let g = 0; g < G; g++) {
          assert.equal(ofFeed('queryShared')[(kv * L + l) * G + g], l * (H + KV) + kv * G + g);
        }
      }
    }
    const real = (place: number) => {
      if (place < queryOwn.length) return isRow(G)(place);
      return place >= queryOwn.length + keyOwn.length || isRow(1)(place - queryOwn.length);
    };
    assert.deepEqual(ofFeed('queryKeyInverse'), placesOf(rotated, real, N * (H + KV)));
    assert.deepEqual(
      ofFeed('valueInverse'),
      placesOf([...ofFeed('valueOwn'), ...ofFeed('valueShared')], isRow(1), N * KV),
    );
  });

  test(`${name}: what was attended goes back to the head that asked`, () => {
    const attended = ofFeed('attended');
    const asked = [...ofFeed('queryOwn'), ...ofFeed('queryShared')];
    for (let n = 0; n < N; n++) {
      for (let head = 0; head < H; head++) assert.equal(asked[attended[n * H + head]!], n * (H + KV) + head);
    }
    const back = [...ofFeed('attendedOwnInverse'), ...ofFeed('attendedSharedInverse')];
    assert.deepEqual(
      back,
      placesOf(attended, () => true, asked.length),
    );
  });

  test(`${name}: end rows are those that predict a scored token, each once`, () => {
    const [endRows, endPositions] = [ofFeed('endRows'), ofFeed('endPositions')];
    assert.equal(endRows.length, B * R);
    layout.scored.forEach(({ example, row }, k) => {
      const place = attention.scoredRows[k]!;
      assert.equal(Math.floor(place / R), example);
      assert.equal(endRows[place], layout.examples[example]!.start + row);
      assert.equal(endPositions[place], layout.positions[endRows[place]!]);
    });
    const used = new Set(attention.scoredRows);
    assert.deepEqual(
      ofFeed('endInverse'),
      placesOf(endRows, (place) => used.has(place), N),
    );
  });

  test(`${name}: a row sees the text before it, within the window, and nothing else`, () => {
    for (let l = 0; l < L; l++) {
      for (let g = 0; g < G; g++) {
        const visible = visibleIn(ofFeed(mask('maskShared')), l * G + g, L);
        assert.deepEqual(visible, expectedShared(layout, l, config.slidingWindow));
      }
    }
    layout.examples.forEach(({ start, predecessors }, b) => {
      const used = new Set(attention.scoredRows);
      for (const [row] of predecessors.entries()) {
        const end = ofFeed('endRows').findIndex((n, place) => n === start + row && used.has(place));
        for (let g = 0; g < G; g++) {
          const expected = expectedOwn(layout, b, row, config.slidingWindow);
          const shared = expectedShared(layout, start + row, config.slidingWindow);
          const place = (b * T + row) * G + g;
          assert.deepEqual(visibleIn(ofFeed(mask('maskOwn')), place, T), expected);
          if (L > 0 && config.slidingWindow !== undefined) {
            assert.deepEqual(visibleIn(ofFeed(mask('maskOwnToShared')), place, L), shared);
          }
          if (end === -1) continue;
          assert.deepEqual(visibleIn(ofFeed(mask('maskEnd')), end * G + g, T), expected);
          if (L > 0 && config.slidingWindow !== undefined) {
            assert.deepEqual(visibleIn(ofFeed(mask('maskEndToShared')), end * G + g, L), shared);
          }
        }
      }
    });
  });

  test(`${name}: padding sees something, so that its softmax is a number`, () => {
    for (const kind of ['maskOwn', 'maskEnd']) {
      const values = ofFeed(mask(kind));
      for (let row = 0; row < values.length / T; row++) assert.notEqual(visibleIn(values, row, T).length, 0);
    }
  });
}

/** The columns a row of a mask leaves visible; all others must be pushed far below any score. */
function visibleIn(mask: readonly number[], row: number, columns: number): number[] {
  const values = mask.slice(row * columns, (row + 1) * columns);
  assert.equal(values.length, columns);
  assert.ok(values.every((value) => value === 0 || value <= -1e9));
  return values.flatMap((value, column) => (value === 0 ? [column] : []));
}

/** Shared rows that row n of all N sees. */
function expectedShared({ sharedRows, positions }: RowLayout, n: number, window = Number.POSITIVE_INFINITY): number[] {
  const position = positions[n]!;
  return Array.from({ length: sharedRows }, (_, l) => l).filter((l) => l <= position && position - l < window);
}

/** Own rows of an example that its own row sees: itself and whatever stands before it in the text. */
function expectedOwn(
  { examples, positions }: RowLayout,
  example: number,
  row: number,
  window = Number.POSITIVE_INFINITY,
): number[] {
  const { start, predecessors } = examples[example]!;
  const before = (own: number): number[] => (own === -1 ? [] : [own, ...before(predecessors[own]!)]);
  return before(row)
    .filter((seen) => positions[start + row]! - positions[start + seen]! < window)
    .sort((a, b) => a - b);
}
