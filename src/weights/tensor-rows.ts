import { openForReading, readExactly } from '../files/read-bytes.js';
import { countValues, type StoredTensor } from './stored-tensor.js';
import { decodeValues, encodingOf } from './tensor-encoding.js';

const PIECE_VALUES = 1 << 20;

/**
 * A tensor's values in float32, whole rows at a time, about 4 MiB each: memory stays bounded whatever the tensor's size.
 * `rowsTogether` rows are never parted. Errors: TENSOR_TYPE_UNSUPPORTED, MODEL_FILE_UNREADABLE.
 */
export async function* readRowsAsFloat32(tensor: StoredTensor, rowsTogether = 1): AsyncGenerator<Float32Array> {
  const encoding = encodingOf(tensor);
  const rowValues = tensor.shape.at(-1) ?? 1;
  const rowBytes = (rowValues / encoding.values) * encoding.bytes;
  const rows = countValues(tensor.shape) / rowValues;
  const rowsAtOnce = Math.max(1, Math.floor(PIECE_VALUES / (rowValues * rowsTogether))) * rowsTogether;
  const file = await openForReading(tensor.file);
  try {
    for (let row = 0; row < rows; row += rowsAtOnce) {
      const bytes = Math.min(rowsAtOnce, rows - row) * rowBytes;
      yield decodeValues(encoding, await readExactly(file, tensor.offset + row * rowBytes, bytes));
    }
  } finally {
    await file.handle.close();
  }
}

/**
 * The rows [heads · headSize, in] of a q or k matrix as the half-split form of rotary embedding wants them, from rows
 * ordered for the interleaved form: there, rows 2j and 2j + 1 of a head turn together, here rows j and headSize/2 + j.
 */
export async function* readHeadsAsFloat32(tensor: StoredTensor, headSize: number): AsyncGenerator<Float32Array> {
  const rowValues = tensor.shape.at(-1) ?? 1;
  for await (const interleaved of readRowsAsFloat32(tensor, headSize)) {
    const split = new Float32Array(interleaved.length);
    for (let row = 0; row < interleaved.length / rowValues; row++) {
      const place = row % headSize;
      const from = row - place + (place < headSize / 2 ? 2 * place : 2 * place - headSize + 1);
      split.set(interleaved.subarray(from * rowValues, (from + 1) * rowValues), row * rowValues);
    }
    yield split;
  }
}

/** A matrix [rows, columns] as [columns, rows], whole. */
export async function* readTransposedAsFloat32(tensor: StoredTensor): AsyncGenerator<Float32Array> {
  const [rows, columns] = tensor.shape as [number, number];
  const values = await readWhole(tensor);
  const turned = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) turned[column * rows + row] = values[row * columns + column]!;
  }
  yield turned;
}

/** Rows [parts · heads · headSize, …], all heads of a part together, as [heads · parts · headSize, …], whole. */
export async function* readByHeadAsFloat32(
  tensor: StoredTensor,
  { heads, headSize, parts }: Readonly<Record<'heads' | 'headSize' | 'parts', number>>,
): AsyncGenerator<Float32Array> {
  const values = await readWhole(tensor);
  const block = values.length / (parts * heads); // one part of one head
  if (tensor.shape[0] !== parts * heads * headSize) throw new RangeError(`${tensor.shape[0]} rows for ${heads} heads`);
  const byHead = new Float32Array(values.length);
  for (let head = 0; head < heads; head++) {
    for (let part = 0; part < parts; part++) {
      const from = (part * heads + head) * block;
      byHead.set(values.subarray(from, from + block), (head * parts + part) * block);
    }
  }
  yield byHead;
}

async function readWhole(tensor: StoredTensor): Promise<Float32Array> {
  const values = new Float32Array(countValues(tensor.shape));
  let at = 0;
  for await (const rows of readRowsAsFloat32(tensor)) {
    values.set(rows, at);
    at += rows.length;
  }
  return values;
}
