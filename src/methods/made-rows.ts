import * as op from '../autodiff/build.js';
import { multiplySizes } from '../autodiff/size.js';
import type { Tensor } from '../autodiff/tensor.js';
import type { MadeRows, Trainable } from '../network/trainable.js';

/** A place whose rows are made, and how. */
export interface RowMap extends MadeRows {
  /** Names the arrays. */
  readonly name: string;
  /** Hidden numbers of the map; 0 for a linear one. */
  readonly hidden: number;
}

/** The arrays of a map: rows = bias + weight · v, or bias + weight · tanh(hidden · v) with one hidden layer. */
export const mapArrays = ({ name }: Pick<RowMap, 'name'>) => ({
  hidden: `${name} hidden`,
  weight: `${name} weight`,
  bias: `${name} bias`,
});

/**
 * A method with rows made of vectors beside what it learns itself: personal prompts, as the mappings of CoLLM (Zhang et al.
 * 2023, section 3.2.2) and PeaPOD. The maps' arrays: `NAME weight` [rows·d, inputs or hidden], `NAME bias` [rows·d], and
 * `NAME hidden` [hidden, inputs]. The gradient of the rows flows into them.
 * @param width d
 */
export function withMadeRows(base: Trainable, maps: readonly RowMap[], width: number): Trainable {
  const shapes = maps.map((map) => {
    const names = mapArrays(map);
    const { rows, inputs, hidden } = map;
    return {
      ...(hidden > 0 && { [names.hidden]: [hidden, inputs] }),
      [names.weight]: [rows * width, hidden > 0 ? hidden : inputs],
      [names.bias]: [rows * width],
    };
  });
  return {
    arrays: Object.assign({}, base.arrays, ...shapes),
    rows: base.rows,
    leadingRows: base.leadingRows,
    made: maps.map(({ rows, inputs }) => ({ rows, inputs })),
    enter: (arrays, config, given) => {
      const entry = base.enter(arrays, config, []);
      const made = maps.map((map, place) => makeRows(map, arrays, given[place]!, width));
      const rows = entry.rows !== undefined && base.rows > 0 ? [entry.rows, ...made] : made;
      return { ...entry, rows: rows.length === 1 ? rows[0]! : op.concat(rows, 0) };
    },
  };
}

/** [G, inputs] → [G·rows, d] */
function makeRows(map: RowMap, arrays: Readonly<Record<string, Tensor>>, given: Tensor, width: number): Tensor {
  const names = mapArrays(map);
  const seen = map.hidden > 0 ? op.tanh(op.linear(given, arrays[names.hidden]!)) : given;
  const rows = op.add(op.linear(seen, arrays[names.weight]!), arrays[names.bias]!); // [G, rows·d]
  return op.reshape(rows, [multiplySizes(given.shape[0]!, map.rows), width]);
}

/** The rows [rows, width] that a map makes of one vector, outside the network. */
export function rowsMadeOf(
  { name, rows, inputs, hidden }: RowMap,
  arrays: Readonly<Record<string, Float32Array>>,
  vector: Float32Array,
): Float32Array {
  const names = mapArrays({ name });
  const times = (matrix: Float32Array, x: ArrayLike<number>, columns: number) =>
    Float64Array.from({ length: matrix.length / columns }, (_, i) => {
      let sum = 0;
      for (let j = 0; j < columns; j++) sum += matrix[i * columns + j]! * x[j]!;
      return sum;
    });
  const seen = hidden > 0 ? times(arrays[names.hidden]!, vector, inputs).map(Math.tanh) : vector;
  const bias = arrays[names.bias]!;
  const made = times(arrays[names.weight]!, seen, hidden > 0 ? hidden : inputs);
  if (bias.length % rows !== 0) throw new RangeError(`${bias.length} numbers for ${rows} rows`);
  return Float32Array.from(made, (x, i) => x + bias[i]!);
}

/** Under which name rows that were made before stand among the arrays. */
const FIXED_ROWS = 'made';

/**
 * A method with rows that were made outside the network: its numbers, then the rows [rows, width] of one text. What was learned
 * with `withMadeRows` serves so, a text at a time, wherever learned tokens do.
 */
export function withFixedRows(base: Trainable, rows: number, width: number): Trainable {
  return {
    arrays: { ...base.arrays, [FIXED_ROWS]: [rows, width] },
    rows: base.rows + rows,
    leadingRows: base.leadingRows,
    enter: (arrays, config) => {
      const entry = base.enter(arrays, config, []);
      const fixed = arrays[FIXED_ROWS]!;
      return { ...entry, rows: entry.rows !== undefined && base.rows > 0 ? op.concat([entry.rows, fixed], 0) : fixed };
    },
  };
}
