import { withOpenFile } from '../files/read-bytes.js';
import { GgufCursor, type GgufValue, ggufInvalid } from './gguf-cursor.js';
import { countValues, findOverlap, type StoredTensor } from './stored-tensor.js';
import { ENCODINGS, unsupportedTensorType } from './tensor-encoding.js';

/** What the head of a GGUF file says, checked against the file's size. */
export interface GgufFile {
  readonly path: string;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  /** By ggml's names (`blk.0.attn_q.weight`); shapes are row-major, the reverse of ggml's order. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

const MAGIC = 0x46554747;
const DEFAULT_ALIGNMENT = 32;
const MAX_DIMENSIONS = 4;
/** Shortest possible metadata entry (key length, type, one byte) and tensor entry (name length, dimensions, type, offset). */
const MIN_ENTRY_BYTES = 13;
const MIN_TENSOR_BYTES = 24;

/** ggml's type numbers (ggml.h, `enum ggml_type`). */
const TYPE_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries({
    F32: 0,
    F16: 1,
    Q4_0: 2,
    Q4_1: 3,
    Q5_0: 6,
    Q5_1: 7,
    Q8_0: 8,
    Q8_1: 9,
    Q2_K: 10,
    Q3_K: 11,
    Q4_K: 12,
    Q5_K: 13,
    Q6_K: 14,
    Q8_K: 15,
    IQ2_XXS: 16,
    IQ2_XS: 17,
    IQ3_XXS: 18,
    IQ1_S: 19,
    IQ4_NL: 20,
    IQ3_S: 21,
    IQ2_S: 22,
    IQ4_XS: 23,
    I8: 24,
    I16: 25,
    I32: 26,
    I64: 27,
    F64: 28,
    IQ1_M: 29,
    BF16: 30,
    TQ1_0: 34,
    TQ2_0: 35,
    MXFP4: 39,
  }).map(([name, number]) => [number, name]),
);

/**
 * Reads and checks the head of a GGUF file, version 2 or 3, little-endian
 * (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md). Tensor data is not read.
 * Errors: GGUF_INVALID, TENSOR_TYPE_UNSUPPORTED, MODEL_FILE_UNREADABLE.
 */
export function readGguf(path: string): Promise<GgufFile> {
  return withOpenFile(path, async (file) => {
    const cursor = new GgufCursor(file);
    readVersion(path, cursor);
    const tensorCount = cursor.count('tensors', MIN_TENSOR_BYTES);
    const metadata = readMetadata(path, cursor);
    const entries = readTensorEntries(path, cursor, tensorCount);
    const alignment = readAlignment(path, metadata);
    const dataStart = Math.ceil(cursor.position / alignment) * alignment;
    const tensors = new Map<string, StoredTensor>();
    for (const entry of entries) {
      if (tensors.has(entry.name)) throw ggufInvalid(path, `it names tensor '${entry.name}' twice`, 'each name once');
      tensors.set(entry.name, placeTensor(path, entry, dataStart, alignment, file.size));
    }
    const overlap = findOverlap(tensors.values());
    if (overlap !== undefined) {
      const [a, b] = overlap;
      throw ggufInvalid(path, `tensors '${a.name}' and '${b.name}' share bytes`, 'tensors that lie apart');
    }
    return { path, metadata, tensors };
  });
}

interface TensorEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: number;
  /** From the start of the data, as claimed. */
  readonly offset: bigint;
}

function readVersion(path: string, cursor: GgufCursor): void {
  if (cursor.uint32() !== MAGIC) throw ggufInvalid(path, "it does not begin with 'GGUF'", 'a GGUF file');
  const version = cursor.uint32();
  if (version === 2 || version === 3) return;
  const found = version % 65536 === 0 ? 'it is big-endian' : `it has version ${version}`;
  throw ggufInvalid(path, found, 'a little-endian file of version 2 or 3');
}

function readMetadata(path: string, cursor: GgufCursor): Map<string, GgufValue> {
  const metadata = new Map<string, GgufValue>();
  // The count of metadata entries follows the count of tensors.
  const count = cursor.count('metadata entries', MIN_ENTRY_BYTES);
  for (let i = 0; i < count; i++) {
    const key = cursor.string();
    if (metadata.has(key)) throw ggufInvalid(path, `its metadata names '${key}' twice`, 'each key once');
    metadata.set(key, cursor.value(key));
  }
  return metadata;
}

function readTensorEntries(path: string, cursor: GgufCursor, count: number): TensorEntry[] {
  const entries: TensorEntry[] = [];
  for (let i = 0; i < count; i++) {
    const name = cursor.string();
    const dimensions = cursor.uint32();
    if (dimensions > MAX_DIMENSIONS) {
      throw ggufInvalid(path, `tensor '${name}' has ${dimensions} dimensions`, `at most ${MAX_DIMENSIONS}`);
    }
    const shape: number[] = [];
    for (let d = 0; d < dimensions; d++) shape.unshift(Number(cursor.uint64()));
    entries.push({ name, shape, type: cursor.uint32(), offset: cursor.uint64() });
  }
  return entries;
}

function readAlignment(path: string, metadata: ReadonlyMap<string, GgufValue>): number {
  const alignment = metadata.get('general.alignment') ?? DEFAULT_ALIGNMENT;
  if (typeof alignment === 'number' && alignment >= 1 && Number.isInteger(Math.log2(alignment))) return alignment;
  throw ggufInvalid(path, `its alignment is ${alignment}`, 'a power of two');
}

function placeTensor(
  path: string,
  entry: TensorEntry,
  dataStart: number,
  alignment: number,
  size: number,
): StoredTensor {
  const { name, shape } = entry;
  const dtype = TYPE_NAMES.get(entry.type) ?? `number ${entry.type}`;
  const encoding = ENCODINGS.get(dtype);
  if (encoding === undefined) throw unsupportedTensorType(path, name, dtype);
  const values = countValues(shape);
  if (!Number.isSafeInteger(values)) throw ggufInvalid(path, `tensor '${name}' has the shape [${shape}]`, 'sizes');
  if ((shape.at(-1) ?? 1) % encoding.values !== 0) {
    throw ggufInvalid(
      path,
      `tensor '${name}' has rows of ${shape.at(-1)}`,
      `multiples of ${encoding.values}, as ${dtype}`,
    );
  }
  const byteLength = (values / encoding.values) * encoding.bytes;
  if (entry.offset % BigInt(alignment) !== 0n) {
    throw ggufInvalid(path, `tensor '${name}' lies at ${entry.offset}`, `a multiple of the alignment ${alignment}`);
  }
  const offset = dataStart + Number(entry.offset);
  if (offset + byteLength > size) {
    throw ggufInvalid(path, `tensor '${name}' ends at byte ${offset + byteLength}`, `an end within the ${size} bytes`);
  }
  return { name, shape, dtype, file: path, offset, byteLength };
}
