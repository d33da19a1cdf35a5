import { SoftpromptError } from '../errors.js';
import { type OpenFile, readExactly, withOpenFile } from '../files/read-bytes.js';
import { countValues, findOverlap, type StoredTensor } from './stored-tensor.js';
import { decodeValues, encodingOf } from './tensor-encoding.js';

/** What the header of a `.safetensors` file says, checked against the file's size. */
export interface SafetensorsFile {
  readonly path: string;
  /** The `__metadata__` entry: free text by key. */
  readonly metadata: ReadonlyMap<string, string>;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

const MAX_HEADER_BYTES = 100_000_000;
const MAX_HEADER_DEPTH = 3;

/** Bits per value of every dtype of the format. */
const DTYPE_BITS: ReadonlyMap<string, number> = new Map([
  ['F4', 4],
  ['F6_E2M3', 6],
  ['F6_E3M2', 6],
  ...['BOOL', 'U8', 'I8', 'F8_E5M2', 'F8_E4M3', 'F8_E8M0', 'F8_E4M3FNUZ', 'F8_E5M2FNUZ'].map(
    (dtype) => [dtype, 8] as const,
  ),
  ...['I16', 'U16', 'F16', 'BF16'].map((dtype) => [dtype, 16] as const),
  ...['I32', 'U32', 'F32'].map((dtype) => [dtype, 32] as const),
  ...['I64', 'U64', 'F64', 'C64'].map((dtype) => [dtype, 64] as const),
]);

/**
 * Reads and checks the header of a safetensors file (https://github.com/huggingface/safetensors, "Format"): 8 bytes of
 * header length, a JSON object, then the tensors' bytes without holes or overlaps.
 * Errors: SAFETENSORS_INVALID, MODEL_FILE_UNREADABLE.
 */
export function readSafetensorsHeader(path: string): Promise<SafetensorsFile> {
  return withOpenFile(path, async (file) => {
    const headerBytes = await readHeaderLength(file);
    const header = parseHeader(path, await readExactly(file, 8, headerBytes));
    const dataStart = 8 + headerBytes;
    const tensors = new Map<string, StoredTensor>();
    let metadata: ReadonlyMap<string, string> = new Map();
    for (const [name, entry] of Object.entries(header)) {
      if (name === '__metadata__') metadata = parseMetadata(path, entry);
      else tensors.set(name, parseTensor(path, name, entry, dataStart, file.size));
    }
    checkCoverage(path, tensors, dataStart, file.size);
    return { path, metadata, tensors };
  });
}

/**
 * Values of one F32, F16 or BF16 tensor, row-major.
 * Errors: TENSOR_MISSING, TENSOR_TYPE_UNSUPPORTED, MODEL_FILE_UNREADABLE.
 */
export async function readTensorAsFloat32(file: SafetensorsFile, name: string): Promise<Float32Array> {
  const tensor = file.tensors.get(name);
  if (tensor === undefined) {
    throw new SoftpromptError('TENSOR_MISSING', {
      found: `${file.path} has no tensor '${name}', only ${listNames(file.tensors.keys())}`,
      expected: `a tensor '${name}'`,
      fix: 'Check that this is the right file.',
    });
  }
  const encoding = encodingOf(tensor);
  const bytes = await withOpenFile(file.path, (open) => readExactly(open, tensor.offset, tensor.byteLength));
  return decodeValues(encoding, bytes);
}

function listNames(names: Iterable<string>): string {
  const all = [...names];
  return all.length > 5 ? `${all.slice(0, 5).join(', ')} and ${all.length - 5} more` : all.join(', ') || 'none';
}

async function readHeaderLength(file: OpenFile): Promise<number> {
  if (file.size < 8) {
    throw invalid(file.path, `it has ${file.size} bytes`, 'at least 8 bytes, which hold the length of the header');
  }
  const view = new DataView((await readExactly(file, 0, 8)).buffer);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES)) {
    throw invalid(file.path, `its header claims ${length} bytes`, `at most ${MAX_HEADER_BYTES} bytes`);
  }
  if (length > BigInt(file.size - 8)) {
    throw invalid(file.path, `its header claims ${length} bytes`, `at most the ${file.size - 8} bytes that follow`);
  }
  return Number(length);
}

function parseHeader(path: string, bytes: Uint8Array): Record<string, unknown> {
  let header: unknown;
  let written: JsonOutline;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    written = outlineJson(text);
    // Deep nesting is refused before the parser sees it.
    header = written.depth > MAX_HEADER_DEPTH ? undefined : JSON.parse(text);
  } catch (cause) {
    throw invalid(path, `its header is not JSON: ${cause instanceof Error ? cause.message : cause}`, 'UTF-8 JSON');
  }
  if (!isRecord(header)) throw invalid(path, 'its header is not an object of tensors', 'a JSON object');
  const kept = Object.values(header).reduce<number>(
    (sum, entry) => sum + (isRecord(entry) ? Object.keys(entry).length : 0),
    Object.keys(header).length,
  );
  if (written.members !== kept) throw invalid(path, 'its header names a key twice', 'each name once');
  return header;
}

interface JsonOutline {
  /** Colons outside strings: in valid JSON the number of object members as written, duplicates included. */
  readonly members: number;
  readonly depth: number;
}

function outlineJson(text: string): JsonOutline {
  let members = 0;
  let depth = 0;
  let deepest = 0;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '"') {
      do {
        if (text[i] === '\\') i++;
        i++;
      } while (i < text.length && text[i] !== '"');
    } else if (character === '{' || character === '[') {
      deepest = Math.max(deepest, ++depth);
    } else if (character === '}' || character === ']') {
      depth--;
    } else if (character === ':') {
      members++;
    }
  }
  return { members, depth: deepest };
}

function parseMetadata(path: string, entry: unknown): ReadonlyMap<string, string> {
  const metadata = new Map<string, string>();
  if (!isRecord(entry)) throw invalid(path, '__metadata__ is not an object', 'text by key');
  for (const [key, value] of Object.entries(entry)) {
    if (typeof value !== 'string') throw invalid(path, `__metadata__ has no text at '${key}'`, 'text by key');
    metadata.set(key, value);
  }
  return metadata;
}

function parseTensor(path: string, name: string, entry: unknown, dataStart: number, fileSize: number): StoredTensor {
  const here = `tensor '${name}'`;
  if (!isRecord(entry) || Object.keys(entry).some((key) => !['dtype', 'shape', 'data_offsets'].includes(key))) {
    throw invalid(path, `${here} is not described as a tensor`, 'an object of dtype, shape and data_offsets');
  }
  const { dtype, shape, data_offsets: offsets } = entry;
  const bits = typeof dtype === 'string' ? DTYPE_BITS.get(dtype) : undefined;
  if (typeof dtype !== 'string' || bits === undefined) {
    throw invalid(
      path,
      `${here} has the dtype ${JSON.stringify(dtype)}`,
      `one of ${[...DTYPE_BITS.keys()].join(', ')}`,
    );
  }
  if (!isSizes(shape) || !Number.isSafeInteger(countValues(shape) * bits)) {
    throw invalid(path, `${here} has the shape ${JSON.stringify(shape)}`, 'a list of sizes');
  }
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!) {
    throw invalid(path, `${here} has the data_offsets ${JSON.stringify(offsets)}`, 'begin and end, in this order');
  }
  const [begin, end] = [offsets[0]!, offsets[1]!];
  if (dataStart + end > fileSize) {
    throw invalid(path, `${here} ends at byte ${dataStart + end}`, `an end within the file's ${fileSize} bytes`);
  }
  const bytes = (countValues(shape) * bits) / 8;
  if (end - begin !== bytes) {
    throw invalid(path, `${here} takes ${end - begin} bytes`, `${bytes} bytes for ${dtype} ${JSON.stringify(shape)}`);
  }
  return { name, shape, dtype, file: path, offset: dataStart + begin, byteLength: bytes };
}

function checkCoverage(path: string, tensors: ReadonlyMap<string, StoredTensor>, start: number, end: number): void {
  const overlap = findOverlap(tensors.values());
  if (overlap !== undefined) {
    throw invalid(path, `tensors '${overlap[0].name}' and '${overlap[1].name}' share bytes`, 'tensors that lie apart');
  }
  const covered = [...tensors.values()].reduce((sum, tensor) => sum + tensor.byteLength, 0);
  if (covered !== end - start) {
    throw invalid(path, `${end - start - covered} of its bytes belong to no tensor`, 'data without holes');
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

function invalid(path: string, found: string, expected: string): SoftpromptError {
  return new SoftpromptError('SAFETENSORS_INVALID', {
    found: `${path} is not a valid safetensors file: ${found}`,
    expected,
    fix: 'Download or save the file again.',
  });
}
