import * as op from '../../autodiff/build.js';
import { multiplySizes, type Size } from '../../autodiff/size.js';
import type { Tensor } from '../../autodiff/tensor.js';
import type { Feed } from '../../runtime/program.js';
import { constantStart, fanInStart, type WeightSpecs } from '../../training/network-weights.js';
import type { EncoderGraph, EncoderShape, SequenceEncoder } from './encoder.js';

/** Rows that a run takes at most: a run holds as many steps as the longest history may have, whatever its own have. */
const ROWS_AT_ONCE = 4096;

/** Of each layer PyTorch's, its gates in the order reset, update, new; behind them a linear layer. */
export function gruEncoderWeights({ width: d, layers }: EncoderShape): WeightSpecs {
  const layer = (name: string): WeightSpecs => ({
    [`${name}.in.weight`]: fanInStart(3 * d, d),
    [`${name}.in.bias`]: constantStart(0, [3 * d]),
    [`${name}.state.weight`]: fanInStart(3 * d, d),
    [`${name}.state.bias`]: constantStart(0, [3 * d]),
  });
  return {
    ...Object.assign({}, ...Array.from({ length: layers }, (_, i) => layer(`gru${i}`))),
    'gru.out.weight': fanInStart(d, d),
    'gru.out.bias': constantStart(0, [d]),
  };
}

/**
 * Gated recurrent units over packed sequences (Cho et al. 2014; for items Hidasi et al. 2016, "Session-based Recommendations
 * with Recurrent Neural Networks"), unrolled: the graph has a step for each place that a history may have, side by side for
 * all sequences of a batch. Steps behind a sequence's end compute what nobody reads.
 */
export function gruEncoder(shape: EncoderShape, steps: number): SequenceEncoder {
  const rows = (items: Tensor, graph: EncoderGraph) => encodeRows(items, shape, steps, graph);
  return {
    rows,
    lastRows: (items, graph) => op.gather(rows(items, graph), graph.feed('lastRows', ['B'], 'int64')),
    feeds: (lengths) => stepFeeds(lengths, steps),
    rowsAtOnce: ROWS_AT_ONCE,
    packWeights: false,
  };
}

function encodeRows(items: Tensor, { width: d, layers }: EncoderShape, steps: number, graph: EncoderGraph): Tensor {
  const { weight, feed, drop } = graph;
  const places: Size = multiplySizes(steps, 'B');
  const linear = (x: Tensor, name: string) => op.add(op.linear(x, weight(`${name}.weight`)), weight(`${name}.bias`));
  const rowOfPlace = feed('rowOfPlace', [places], 'int64');
  const placeOfRow = feed('placeOfRow', ['N'], 'int64');
  let [x] = op.regroup([drop(items, 'embedding dropout')], [rowOfPlace], [placeOfRow], {
    padded: true,
    inversePadded: false,
  });
  const everyStep = Array.from({ length: steps }, (): Size => 'B');
  for (let i = 0; i < layers; i++) {
    const told = op.split(linear(x!, `gru${i}.in`), 0, everyStep); // steps × [B, 3d]
    let state = op.fill(['B', d], 0);
    const states = told.map((input) => {
      const remembered = linear(state, `gru${i}.state`);
      const [gatesIn, newIn] = op.split(input, 1, [2 * d, d]);
      const [gatesState, newState] = op.split(remembered, 1, [2 * d, d]);
      const [reset, update] = op.split(op.sigmoid(op.add(gatesIn!, gatesState!)), 1, [d, d]);
      const fresh = op.tanh(op.add(newIn!, op.multiply(reset!, newState!)));
      state = op.add(fresh, op.multiply(update!, op.subtract(state, fresh))); // (1 − z)·n + z·h
      return state;
    });
    x = op.concat(states, 0);
  }
  const [encoded] = op.regroup([x!], [placeOfRow], [rowOfPlace], { padded: false, inversePadded: true });
  return linear(drop(encoded!, 'outer dropout'), 'gru.out');
}

/** Where each row of the packed sequences stands among the steps, step after step for all sequences, and the way back. */
function stepFeeds(lengths: readonly number[], steps: number): Readonly<Record<string, Feed>> {
  const B = lengths.length;
  const rowOfPlace = new BigInt64Array(steps * B).fill(-1n);
  const places: bigint[] = [];
  for (const [b, length] of lengths.entries()) {
    if (length > steps) throw new RangeError(`a history of ${length} rows for ${steps} steps`);
    for (let t = 0; t < length; t++) {
      rowOfPlace[t * B + b] = BigInt(places.length);
      places.push(BigInt(t * B + b));
    }
  }
  return { rowOfPlace, placeOfRow: BigInt64Array.from(places) };
}
